import { decodePercent, QueryReader } from "../../protocol/query.ts";
import { assert, assertEquals } from "../support/assert.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function one(query: string): QueryReader {
  const reader = new QueryReader(bytes(query));
  assert(reader.next());
  return reader;
}

Deno.test("pairs come in order, from where the query begins; a pair without = is empty", () => {
  const reader = new QueryReader(bytes("/path?a=1&b&&c=x=y&peer_id=1&peer_ie=2"), 6);
  const pairs: string[] = [];
  while (reader.next()) pairs.push(`${reader.key}:${reader.raw()}`);
  assertEquals(pairs, ["a:1", "b:", ":", "c:x=y", "peer_id:1", "peer_ie:2"]);
  assertEquals(new QueryReader(bytes("")).next(), false);
});

Deno.test("bytes are exact: a plus stays a plus, a broken escape or a wrong length is nothing", () => {
  assertEquals(one("a=%00+%fF").bytes(3), Uint8Array.of(0, 0x2b, 0xff));
  for (const value of ["abc", "a", "%4", "%", "%g0", "\u0100b"]) {
    assertEquals(one(`a=${value}`).bytes(2), undefined, value);
  }
  assertEquals(decodePercent(bytes("xx%41xx"), 2, 5, new Uint8Array(9)), 1);
});

Deno.test("whole numbers, as large as they can be counted", () => {
  const table: [written: string, value: number | undefined][] = [
    ["0", 0],
    ["-7", -7],
    ["999999999999999", 999_999_999_999_999],
    ["9007199254740993", Number.MAX_SAFE_INTEGER],
    ["18446744073709551615", Number.MAX_SAFE_INTEGER],
    ["999999999999999999999", undefined],
    ["", undefined],
    ["-", undefined],
    ["1e3", undefined],
    ["1.5", undefined],
  ];
  for (const [written, value] of table) assertEquals(one(`a=${written}`).integer(), value, written);
});

Deno.test("text is UTF-8 within its limit, a plus is a space", () => {
  assertEquals(one("a=t%C3%AAn+1").text(64), "tên 1");
  assertEquals(one("a=%ff").text(64), undefined);
  assertEquals(one("a=abcd").text(3), undefined);
});
