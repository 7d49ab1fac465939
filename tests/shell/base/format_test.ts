import { assertEquals } from "../../support/assert.ts";
import {
  displayWidth,
  formatBytes,
  formatCount,
  formatDuration,
  formatElapsed,
  formatRate,
  formatShare,
  pad,
  shorten,
  visible,
  visibleExceptPaint,
  visibleJson,
  wrap,
} from "../../../shell/base/format.ts";

Deno.test("formatBytes() uses binary units and at most three figures", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [1536, "1.5 KiB"],
    [102_400, "100 KiB"],
    [1_048_575, "1.0 MiB"],
    [94_477_312, "90.1 MiB"],
    [2 ** 30, "1.0 GiB"],
    [5 * 2 ** 40, "5.0 TiB"],
  ];
  for (const [bytes, text] of cases) assertEquals(formatBytes(bytes), text);
  assertEquals(formatRate(1536.4), "1.5 KiB/s");
});

Deno.test("formatDuration() shows two units at most", () => {
  const cases: [number, string][] = [
    [0, "0s"],
    [0.6, "1s"],
    [59, "59s"],
    [200, "3m 20s"],
    [3600, "1h 00m"],
    [7500, "2h 05m"],
    [3 * 86400 + 4 * 3600, "3d 4h"],
    [Infinity, "∞"],
  ];
  for (const [seconds, text] of cases) assertEquals(formatDuration(seconds), text);
});

Deno.test("formatElapsed() shows tenths while they matter", () => {
  assertEquals(formatElapsed(0.52), "0.5s");
  assertEquals(formatElapsed(9.96), "10s");
  assertEquals(formatElapsed(75), "1m 15s");
});

Deno.test("formatShare() says 100% only of all", () => {
  const cases: [number, string][] = [
    [0, "0%"],
    [0.125, "12.5%"],
    [0.5, "50%"],
    [0.99999, "99.9%"],
    [1, "100%"],
    [0.07, "7%"],
  ];
  for (const [share, text] of cases) assertEquals(formatShare(share), text);
});

Deno.test("formatCount() knows one from many", () => {
  assertEquals(formatCount(1, "piece"), "1 piece");
  assertEquals(formatCount(1204, "piece"), "1,204 pieces");
});

Deno.test("visible() leaves nothing in a name that could act on a terminal or hide", () => {
  assertEquals(visible("a\x1b[31mb\r\n\x07"), "a\\x1b[31mb\\x0d\\x0a\\x07");
  assertEquals(visible("gpj\u202e.exe"), "gpj\\u202e.exe");
  assertEquals(visible("\u200bx\x9b"), "\\u200bx\\x9b");
  assertEquals(visible("a\u061cb\u2028\u{e0041}"), "a\\u061cb\\u2028\\u{e0041}");
  assertEquals(visible("Vorlesung Über 日本 🎉.pdf"), "Vorlesung Über 日本 🎉.pdf");
});

Deno.test("displayWidth() counts columns, not characters", () => {
  assertEquals(displayWidth("abc"), 3);
  assertEquals(displayWidth("日本"), 4);
  assertEquals(displayWidth("e\u0301"), 1);
  assertEquals(displayWidth("한국어".normalize("NFD")), 6);
  assertEquals(displayWidth("🇩🇪 ⚠️ ─▃"), 8);
  assertEquals(displayWidth("🎉"), 2);
  assertEquals(displayWidth("👩‍👩‍👧"), 2);
});

Deno.test("shorten() takes the middle out and keeps the end of a file name", () => {
  assertEquals(shorten("lecture.pdf", 11), "lecture.pdf");
  assertEquals(shorten("a very long lecture name.pdf", 16), "a very l…ame.pdf");
  assertEquals(shorten("a very long lecture name.pdf", 16, "~"), "a very l~ame.pdf");
  assertEquals(displayWidth(shorten("日本日本日本日本", 7)), 7);
  assertEquals(shorten("abc", 1), "…");
  assertEquals(shorten("abc", 0), "");
});

Deno.test("shorten() counts no colours and ends all that it began", () => {
  const painted = "\x1b[32mabcdef\x1b[39mghij\x1b[31mklmnop\x1b[39m";
  assertEquals(shorten(painted, 16), painted);
  assertEquals(shorten(painted, 7), "\x1b[32mabc…\x1b[39m\x1b[31mnop\x1b[39m");
  assertEquals(displayWidth(shorten(painted, 7)), 7);
});

Deno.test("wrap() leaves a word alone that fits in no line", () => {
  assertEquals(
    wrap("magnet    magnet:?xt=urn:btih:abc and", 20, 10),
    "magnet    magnet:?xt=urn:btih:abc\n          and",
  );
});

Deno.test("pad() fills up in columns", () => {
  assertEquals(pad("日本", 6), "日本  ");
  assertEquals(pad("7", 3, "left"), "  7");
  assertEquals(pad("long", 2), "long");
});

Deno.test("wrap() breaks lines at spaces", () => {
  assertEquals(wrap("one two three four", 9), "one two\nthree\nfour");
  assertEquals(wrap("a-very-long-word b", 6), "a-very-long-word\nb");
  assertEquals(wrap("1s  one two three", 11, 4), "1s  one two\n    three");
  assertEquals(wrap("short\nlines stay", 20), "short\nlines stay");
});

Deno.test("visibleExceptPaint() lets colours and line ends pass, and no other sequence", () => {
  assertEquals(
    visibleExceptPaint("\x1b[36mon\x1b[39m\n\x1b[1;2mx"),
    "\x1b[36mon\x1b[39m\n\x1b[1;2mx",
  );
  assertEquals(
    visibleExceptPaint("\x1b]52;c;eA==\x07\x9b2J\r"),
    "\\x1b]52;c;eA==\\x07\\x9b2J\\x0d",
  );
  assertEquals(visibleExceptPaint("\x1b[2J\x1b[36"), "\\x1b[2J\\x1b[36");
});

Deno.test("visibleJson() reads as what was written, in characters that are seen", () => {
  const value = { name: "a\x1b]52;c;eA==\x07\x9b2J\u061c\u2028\u202e\u{e0041}é" };
  const text = visibleJson(value);
  assertEquals(JSON.parse(text), value);
  assertEquals(visible(text), text);
});
