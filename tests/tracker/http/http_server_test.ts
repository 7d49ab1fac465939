import { textReply } from "../../../tracker/http/http_reply.ts";
import type { HttpLimits } from "../../../tracker/http/http_host.ts";
import { HttpServer } from "../../../tracker/http/http_server.ts";
import type { Route } from "../../../tracker/http/route.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";

const encoder = new TextEncoder();

const ROUTES: Route[] = [
  { method: "GET", path: "/", respond: () => textReply(200, "home") },
  { method: "GET", path: "/who", respond: ({ remote }) => textReply(200, remote) },
  {
    method: "GET",
    path: "/later",
    respond: async ({ head }) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return textReply(200, `later ${head.query}`);
    },
  },
  { method: "GET", path: "/below/*", respond: ({ head }) => textReply(200, head.path) },
  { method: "GET", path: "/large", respond: () => textReply(200, "x".repeat(3_000_000)) },
  {
    method: "GET",
    path: "/fault",
    respond: () => {
      throw new RangeError("index 7 of 3");
    },
  },
  {
    method: "POST",
    path: "/upload",
    maxBody: 100_000,
    admit: ({ head }) =>
      head.header("x-no") === undefined ? undefined : textReply(403, "not you\n"),
    respond: ({ body }) => textReply(201, `${body.length} ${body[0]} ${body.at(-1)}`),
  },
  {
    method: "GET",
    path: "/events",
    respond: () => ({
      status: 200,
      type: "text/event-stream",
      body: ["retry: 1\n\n"],
      stream: async ({ write, signal }) => {
        for (let i = 0; !signal.aborted; i++) {
          await write(encoder.encode(`data: ${i}\n\n`));
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      },
    }),
  },
];

interface Running extends AsyncDisposable {
  readonly port: number;
  readonly faults: string[];
  readonly server: HttpServer;
}

function start(
  limits: Partial<HttpLimits> = {},
  host = "127.0.0.1",
  routes: readonly Route[] = ROUTES,
): Running {
  const faults: string[] = [];
  const server = new HttpServer({
    host,
    port: 0,
    routes,
    limits: { sweepMs: 20, ...limits },
    onFault: (_remote, error) => faults.push(String(error)),
  });
  return {
    port: server.address.port,
    faults,
    server,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Says `text` and reads until the server closes. */
async function say(port: number, text: string | string[], host = "127.0.0.1"): Promise<string> {
  using conn = await Deno.connect({ hostname: host, port });
  for (const part of [text].flat()) await conn.write(encoder.encode(part));
  return await readAll(conn);
}

async function readAll(conn: Deno.TcpConn): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(65536);
  for (let count; (count = await conn.read(buffer)) !== null;) {
    text += new TextDecoder("latin1").decode(buffer.subarray(0, count));
  }
  return text;
}

/** Bodies and statuses of the replies in `text`. */
function replies(text: string): [status: number, body: string][] {
  const found: [number, string][] = [];
  while (text !== "") {
    const end = text.indexOf("\r\n\r\n") + 4;
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)![1]);
    const length = Number(/\r\nContent-Length: (\d+)\r\n/.exec(text.slice(0, end))?.[1] ?? 0);
    found.push([status, text.slice(end, end + length)]);
    text = text.slice(end + length);
  }
  return found;
}

const LAST = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

for (const host of ["127.0.0.1", "::1"]) {
  Deno.test(`requests one behind the other are answered in order, from ${host}`, async () => {
    await using running = start({}, host);
    const text = await say(
      running.port,
      get("/who") + get("/later?1") + get("/below/a/b") + get("/nothing") + LAST,
      host,
    );
    assertEquals(replies(text), [
      [200, host],
      [200, "later 1"],
      [200, "/below/a/b"],
      [404, "not found\n"],
      [200, "home"],
    ]);
    assertStringIncludes(text, "\r\nDate: ");
    assertEquals(text.split("Connection: close").length, 2);
  });
}

Deno.test("a request may come in any pieces, and many in one", async () => {
  await using running = start();
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: running.port });
  conn.setNoDelay();
  for (const character of get("/who")) await conn.write(encoder.encode(character));
  const many = get("/who").repeat(3000) + LAST;
  const writing = (async () => {
    for (let at = 0; at < many.length; at += 7919) {
      await conn.write(encoder.encode(many.slice(at, at + 7919)));
    }
  })();
  const all = replies(await readAll(conn));
  await writing;
  assertEquals(all.length, 3002);
  assert(all.slice(0, -1).every(([status, body]) => status === 200 && body === "127.0.0.1"));
});

