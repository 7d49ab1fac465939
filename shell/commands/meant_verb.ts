/**
 * What somebody means who types a word of another shell or client: the verb that does it here. Pure.
 *
 * @module
 */

/** Words of other clients, of `git` and of catalogues → verb. */
export const VERB_FOR: Readonly<Record<string, string>> = {
  add: "download",
  fetch: "download",
  magnet: "download",
  leech: "download",
  upload: "send",
  put: "send",
  publish: "send",
  seed: "send",
  push: "send",
  file: "fileinfo",
  files: "fileinfo",
  info: "fileinfo",
  show: "fileinfo",
  magnets: "fileinfo",
  dir: "list",
  catalog: "list",
  catalogue: "list",
  search: "list",
  find: "list",
  torrents: "status",
  progress: "status",
  downloads: "status",
  ps: "status",
  top: "status --watch",
  watch: "status --watch",
  who: "peerinfo",
  swarm: "peerinfo",
  continue: "resume",
  unpause: "resume",
  cancel: "stop",
  leave: "stop",
  delete: "remove",
  del: "remove",
  unpublish: "remove",
  check: "verify",
  rehash: "verify",
  name: "rename",
  nick: "rename",
  kick: "disconnect",
  ban: "disconnect",
  connect: "reconnect",
  unban: "reconnect",
  speed: "limit",
  throttle: "limit",
  stats: "scrape",
  web: "open",
  browser: "open",
  narrate: "explain",
  verbose: "explain",
  bye: "exit",
  logout: "exit",
  close: "exit",
  ":q": "exit",
};

/** Commands of the system's shell that people try. */
const OF_THE_SYSTEM: ReadonlySet<string> = new Set(
  "$ cat cd chmod cp curl date df du echo env git grep head ifconfig ip kill less mkdir mv nano "
    .concat("ping pwd python3 ssh sudo tail tmux touch unzip vi vim wget whoami")
    .split(" "),
);

/** Programs that are called like no verb. */
export const PROGRAM_WORDS: ReadonlySet<string> = new Set(
  "completions create demo edit grade lab link man peer room tracker".split(" "),
);

/**
 * A hint about an unknown verb that somebody typed for a reason; undefined where none can be seen.
 * `verbs` are those that can be typed here.
 */
export function meantBy(word: string, verbs: readonly string[]): string | undefined {
  if (word === "history") return "The up arrow brings back what was typed, Ctrl-R searches it.";
  const verb = VERB_FOR[word];
  if (verb !== undefined && verbs.includes(verb.split(" ")[0]!)) return `Did you mean "${verb}"?`;
  if (/(^|[/\\])vtorrent(\.exe)?$/.test(word)) {
    return "Programs are started from your system's prompt: open another terminal";
  }
  if (PROGRAM_WORDS.has(word)) {
    return `It is a program: type vtorrent ${word} in another terminal`;
  }
  return OF_THE_SYSTEM.has(word)
    ? "It is a command of your system: type it in another terminal"
    : undefined;
}
