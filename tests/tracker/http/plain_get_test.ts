import fc from "fast-check";
import { findHeadEnd, parseRequestHead, RequestHead } from "../../../protocol/http_head.ts";
import { PlainGetReader } from "../../../tracker/http/plain_get.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { mutate } from "../../support/mutate.ts";
import { seededRandom } from "../../support/random.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const reader = new PlainGetReader("/announce");

Deno.test("a plain announce is found wherever it lies, with its query", () => {
  const text = "GET /announce?a=%01&b HTTP/1.1\r\nHOST: x\r\nUser-Agent: a\tb\xe4\r\n";
  for (
    const [fields, keepsAlive] of [
      ["", true],
      ["Connection: close\r\n", false],
      ["connection:Keep-Alive\r\n", true],
    ] as const
  ) {
    const whole = `${text}${fields}\r\n`;
    const bytes = latin1(`..${whole}GET`);
    assertEquals(reader.read(bytes, 2, bytes.length), 2 + whole.length);
    assertEquals(reader.keepsAlive, keepsAlive);
    assertEquals(
      new TextDecoder().decode(bytes.subarray(reader.queryStart, reader.queryEnd)),
      "a=%01&b",
    );
    for (let end = 0; end < 2 + whole.length; end++) assertEquals(reader.read(bytes, 2, end), 0);
  }
});

Deno.test("all that is not plain is left to the reader that knows everything", () => {
  const get = (fields: string, line = "GET /announce?a HTTP/1.1") =>
    `${line}\r\n${fields.replaceAll("\n", "\r\n")}\r\n`;
  for (
    const text of [
      get("Host: a\n", "GET /announce HTTP/1.1"),
      get("Host: a\n", "GET /announces?a HTTP/1.1"),
      get("Host: a\n", "HEAD /announce?a HTTP/1.1"),
      get("Host: a\n", "GET /announce?a HTTP/1.0"),
      get("Host: a\n", `GET /announce?${"x".repeat(4100)} HTTP/1.1`),
      get(""),
      get("Host: a\nHost: a\n"),
      get("Host: a\nContent-Length: 0\n"),
      get("Host: a\nTRANSFER-ENCODING: chunked\n"),
      get("Host: a\nExpect: 100-continue\n"),
      get("Host: a\nX-Forwarded-For: 1.2.3.4\n"),
      get("Host: a\nConnection: close, x\n"),
      get("Host: a\nX Y: z\n"),
      get("Host: a\n: z\n"),
      get("Host: a\n b: z\n"),
      get(`Host: a\nX: ${"y".repeat(8200)}\n`),
    ]
  ) {
    assertEquals(reader.read(latin1(text), 0, text.length), 0, text.slice(0, 60));
  }
});

Deno.test("the strict reader accepts and understands alike every request that this one accepts", () => {
  const random = seededRandom(9110);
  const good = latin1(
    "GET /announce?info_hash=%01&port=1 HTTP/1.1\r\nHost: a:1\r\nConnection: keep-alive\r\nAccept: x\r\n\r\n",
  );
  let taken = 0;
  fc.assert(
    fc.property(fc.constant(good), (seed) => {
      const bytes = mutate(seed, random);
      const end = reader.read(bytes, 0, bytes.length);
      if (end === 0) return;
      taken++;
      assertEquals(findHeadEnd(bytes, 0, 0, bytes.length), end);
      const head = parseRequestHead(String.fromCharCode(...bytes.subarray(0, end)));
      assert(head instanceof RequestHead);
      assertEquals(
        [head.method, head.path, head.queryStart, head.queryEnd, head.keepsAlive, head.bodyLength],
        ["GET", "/announce", reader.queryStart, reader.queryEnd, reader.keepsAlive, 0],
      );
    }),
    { seed: 1, numRuns: 20_000 },
  );
  assert(taken > 1000, `${taken}`);
});
