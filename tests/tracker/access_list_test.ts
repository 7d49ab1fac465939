import { AccessListError, parseAccessList } from "../../tracker/access_list.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

const A = "0123456789abcdef0123456789abcdef01234567";
const B = "ff".repeat(20);

Deno.test("a list has an info hash a line, remarks, empty lines, any line end", () => {
  const text = `\ufeff# this term\r\n${A.toUpperCase()}  # lecture 1\r\n\n  ${B}\n${A}\n#${
    "e".repeat(40)
  }`;
  assertEquals([...parseAccessList(text)], [A, B]);
  assertEquals(parseAccessList("").size, 0);
});

Deno.test("a line that is no info hash is named", () => {
  const cases: [text: string, says: string][] = [
    [`${A}\n${A.slice(1)}`, `line 2 is not an info hash of 40 hex digits: ${A.slice(1)}`],
    ["lecture.pdf", "line 1 is not an info hash of 40 hex digits: lecture.pdf"],
    ["x".repeat(60), `line 1 is not an info hash of 40 hex digits: ${"x".repeat(50)}…`],
  ];
  for (const [text, says] of cases) {
    assertEquals(assertThrows(() => parseAccessList(text), AccessListError).message, says);
  }
});
