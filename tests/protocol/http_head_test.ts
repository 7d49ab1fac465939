import fc from "fast-check";
import {
  findHeadEnd,
  type HttpFault,
  INCOMPLETE,
  MALFORMED,
  parseRequestHead,
  RequestHead,
} from "../../protocol/http_head.ts";
import { assert, assertEquals } from "../support/assert.ts";

const encoder = new TextEncoder();

function parsed(text: string): RequestHead {
  const head = parseRequestHead(text);
  assert(head instanceof RequestHead, JSON.stringify(head));
  return head;
}

function status(text: string): number {
  const fault = parseRequestHead(text);
  assert(!(fault instanceof RequestHead), text);
  assert((fault as HttpFault).reason.length > 5);
  return fault.status;
}

const get = (fields: string, line = "GET / HTTP/1.1") =>
  `${line}\r\nHost: a\r\n${fields.replaceAll("\n", "\r\n")}\r\n`;

Deno.test("a head's request line and fields are read as RFC 9112 says", () => {
  const head = parsed(
    "GET /announce?info_hash=%01&a=b?c HTTP/1.1\r\nhOsT: a:8000\r\nX-Peer-Name:  1 \r\nAccept: a\r\naccept: b\r\n\r\n",
  );
  assertEquals([head.method, head.path, head.query], ["GET", "/announce", "info_hash=%01&a=b?c"]);
  assertEquals(head.header("x-peer-name"), "1");
  assertEquals(head.header("Accept"), "a, b");
  assertEquals(head.header("accep"), undefined);
  assertEquals([head.keepsAlive, head.bodyLength, head.expectsContinue], [true, 0, false]);
});

Deno.test("a request with an absolute URL gets the page", () => {
  const head = parsed(get("", "HEAD http://tracker.test:8000/stats?x HTTP/1.1"));
  assertEquals([head.method, head.path, head.query], ["HEAD", "/stats", "x"]);
  assertEquals(status(get("", "GET http://tracker.test HTTP/1.1")), 400);
  assertEquals(status(get("", "GET ftp://a/b HTTP/1.1")), 400);
  assertEquals(status(get("", "OPTIONS * HTTP/1.1")), 400);
});

Deno.test("a connection stays open as the version and the Connection field say", () => {
  const cases: [fields: string, modern: boolean, old: boolean][] = [
    ["", true, false],
    ["Connection: close\n", false, false],
    ["CONNECTION: Keep-Alive\n", true, true],
    ["Connection: upgrade, Close\n", false, false],
    ["Connection: TE, keep-alive\n", true, true],
  ];
  for (const [fields, modern, old] of cases) {
    assertEquals(parsed(get(fields)).keepsAlive, modern, fields);
    assertEquals(parsed(get(fields, "GET / HTTP/1.0")).keepsAlive, old, fields);
  }
});

Deno.test("a body's length is read in the one way that all readers share", () => {
  const post = (fields: string) => get(fields, "POST /api/torrents HTTP/1.1");
  assertEquals(parsed(post("Content-Length: 12\n")).bodyLength, 12);
  assertEquals(parsed(post("content-length: 7\nContent-Length: 7\n")).bodyLength, 7);
  assertEquals(parsed(post("Transfer-Encoding: Chunked\n")).bodyLength, -1);
  assert(parsed(post("Expect: 100-Continue\nContent-Length: 1\n")).expectsContinue);
  const wrong: [fields: string, status: number][] = [
    ["Content-Length: 1\nContent-Length: 2\n", 400],
    ["Content-Length: -1\n", 400],
    ["Content-Length: 0x10\n", 400],
    ["Content-Length: 1,1\n", 400],
    ["Content-Length: 9999999999999999\n", 400],
    ["Content-Length:\n", 400],
    ["Content-Length: 5\nTransfer-Encoding: chunked\n", 400],
    ["Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n", 400],
    ["Transfer-Encoding: gzip, chunked\n", 501],
    ["Expect: the-unexpected\n", 417],
  ];
  for (const [fields, expected] of wrong) assertEquals(status(post(fields)), expected, fields);
  assertEquals(
    status(get("Transfer-Encoding: chunked\n", "POST / HTTP/1.0")),
    400,
  );
});

Deno.test("a malformed request gets the right status", () => {
  const wrong: [text: string, status: number][] = [
    ["GET /\r\n\r\n", 400],
    ["GET\r\n\r\n", 400],
    [" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["GET / b HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["GET /\ta HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\n\r\n", 400], // no Host
    ["GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400],
    [get("no colon here\n"), 400],
    [get(": no name\n"), 400],
    [get("a name: x\n"), 400],
    [get("Name : x\n"), 400],
    [get("A: 1\n folded: 2\n"), 400],
    [get("", "GET / HTTP/2.0"), 505],
    [get("", "GET / HTTPS/1.1"), 400],
    [get("", `GET /${"x".repeat(4096)} HTTP/1.1`), 414],
  ];
  for (const [text, expected] of wrong) assertEquals(status(text), expected, text.slice(0, 60));
  assertEquals(parsed("GET / HTTP/1.0\r\n\r\n").path, "/");
  assertEquals(parsed(get("", `GET /${"x".repeat(4095)} HTTP/1.1`)).path.length, 4096);
});

Deno.test("the end of a head is found wherever the packets were cut", () => {
  const text = get("User-Agent: bench\nX: \t\xe4\n");
  const bytes = Uint8Array.from(`\r\n..${text}GET /`, (character) => character.charCodeAt(0));
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 5 }), (cuts) => {
      let scanned = 4;
      for (const end of [...cuts.sort((a, b) => a - b), bytes.length]) {
        if (end < scanned) continue;
        const found = findHeadEnd(bytes, 4, scanned, end);
        if (end < 4 + text.length) assertEquals(found, INCOMPLETE);
        else return assertEquals(found, 4 + text.length);
        scanned = end;
      }
    }),
    { seed: 9112 },
  );
});

Deno.test("control characters and bare line ends are in no head", () => {
  for (
    const text of [
      "GET / HTTP/1.1\n\n",
      "GET / HTTP/1.1\r\nHost: a\n\r\n",
      "GET / HTTP/1.1\rHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nA: \0\r\n\r\n",
      "GET / HTTP/1.1\r\nA: \x7f\r\n\r\n",
      "\n",
      "\x16\x03\x01\x02\x00", // a TLS hello
    ]
  ) {
    const bytes = encoder.encode(text);
    assertEquals(findHeadEnd(bytes, 0, 0, bytes.length), MALFORMED, JSON.stringify(text));
  }
});

Deno.test("any text is a head or a fault, and reading a head never fails", () => {
  const line = fc.string({ unit: "binary-ascii", maxLength: 30 });
  const telling = fc.constantFrom(
    "GET / HTTP/1.1",
    "Host: a",
    "Content-Length: 3",
    "Transfer-Encoding: chunked",
    "Connection: ,close",
    "Expect: 100-continue",
    "",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(line, telling), { maxLength: 8 }), (lines) => {
      const text = lines.join("\r\n") + "\r\n\r\n";
      const end = text.indexOf("\r\n\r\n") + 4;
      const head = parseRequestHead(text.slice(0, end));
      if (head instanceof RequestHead) {
        assert(head.path.startsWith("/"));
        head.header("host");
      } else assert(head.status >= 400 && head.status < 506);
    }),
    { seed: 431, numRuns: 2000 },
  );
});
