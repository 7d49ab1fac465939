/**
 * Over TLS: what was checked is what is called, and who is called has the certificate of the name.
 *
 * @module
 */
import type { AnnounceRequest } from "../../../protocol/announce.ts";
import { encodeBencode } from "../../../protocol/bencode.ts";
import { TrackerError } from "../../../protocol/errors.ts";
import { CatalogueClient } from "../../../peer/io/catalogue_client.ts";
import { TrackerClient } from "../../../peer/io/tracker_client.ts";
import { WebClient, WebSeedError } from "../../../peer/io/web_client.ts";
import { announceRequest } from "../../support/announce_request.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { someBytes } from "../../support/swarm.ts";
import { AUTHORITY, SERVER_CERTIFICATE, TlsServer } from "../../support/tls_server.ts";
import { part, rangeOf } from "../../support/web_server.ts";

const REQUEST: AnnounceRequest = announceRequest(6881);
const REPLY = encodeBencode({ interval: 60, peers: new Uint8Array() });
const signal = () => AbortSignal.timeout(5000);

/** A name that stands for other addresses at each look. */
function names(...looks: readonly string[][]) {
  const asked: string[] = [];
  const resolve = (host: string) => {
    asked.push(host);
    return Promise.resolve([...looks[Math.min(asked.length, looks.length) - 1]!]);
  };
  return { asked, trust: { resolve, caCerts: [AUTHORITY] } };
}

async function get(web: WebClient, url: string, size: number, length = size): Promise<Uint8Array> {
  const chunks = await Array.fromAsync(web.get(url, { offset: 0, length, size, signal: signal() }));
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}

Deno.test("https: a name is looked up once, for tracker, scrape, catalogue and web seed", async () => {
  const bytes = someBytes(100_000);
  await using server = new TlsServer((request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/announce") return new Response(REPLY);
    if (pathname !== "/file") return new Response("{}", { status: 404 });
    const { from, to } = rangeOf(request);
    return part(bytes, from, to);
  });
  const at = `pinned.invalid:${server.port}`;
  // At a second look the name would be somebody else's.
  const pinned = () => names(["127.0.0.1"], ["203.0.113.1"]);

  const tracker = pinned();
  const client = new TrackerClient(undefined, tracker.trust);
  assertEquals((await client.announce(`https://${at}/announce`, REQUEST, signal())).interval, 60);
  assertEquals(tracker.asked, ["pinned.invalid"]);

  const catalogue = pinned();
  await assertRejects(
    () => new CatalogueClient(catalogue.trust).fetch(`https://${at}/announce`, "ab".repeat(20)),
    TrackerError,
    "has no torrent",
  );
  assertEquals(catalogue.asked.length, 1);

  const seed = pinned();
  using web = new WebClient("test/1", seed.trust);
  assertEquals(await get(web, `https://${at}/file`, bytes.length), bytes);
  assertEquals(seed.asked.length, 1);
  assertEquals(new Set(server.hits.map(({ host }) => host)), new Set([at]));
});

Deno.test("https: a name that turns to this machine between two looks is not followed there", async () => {
  await using service = new TlsServer(() => new Response(REPLY));
  const { asked, trust } = names(["203.0.113.1"], ["127.0.0.1"]);
  const client = new TrackerClient(undefined, trust);
  const url = `https://pinned.invalid:${service.port}/admin?delete=1`;
  await assertRejects(() => client.announce(url, REQUEST, AbortSignal.timeout(300)), TrackerError);
  assertEquals([asked.length, service.hits.length], [1, 0]);
});

Deno.test("https: who has not the certificate of the name is not asked", async () => {
  await using server = new TlsServer(() => new Response(REPLY));
  const announce = (name: string, caCerts?: string[]) =>
    new TrackerClient(undefined, { resolve: () => Promise.resolve(["127.0.0.1"]), caCerts })
      .announce(`https://${name}:${server.port}/announce`, REQUEST, signal());
  const untrusted = "its TLS certificate is not trusted";
  await assertRejects(() => announce("other.invalid", [AUTHORITY]), TrackerError, untrusted);
  await assertRejects(() => announce("pinned.invalid"), TrackerError, untrusted);
  assertEquals(server.hits, []);
  assertEquals((await announce("pinned.invalid", [AUTHORITY])).interval, 60);
  // An address in the URL is one that the certificate has to name, too.
  assertEquals((await announce("127.0.0.1", [AUTHORITY])).interval, 60);
});

Deno.test("https: all addresses of a name are tried, of a typed one, too", async () => {
  await using server = new TlsServer(() => new Response(REPLY));
  const { trust } = names(["127.0.0.2", "::1", "127.0.0.1"]);
  const url = `https://pinned.invalid:${server.port}/announce`;
  for (const isTyped of [false, true]) {
    const client = new TrackerClient(undefined, { ...trust, isTyped: () => isTyped });
    assertEquals((await client.announce(url, REQUEST, signal())).interval, 60);
  }
});

Deno.test("https: web seeds keep a connection, but for its own address", async () => {
  const bytes = someBytes(5000);
  const answer = (request: Request): Response => {
    const { from, to } = rangeOf(request);
    return part(bytes, from, to);
  };
  await using one = new TlsServer(answer);
  await using other = new TlsServer(answer, { hostname: "127.0.0.3", port: one.port });
  const { trust } = names(["127.0.0.1"], ["127.0.0.1"], ["127.0.0.3"]);
  using web = new WebClient("test/1", trust);
  for (let round = 0; round < 3; round++) {
    assertEquals(await get(web, `https://pinned.invalid:${one.port}/file`, bytes.length), bytes);
  }
  assertEquals([one.hits.length, new Set(one.hits.map(({ from }) => from)).size], [2, 1]);
  assertEquals(other.hits.length, 1);
});

