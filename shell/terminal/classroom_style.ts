/**
 * The classroom's face: a banner that types itself, and a sign for what happens. Off by default.
 *
 * @module
 */
import type { TerminalStyle } from "../view/view.ts";
import type { Output } from "../base/environment.ts";

const BANNER = [
  "        _                            _   ",
  " __   _| |_ ___  _ __ _ __ ___ _ __ | |_ ",
  " \\ \\ / / __/ _ \\| '__| '__/ _ \\ '_ \\| __|",
  "  \\ V /| || (_) | |  | | |  __/ | | | |_ ",
  "   \\_/  \\__\\___/|_|  |_|  \\___|_| |_|\\__|",
];

/** ms between two columns of the banner: half a second in all. */
const STEP_MS = 12;

/** Types the banner, column by column where somebody looks. */
export async function typeBanner(
  output: Output,
  look: TerminalStyle,
  signal: AbortSignal,
): Promise<void> {
  const width = BANNER[0]!.length;
  if (look.columns <= width) return;
  const paint = (line: string): string => look.colour ? `\x1b[36m${line}\x1b[39m` : line;
  if (!output.isTerminal) {
    output.write(BANNER.map((line) => `${line.trimEnd()}\n`).join(""));
    return;
  }
  for (let column = 1; column <= width && !signal.aborted; column++) {
    output.live(BANNER.map((line) => paint(line.slice(0, column))).join("\n"));
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  output.live("");
  output.write(BANNER.map((line) => `${paint(line)}\n`).join("") + "\n");
}

const SIGNS: Readonly<Record<string, string>> = {
  "announce": "📣",
  "announced": "📣",
  "file-completed": "📄",
  "peer-banned": "🚫",
  "peer-connected": "👋",
  "peer-disconnected": "🚪",
  "peer-expired": "💤",
  "piece-failed": "💔",
  "published": "📚",
  "torrent-completed": "🎉",
  "torrent-state": "🚦",
  "tracker-failed": "📵",
  "tracker-warning": "📢",
};

/** A sentence with the sign of its event in front, where the terminal can show one. */
export function withSign(
  event: string,
  sentence: string | undefined,
  look: Pick<TerminalStyle, "unicode">,
): string | undefined {
  const sign = look.unicode ? SIGNS[event] : undefined;
  return sentence === undefined || sign === undefined ? sentence : `${sign} ${sentence}`;
}
