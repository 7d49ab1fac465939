import fc from "fast-check";
import { ChunkedBody } from "../../protocol/chunked_body.ts";
import { assert, assertEquals } from "../support/assert.ts";

const encoder = new TextEncoder();

/** Feeds text in pieces; the body, or where it failed. */
function read(text: string, sizes: readonly number[] = []): { body: string; rest: string } | "bad" {
  let body = "";
  const chunks = new ChunkedBody((bytes) => body += new TextDecoder().decode(bytes));
  const bytes = encoder.encode(text);
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    const piece = bytes.subarray(at, at + Math.max(1, size));
    const used = chunks.feed(piece);
    if (used < 0) return "bad";
    at += used;
    if (chunks.isDone) return { body, rest: text.slice(at) };
    assertEquals(used, piece.length);
  }
  return { body, rest: "…" };
}

const BODY = "5\r\nhello\r\n6;x=y\r\n world\r\n000\r\nTrailer: 1\r\n\r\nGET / next";

Deno.test("chunks are put together however they were cut", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(12), { maxLength: 40 }), (sizes) => {
      assertEquals(read(BODY, sizes), { body: "hello world", rest: "GET / next" });
    }),
    { seed: 7 },
  );
});

Deno.test("a malformed chunk is refused before it is kept", () => {
  for (
    const text of [
      "x\r\n",
      "-1\r\n",
      "5\nhello\r\n",
      "5\r\nhelloXX\r\n",
      "5\r\nhello\r\n\r\n",
      "123456789\r\n",
      "1" + " ".repeat(300),
      "0\r\n" + "a: b\r\n".repeat(40) + "\r\n",
    ]
  ) {
    assertEquals(read(text), "bad", text.slice(0, 20));
  }
  assert(read("ffffffff\r\nabc") !== "bad"); // a size is not memory
});
