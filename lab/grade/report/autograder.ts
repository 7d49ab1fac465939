/**
 * An autograder for Gradescope: a ZIP with this program, which needs no network where it runs.
 *
 * @module
 */
import type { Subject } from "../step.ts";
import { zip } from "./zip.ts";

/** `setup.sh` and `run_autograder` are the names that Gradescope starts. */
export function autograderZip(
  subject: Subject,
  program: Uint8Array,
  rubric: string,
): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  return zip([
    { name: "setup.sh", bytes: encoder.encode(SETUP), executable: true },
    { name: "run_autograder", bytes: encoder.encode(runText(subject)), executable: true },
    { name: "rubric.jsonc", bytes: encoder.encode(rubric) },
    { name: "vtorrent", bytes: program, executable: true },
  ]);
}

const SETUP = `#!/bin/sh
# Runs once, when the image is made. Install here what submissions need (a compiler, an interpreter).
chmod +x /autograder/source/vtorrent
`;

function runText(subject: Subject): string {
  return `#!/bin/sh
# Runs for each submission, in a container. The marks are in results.json, not in the exit status.
export HOME=\${HOME:-/root}
/autograder/source/vtorrent grade ${subject} --rubric /autograder/source/rubric.jsonc \\
  --dir /autograder/submission --gradescope /autograder/results/results.json
exit 0
`;
}