Deno.test("https: an upload arrives whole, and a reply that nobody asked to pack is unpacked", async () => {
  const uploads: Promise<Uint8Array>[] = [];
  await using server = new TlsServer((request) => {
    if (request.method === "POST") {
      uploads.push(request.bytes());
      return new Response(JSON.stringify({ name: "x", info_hash: "", created: true }));
    }
    const packed = new Blob([REPLY]).stream().pipeThrough(new CompressionStream("gzip"));
    return new Response(packed, { headers: { "content-encoding": "gzip" } });
  });
  const { trust } = names(["127.0.0.1"]);
  const url = `https://pinned.invalid:${server.port}/announce`;
  const torrent = someBytes(200_000);
  assert((await new CatalogueClient(trust).publish(url, torrent)).created);
  assertEquals(await uploads[0], torrent);
  const client = new TrackerClient(undefined, trust);
  assertEquals((await client.announce(url, REQUEST, signal())).interval, 60);
});

Deno.test("https: redirects are checked as everywhere", async () => {
  await using service = new TlsServer(() => new Response(REPLY));
  await using bad = new TlsServer(() =>
    new Response(null, {
      status: 307,
      headers: { location: `https://127.0.0.1:${service.port}/admin?reboot=1` },
    })
  );
  const { trust } = names(["127.0.0.1"]);
  await assertRejects(
    () =>
      new TrackerClient(undefined, trust)
        .announce(`https://pinned.invalid:${bad.port}/announce`, REQUEST, signal()),
    TrackerError,
    "it redirects to 127.0.0.1",
  );
  assertEquals(service.hits, []);
});

Deno.test("https: a server that ended a kept connection is called again", async () => {
  const bytes = someBytes(500);
  const head =
    "HTTP/1.1 206 Partial\r\ncontent-range: bytes 0-499/500\r\ncontent-length: 500\r\n\r\n";
  // It says nothing of the end of the connection.
  const answer = Uint8Array.from([...new TextEncoder().encode(head), ...bytes]);
  await using server = rude(answer);
  using web = new WebClient("test/1", names(["127.0.0.1"]).trust);
  for (let round = 0; round < 3; round++) {
    assertEquals(await get(web, `https://pinned.invalid:${server.port}/file`, 500), bytes);
  }
});

/** A connection that failed while it wrote is closed already. */
function closeOnce(conn: Deno.TlsConn): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/** Answers over TLS with these bytes, whatever it is asked. */
function rude(answer: string | Uint8Array, { closes = true } = {}) {
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...SERVER_CERTIFICATE });
  const open: Deno.TlsConn[] = [];
  const serving = (async () => {
    for await (const conn of listener) {
      open.push(conn);
      try {
        await conn.read(new Uint8Array(4096));
        const bytes = typeof answer === "string" ? new TextEncoder().encode(answer) : answer;
        for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
        if (closes) await conn.closeWrite();
      } catch {
        // The caller had enough.
      }
    }
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const conn of open) closeOnce(conn);
      await serving;
    },
  };
}

for (
  const [what, answer, why] of [
    ["nothing", "", "it hung up"],
    ["no HTTP", "220 mail.invalid ESMTP\r\n", ""],
    ["random bytes", someBytes(10_000, 7), ""],
    ["a head of 5 MiB", `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(800_000)}\r\n`, ""],
    ["a status that there is not", "HTTP/1.1 999 No\r\ncontent-length: 0\r\n\r\n", ""],
    ["a switch of protocols", "HTTP/1.1 101 Go\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", ""],
    ["half a body", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nd8", "it hung up"],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nde", ""],
    ["no chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nd8:interval", ""],
    ["interim answers alone", "HTTP/1.1 100 Continue\r\n\r\n".repeat(10_000), ""],
    ["no content", "HTTP/1.1 204 No Content\r\n\r\n", ""],
    ["a packed body that is none", "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\nnonsense", ""],
    ["a body that never ends", `HTTP/1.1 200 OK\r\n\r\n${"d".repeat(3 << 20)}`, "is longer than"],
  ] as const
) {
  Deno.test(`https: a tracker that answers with ${what} is one that failed, and nothing else`, async () => {
    await using server = rude(answer);
    const { trust } = names(["127.0.0.1"]);
    const client = new TrackerClient(undefined, trust);
    const url = `https://pinned.invalid:${server.port}/announce`;
    await assertRejects(() => client.announce(url, REQUEST, signal()), TrackerError, why);
  });
}

Deno.test("https: whoever gives up is not kept by a server that goes on being silent", async () => {
  const head = "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-8/9\r\n\r\n";
  for (const begun of ["", "HTTP/1.1 206 Partial", `${head}abc`]) {
    await using server = rude(begun, { closes: false });
    const { trust } = names(["127.0.0.1"]);
    using web = new WebClient("test/1", trust);
    const late = AbortSignal.timeout(200);
    const range = { offset: 0, length: 9, size: 9, signal: late };
    const url = `https://pinned.invalid:${server.port}/file`;
    await assertRejects(() => Array.fromAsync(web.get(url, range)), DOMException, "timeout");
  }
});

Deno.test("https: a server without TLS is told as what it is", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(REPLY),
  );
  const { trust } = names(["127.0.0.1"]);
  using web = new WebClient("test/1", trust);
  const url = `https://pinned.invalid:${server.addr.port}/file`;
  await assertRejects(() => get(web, url, 9), WebSeedError);
});
