/**
 * How quick and how still the pages are, beside what is wanted: the table of `bench/RESULTS.md`.
 *
 *     deno run --allow-all bench/pages.ts
 *
 * @module
 */
import { TestBrowser } from "../tests/support/browser.ts";
import { measureStillness } from "./board_smoothness.ts";
import { FILES, TORRENTS } from "./dashboard_load.ts";
import { at, measureSmoothness } from "./dashboard_smoothness.ts";

await using browser = await TestBrowser.start();
if (browser === undefined) Deno.exit(1);
const page = await measureSmoothness(browser);
const board = await measureStillness(browser);
const worst = (numbers: readonly number[]) => at(numbers, 1);
const { frames, computed } = page.scrolling;
const rows = [
  ["what", "wanted", "median", "slowest"],
  ["---", "--:", "--:", "--:"],
  ["first paint (ms)", "300", at(page.paints, 0.5), worst(page.paints)],
  ["torrents listed (ms)", "", at(page.lists, 0.5), worst(page.lists)],
  ["click to details (ms)", "300", at(page.details, 0.5), worst(page.details)],
  ["of that, computed (ms)", "", at(page.computed, 0.5), worst(page.computed)],
  ["click to files (ms)", "300", at(page.files, 0.5), worst(page.files)],
  [
    "frames while it scrolls (ms)",
    "16.7",
    at(frames, 0.5),
    `${at(frames, 0.95)} (95th percentile)`,
  ],
  ["of that, computed (ms)", "", computed.toFixed(1), ""],
  ...board.map(({ size, moves, shift }) => [
    `board ${size}: layout shift, moves`,
    "below 0.1, 0",
    `${shift.toFixed(3)}, ${moves}`,
    "",
  ]),
];
const load = (await Deno.readTextFile("/proc/loadavg").catch(() => "")).split(" ")[0];
const text = [
  `${TORRENTS} torrents, one with ${FILES} files, all changing twice a second; load average ${load}`,
  "",
  ...rows.map((row) => `| ${row.join(" | ")} |`),
];
// deno-lint-ignore no-console
console.log(text.join("\n"));
