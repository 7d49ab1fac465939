/**
 * A new template out of the answers to six questions.
 *
 * @module
 */

/** One question. */
export interface Question {
  readonly key: keyof Answers;
  readonly asks: string;
  /** Taken where nothing is answered; undefined where an answer is needed. */
  readonly usual?: string;
}

/** What was answered. */
export interface Answers {
  readonly folder: string;
  readonly tracker: string;
  readonly peer: string;
  readonly share: string;
  readonly download: string;
  readonly leave: string;
}

/** The six questions. */
export const QUESTIONS: readonly Question[] = [
  { key: "folder", asks: "Folder of the program, seen from the template", usual: "." },
  {
    key: "tracker",
    asks: "Command that starts the tracker ({tracker_port} is a port for it)",
    usual: "python3 tracker.py {tracker_port}",
  },
  {
    key: "peer",
    asks:
      "Command that starts a peer ({ip} {port}: its own; {tracker} {tracker_port}: the tracker's)",
    usual: "python3 peer.py {ip} {port} {tracker} {tracker_port}",
  },
  { key: "share", asks: "What is typed into it to share {file}", usual: "share {file}" },
  { key: "download", asks: "What is typed to fetch {file}", usual: "download {file}" },
  { key: "leave", asks: "What is typed to leave", usual: "exit" },
];

/** The template, with words on what to fill in next. */
export function newTemplate(answers: Answers): string {
  const text = JSON.stringify;
  return `// How the program is driven. Try it: vtorrent grade swarm THIS-FILE rehearse
{
  "grade": 1,
  "folder": ${text(answers.folder)},
  // "build": "make",            run once
  // "pty": true,                 for programs that want a terminal
  "tracker": {
    "run": ${text(answers.tracker)}
    // "ready": "listening"       what it shows when it is ready (a regular expression)
  },
  "peer": {
    "run": ${text(answers.peer)}
    // "ready": "> "
  },
  "share": {
    // "put": "files/{file}",     where the file has to lie; default: {file}
    "type": [${text(answers.share)}]
    // "type": [${text(answers.share)}, { "wait": "shared" }]    better: wait for its answer
  },
  "download": {
    "type": [${text(answers.download)}],
    "file": "{file}"              // where the file appears
    // "done": "complete"         what it says then; shown, never believed
  },
  "leave": { "type": [${text(answers.leave)}] }
}
`;
}
