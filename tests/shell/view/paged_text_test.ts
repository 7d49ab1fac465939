import { isLong, PagedText } from "../../../shell/view/paged_text.ts";
import { assert, assertEquals, assertMatch } from "../../support/assert.ts";

const LINES = Array.from({ length: 100 }, (_, n) => `line ${n}`);

function paged(lines: readonly string[] = LINES, columns = 80, rows = 11): PagedText {
  const text = new PagedText(() => lines.join("\n") + "\n");
  text.resize(columns, rows);
  return text;
}

function press(text: PagedText, ...keys: string[]): void {
  for (const key of keys) assert(text.press(key), key);
}

const first = (text: PagedText) => text.page[0];

Deno.test("pages, lines and ends are reached by the keys of less", () => {
  const text = paged();
  assertEquals(text.page, LINES.slice(0, 10));
  assertMatch(text.frame().at(-1)!, /1 to 10 of 100: space on/);
  press(text, "space");
  assertEquals(first(text), "line 8", "two rows of the page before stay in view");
  press(text, "down", "j", "return");
  assertEquals(first(text), "line 11");
  press(text, "b", "b", "up");
  assertEquals(first(text), "line 0");
  press(text, "d");
  assertEquals(first(text), "line 5");
  press(text, "G", "space");
  assertEquals(text.page, LINES.slice(90));
  assertMatch(text.frame().at(-1)!, /91 to 100 of 100 \(end\)/);
  press(text, "g");
  assertEquals(first(text), "line 0");
  for (const key of ["q", "C-c", "escape"]) assertEquals(text.press(key), false);
});

Deno.test("a search goes on and back, marks what it found and says where nothing is", () => {
  const text = paged(["Zero", ...LINES, "\x1b[2mline 33, pale\x1b[0m"]);
  press(text, "/", "3", "3", "return");
  assertEquals(first(text), "line 33");
  assertEquals(text.frame()[0], "line \x1b[7m33\x1b[27m");
  press(text, "n");
  assertEquals(text.frame()[9], "line \x1b[7m33\x1b[27m, pale", "colours do not hide it");
  press(text, "N");
  assertEquals(first(text), "line 33");
  press(text, "N");
  assertMatch(text.frame().at(-1)!, /"33" is not above/);
  press(text, "g", "/", "z", "e", "x", "backspace", "r", "o", "return");
  assertEquals(text.frame()[0], "\x1b[7mZero\x1b[27m");
  press(text, "/", "Z", "E", "return");
  assertMatch(text.frame().at(-1)!, /"ZE" is not below/);
  press(text, "/", "q", "C-c", "h");
  assertMatch(text.frame().join("\n"), /space, Page Down {5}a page on/);
  press(text, "q");
  assertEquals(text.frame()[0], "Zero");
});

Deno.test("long lines take several rows, and another window keeps the place", () => {
  const text = paged(["\x1b[31m" + "ab".repeat(30) + "\x1b[39m", ...LINES], 40);
  assertEquals(text.page.slice(0, 3), [
    "\x1b[31m" + "ab".repeat(20),
    "\x1b[31m" + "ab".repeat(10) + "\x1b[39m",
    "line 0",
  ]);
  press(text, "/", "5", "0", "return");
  text.resize(200, 6);
  assertEquals(first(text), "line 50");
  assertEquals(text.frame().length, 6);
});

Deno.test("a text is long where it has no room above the prompt", () => {
  const text = (lines: number) => "x\n".repeat(lines);
  assertEquals(isLong(text(23), 80, 24), false);
  assertEquals(isLong(text(24), 80, 24), true);
  assertEquals(isLong("x".repeat(81) + "\n" + text(22), 80, 24), true);
});