Deno.test("a large reply arrives whole", async () => {
  await using running = start();
  const [large, home] = replies(await say(running.port, get("/large") + LAST));
  assertEquals([large![1].length, home], [3_000_000, [200, "home"]]);
});

Deno.test("HTTP/1.0 gets one reply, or more where it asks for that", async () => {
  await using running = start();
  const once = await say(running.port, "GET /who HTTP/1.0\r\n\r\nGET /who HTTP/1.0\r\n\r\n");
  assertEquals(replies(once), [[200, "127.0.0.1"]]);
  const twice = await say(
    running.port,
    "GET /who HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n",
  );
  assertEquals(replies(twice), [[200, "127.0.0.1"], [200, "home"]]);
  assertStringIncludes(twice, "\r\nConnection: keep-alive\r\n");
});

Deno.test("HEAD gets the head alone; other methods are told what is taken", async () => {
  await using running = start();
  const head = await say(running.port, "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assertStringIncludes(head, "\r\nContent-Length: 4\r\n");
  assert(head.endsWith("\r\n\r\n"));
  const others = await say(
    running.port,
    "DELETE / HTTP/1.1\r\nHost: a\r\n\r\nGET /upload HTTP/1.1\r\nHost: a\r\n\r\n" + LAST,
  );
  assertEquals(replies(others).map(([status]) => status), [405, 405, 200]);
  assertStringIncludes(others, "\r\nAllow: GET, HEAD\r\n");
  assertStringIncludes(others, "\r\nAllow: POST\r\n");
});

Deno.test("wrong requests are told what is wrong, and the connection ends", async () => {
  await using running = start();
  const cases: [request: string, status: number][] = [
    ["nonsense\r\n\r\n", 400],
    ["\x16\x03\x01\x02\x00\x01", 400],
    ["GET / HTTP/1.1\r\n\r\n", 400],
    ["GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505],
    [`GET /${"x".repeat(5000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
    [`GET /${"x".repeat(9000)}`, 414],
    [`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(9000)}\r\n\r\n`, 431],
    [`GET / HTTP/1.1\r\n${"X: y\r\n".repeat(3000)}`, 431],
    ["GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501],
  ];
  for (const [request, expected] of cases) {
    const text = await say(running.port, request + LAST);
    assertEquals(replies(text).map(([status]) => status), [expected], request.slice(0, 40));
    assertStringIncludes(text, "\r\nConnection: close\r\n");
  }
  assertEquals(running.faults, []);
});

Deno.test("a body is taken whole, counted or in chunks, and the next request behind it", async () => {
  await using running = start();
  const post = (fields: string, body: string) =>
    `POST /upload HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${body}`;
  const text = await say(running.port, [
    post("Content-Length: 90000", "a" + "x".repeat(80_000)),
    "y".repeat(9_998) + "z",
    post("Transfer-Encoding: chunked", "3\r\nabc\r\n"),
    "2\r\nde\r\n0\r\n\r\n" + post("Content-Length: 1", "q") + LAST,
  ]);
  assertEquals(replies(text), [
    [201, "90000 97 122"],
    [201, "5 97 101"],
    [201, "1 113 113"],
    [200, "home"],
  ]);
});

Deno.test("a body is refused before it is read: too long, not allowed, not wanted", async () => {
  await using running = start();
  const post = (path: string, fields: string) =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`;
  const cases: [request: string, status: number][] = [
    [post("/upload", "Content-Length: 100001"), 413],
    [post("/upload", "Transfer-Encoding: chunked") + "186a1\r\n" + "x".repeat(100_001), 413],
    [post("/upload", "Transfer-Encoding: chunked") + "xyz\r\n", 400],
    [post("/upload", "X-No: 1\r\nContent-Length: 100000") + "x".repeat(100_000), 403],
    [post("/nothing", "Content-Length: 3") + "abc", 404],
    ["GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 413],
  ];
  for (const [request, expected] of cases) {
    const [first, ...more] = replies(await say(running.port, request));
    assertEquals([first![0], more], [expected, []], request.slice(0, 80));
  }
});

Deno.test("a client that expects 100-continue gets it", async () => {
  await using running = start();
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: running.port });
  await conn.write(encoder.encode(
    "POST /upload HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n",
  ));
  const buffer = new Uint8Array(100);
  const count = await conn.read(buffer);
  assertEquals(
    new TextDecoder().decode(buffer.subarray(0, count!)),
    "HTTP/1.1 100 Continue\r\n\r\n",
  );
  await conn.write(encoder.encode("ab"));
  assertEquals(replies(await readAll(conn)), [[201, "2 97 98"]]);
});

Deno.test("a fault of a route is ours to know; the client hears that there was one", async () => {
  await using running = start();
  assertEquals(replies(await say(running.port, get("/fault") + LAST)), [
    [500, "internal error\n"],
    [200, "home"],
  ]);
  assertEquals(running.faults, ["RangeError: index 7 of 3"]);
});

Deno.test("slow requests are closed with 408, silent and idle connections without a word", async () => {
  await using running = start({ requestMs: 100, idleMs: 200 });
  const [slow, slowBody, silent, idle] = await Promise.all([
    say(running.port, "GET / HTTP/1.1\r\nHost: a\r\n"),
    say(running.port, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"),
    say(running.port, ""),
    say(running.port, get("/")),
  ]);
  assertEquals(replies(slow).map(([status]) => status), [408]);
  assertEquals([slowBody, silent], ["", ""]);
  assertEquals(replies(idle), [[200, "home"]]);
});

Deno.test("one byte now and then does not keep a connection", async () => {
  await using running = start({ requestMs: 100 });
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: running.port });
  let isClosed = false;
  const reading = readAll(conn).catch(() => "").finally(() => isClosed = true);
  let sent = 0;
  try {
    for (; !isClosed && sent < 5000; sent++) {
      await conn.write(encoder.encode("x"));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } catch { /* closed */ }
  await reading;
  assert(sent < 5000);
});

Deno.test("connections beyond the limits are turned away until others end", async () => {
  await using running = start({ total: 3, perAddress: 2 });
  const held = [];
  for (let i = 0; i < 3; i++) {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: running.port });
    await conn.write(encoder.encode(get("/")));
    await conn.read(new Uint8Array(1000));
    held.push(conn);
  }
  const refused = await say(running.port, "");
  assertEquals(replies(refused).map(([status]) => status), [503]);
  assertStringIncludes(refused, "\r\nRetry-After: 60\r\n");
  for (const conn of held) conn.close();
  while (running.server.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(replies(await say(running.port, LAST)), [[200, "home"]]);
});

Deno.test("X-Forwarded-For counts only behind as many proxies as there are", async () => {
  const request = "GET /who HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\n" +
    "X-Forwarded-For: 192.0.2.7, 10.0.0.9\r\nConnection: close\r\n\r\n";
  for (const [proxies, seen] of [[0, "127.0.0.1"], [1, "10.0.0.9"], [2, "192.0.2.7"]] as const) {
    await using running = start({ proxies });
    assertEquals(replies(await say(running.port, request)), [[200, seen]]);
  }
});

Deno.test("a route may go on sending until the client is gone or the server closes", async () => {
  const running = start();
  const read = async (conn: Deno.TcpConn, wanted: string) => {
    const buffer = new Uint8Array(4096);
    for (let text = ""; !text.includes(wanted);) {
      const count = await conn.read(buffer);
      assert(count !== null);
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
  };
  const gone = await Deno.connect({ hostname: "127.0.0.1", port: running.port });
  await gone.write(encoder.encode(get("/events")));
  await read(gone, "data: 2\n");
  gone.close();
  while (running.server.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  using stays = await Deno.connect({ hostname: "127.0.0.1", port: running.port });
  await stays.write(encoder.encode(get("/events")));
  await read(stays, "data: 2\n");
  await running[Symbol.asyncDispose]();
  assertEquals(running.faults, []);
});

Deno.test("a server that closes lets the reply under way be sent", async () => {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const slow: Route = {
    method: "GET",
    path: "/slow",
    respond: async () => {
      asked.resolve();
      await released.promise;
      return textReply(200, "at last");
    },
  };
  const running = start({}, "127.0.0.1", [slow]);
  const reply = say(running.port, get("/slow"));
  await asked.promise;
  const closed = running[Symbol.asyncDispose]();
  released.resolve();
  await closed;
  assertEquals(replies(await reply), [[200, "at last"]]);
});
