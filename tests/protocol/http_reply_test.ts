import fc from "fast-check";
import { parseReplyHead, type ReplyHead } from "../../protocol/http_reply.ts";
import { assert, assertEquals } from "../support/assert.ts";

function head(text: string): ReplyHead {
  const parsed = parseReplyHead(text);
  assert(typeof parsed !== "string", String(parsed));
  return parsed;
}

Deno.test("a reply's head says where its body ends and whether the connection goes on", () => {
  const of = (...lines: string[]) => {
    const { body, keepsAlive } = head(`${lines.join("\r\n")}\r\n\r\n`);
    return [body, keepsAlive];
  };
  assertEquals(of("HTTP/1.1 200 OK", "Content-Length: 12"), [12, true]);
  assertEquals(of("HTTP/1.1 206", "content-length: 12", "connection: Close"), [12, false]);
  assertEquals(of("HTTP/1.1 200 OK", "transfer-encoding: Chunked"), ["chunks", true]);
  assertEquals(of("HTTP/1.1 200 OK"), ["end", false]);
  assertEquals(of("HTTP/1.0 200 OK", "content-length: 0"), [0, false]);
  assertEquals(of("HTTP/1.0 200 OK", "content-length: 1", "connection: keep-alive"), [1, true]);
  assertEquals(of("HTTP/1.1 204 No Content", "content-length: 12"), [0, true]);
  assertEquals(of("HTTP/1.1 200 OK", "content-length: 3", "content-length: 3"), [3, true]);
});

Deno.test("a reply's head that could be understood in two ways is refused in a sentence", () => {
  for (
    const lines of [
      ["HTTP/1.1 200 OK", "content-length: 3", "transfer-encoding: chunked"],
      ["HTTP/1.1 200 OK", "content-length: 3", "content-length: 4"],
      ["HTTP/1.1 200 OK", "content-length: -3"],
      ["HTTP/1.1 200 OK", "transfer-encoding: gzip, chunked"],
      ["HTTP/1.1 200 OK", " folded"],
      ["HTTP/1.1 200 OK", "no colon"],
      ["HTTP/2 200"],
      ["HTTP/1.1 999 Odd"],
      ["ICY 200 OK"],
    ]
  ) {
    const parsed = parseReplyHead(`${lines.join("\r\n")}\r\n\r\n`);
    assert(typeof parsed === "string" && parsed.length > 10, lines.join());
  }
});

Deno.test("any field comes through as it is, and no text makes the reader throw", () => {
  const name = fc.stringMatching(/^x-[a-z]{1,9}$/);
  const value = fc.stringMatching(/^[!-~]{0,20}$/);
  fc.assert(fc.property(fc.array(fc.tuple(name, value)), fc.integer({ min: 200, max: 599 }), (
    fields,
    status,
  ) => {
    const lines = fields.map(([name, value]) => `${name}: ${value}`);
    const parsed = head([`HTTP/1.1 ${status} Fine`, ...lines, "", ""].join("\r\n"));
    assertEquals(parsed.fields, fields);
    assertEquals([parsed.status, parsed.statusText], [status, "Fine"]);
  }));
  fc.assert(fc.property(fc.string(), (text) => {
    parseReplyHead(`${text}\r\n\r\n`);
    parseReplyHead(`HTTP/1.1 200 OK\r\n${text}\r\n\r\n`);
  }));
});
