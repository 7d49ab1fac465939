/**
 * Everything that paints, in a real terminal with colours: no escape sequence is shown as text, and
 * no line runs over the right edge.
 *
 * @module
 */
import { displayWidth } from "../../shell/base/format.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { haveTerminal, Terminal } from "../support/terminal.ts";
import { VTORRENT, Vtorrent } from "../support/vtorrent.ts";

const ignore = !await haveTerminal();

/** A colour as it should arrive, and everything that a terminal shows of one that does not. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const COLOUR = /\x1b\[[0-9;]*m/;
// deno-lint-ignore no-control-regex -- as above
const SHOWN_ESCAPE = /\x1b|\^\[|\\x1b|\\e|\\u001b/i;

/** A name as long as real ones are, with signs of two columns. */
const NAME = "Lecture 03 - Reliable data transfer, 輻輳制御 and the sliding window.pdf";

/** A terminal with colours, whatever the tests themselves run in. */
function colourTerminal(
  args: readonly string[],
  options: { cwd: string; columns: number; rows?: number },
): Promise<Terminal> {
  const command = ["env", "-u", "NO_COLOR", "TERM=xterm-256color", VTORRENT, ...args];
  return Terminal.start(command, { rows: 50, ...options });
}

/** Fails where the output so far is not fit to be seen. */
async function assertClean(terminal: Terminal, columns: number): Promise<void> {
  for (const line of await terminal.history()) {
    assert(!SHOWN_ESCAPE.test(line), `An escape sequence is text in: ${line}`);
    // Typed lines and links are as long as they are.
    const isOurs = !/^peer \d> |magnet:|https?:/.test(line);
    assert(!isOurs || displayWidth(line) <= columns, `More than ${columns} columns: ${line}`);
  }
}

async function assertColoured(terminal: Terminal): Promise<void> {
  assert(COLOUR.test(await terminal.colours()), "Nothing is painted");
}

for (const columns of [80, 120]) {
  Deno.test({ name: `the demo in colour, ${columns} columns`, ignore }, async () => {
    await using folder = await TempFolder.make();
    await folder.write(NAME, patternBytes(6 << 20));
    const args = ["demo", "--file", NAME, "--seconds", "2"];
    await using terminal = await colourTerminal(args, { cwd: folder.path, columns });
    const lines = await terminal.untilHistory(
      (lines) => lines.some((line) => /^\[ended \d+\]/.test(line)),
      "the demo's end",
      60_000,
    );
    await assertClean(terminal, columns);
    const screen = lines.join("\n");
    assert(screen.includes("[ended 0]"), screen);
    assert(/█ complete: 6\.0 MiB/.test(screen), screen);
  });

  Deno.test({ name: `a session's screens in colour, ${columns} columns`, ignore }, async () => {
    await using folder = await TempFolder.make();
    await folder.write(`peer_files/peer_1/${NAME}`, patternBytes(3 << 20));
    await folder.write("peer_files/peer_1/notes.txt", patternBytes(100));
    const { tracker, url } = await Vtorrent.tracker({ cwd: folder.path });
    await using _ = tracker;
    const where = ["--host", "127.0.0.1", "--port", "0", "--tracker", url];
    const open = (id: string, more: string[] = []) =>
      colourTerminal(["peer", id, ...where, ...more], { cwd: folder.path, columns });
    await using seed = await open("1", ["--upload-limit", "256K"]);
    await seed.until(/^peer 1>/m);
    await seed.enter(`torrent -mode send ${NAME}`);
    await seed.until(/in catalogue +yes/);
    await using leech = await open("2");
    await leech.until(/^peer 2>/m);
    await leech.enter("explain on");
    await leech.until(/explain/i);
    await leech.enter(`torrent -mode download ${NAME}`);
    await leech.enter("explain off");
    await leech.enter("status --watch");
    await leech.until(/any other key ends this/);
    await leech.until(/[▁▂▃▄▅▆▇█]/);
    await assertColoured(leech);
    await assertClean(leech, columns);
    await leech.press("q");
    for (const [line, shown] of SCREENS) {
      await leech.enter(line);
      await leech.until((lines) => shown.test(answerTo(line, lines)));
      await assertClean(leech, columns);
    }
    await leech.untilHistory((lines) => lines.some((line) => /complete:/.test(line)), "the end");
    await seed.enter("peerinfo");
    await assertClean(leech, columns);
    await assertClean(seed, columns);
  });

  Deno.test({ name: `programs in colour, ${columns} columns`, ignore }, async () => {
    await using folder = await TempFolder.make();
    await folder.write(NAME, patternBytes(2 << 20));
    const runs: [args: string[], status: number][] = [
      [["--help"], 0],
      [["peer", "--help"], 0],
      [["create", NAME, "--output", "a.torrent"], 0],
      [["show", "a.torrent"], 0],
      [["verify", "a.torrent"], 0],
      [["show", "missing.torrent"], 1],
      [["creat", NAME], 28],
      [["peer", "1", "--port", "none"], 28],
    ];
    for (const [args, status] of runs) {
      await using terminal = await colourTerminal(args, { cwd: folder.path, columns });
      const lines = await terminal.untilHistory(
        (lines) => lines.some((line) => /^\[ended \d+\]/.test(line)),
        `the end of ${args.join(" ")}`,
      );
      assertEquals(/\[ended (\d+)\]/.exec(lines.at(-1)!)?.[1], `${status}`, lines.join("\n"));
      await assertClean(terminal, columns);
    }
  });
}

/** What stands below the last time that `line` was typed. */
function answerTo(line: string, screen: readonly string[]): string {
  const words = line.split(" ").slice(0, 3).join(" ");
  const at = screen.findLastIndex((one) => one.includes(`> ${words}`));
  return at < 0 ? "" : screen.slice(at + 1).join("\n");
}

/** Lines typed into a session, and what shows that their answer is there. */
const SCREENS: readonly (readonly [line: string, shown: RegExp])[] = [
  ["status", /Lecture/],
  ["list", /notes\.txt|Lecture/],
  ["fileinfo", /Lecture/],
  [`fileinfo ${NAME}`, /info.hash/],
  ["peerinfo", /peer/],
  ["help", /download/],
  ["help download", /download/],
  ["nonsense", /nonsense/],
  ["torrent -mode download nothing-of-that-name", /nothing-of-that-name/],
];
