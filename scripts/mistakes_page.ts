/**
 * `docs/classic-mistakes.md`: the mistakes that the tests plant, and the probes that find them.
 *
 * @module
 */
import { PEER_MUTANTS } from "../tests/grade/mutants.ts";
import { TRACKER_MISTAKES } from "../tests/grade/tracker_mistakes.ts";
import { table } from "./matrix_page.ts";

/** The whole page. */
export function mistakesPage(): string {
  const peers = [...PEER_MUTANTS].sort((a, b) => rank(a.probe) - rank(b.probe));
  return [
    "# Classic mistakes",
    "<!-- Made by `deno task docs` from tests/grade/mutants.ts and tracker_mistakes.ts. -->",
    "Mistakes that are found in programs of students and in public solutions of courses. Each one is " +
    "planted in a small right program in the tests (`tests/grade/right_peer.py`, `right_tracker.py` " +
    "and the same in TypeScript; `--bug NAME`), and its probe has to find it. To see what the report " +
    "of one looks like:",
    "```sh\nvtorrent grade peer --only P5 -- python3 tests/grade/right_peer.py --bug last-block-long\n```",
    "## Peers",
    table(
      ["the program", "probe", "the report says that it saw"],
      peers.map(({ mistake, probe, says }) => [inWords(mistake), probe, says]),
    ),
    "Where a whole row of probes fails for one reason, the report ends with a lesson. The one that " +
    "is needed most: TCP is a stream, and one read is not one message (P5.4 to P5.7).",
    "## Trackers",
    table(
      ["what is wrong", "probe"],
      TRACKER_MISTAKES.map(({ wrong, probe }) => [inWords(wrong), probe]),
    ),
  ].join("\n\n") + "\n";
}

function inWords(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** P5.10 comes behind P5.9. */
function rank(probe: string): number {
  const [step, number] = probe.slice(1).split(".").map(Number);
  return 100 * step! + number!;
}
