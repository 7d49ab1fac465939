import type { AnnounceRequest } from "../../../protocol/announce.ts";
import { encodeBencode } from "../../../protocol/bencode.ts";
import { TrackerError } from "../../../protocol/errors.ts";
import { CatalogueClient } from "../../../peer/io/catalogue_client.ts";
import { CheckedFetch, DestinationError } from "../../../peer/io/checked_fetch.ts";
import { TrackerClient } from "../../../peer/io/tracker_client.ts";
import { WebClient, WebSeedError } from "../../../peer/io/web_client.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";

/** A server that notes what it was asked; `await using` ends it. */
function serve(answer: (url: URL) => Response = () => new Response("yes")) {
  const asked: string[] = [];
  const hosts: (string | null)[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const url = new URL(request.url);
    asked.push(url.pathname + url.search);
    hosts.push(request.headers.get("host"));
    return answer(url);
  });
  const { port } = server.addr;
  const url = `http://127.0.0.1:${port}`;
  return { asked, hosts, port, url, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** Names that mean one address at the first look and another from then on. */
function rebinding(first: string, later: string) {
  const looks: string[] = [];
  const resolve = (host: string) => {
    looks.push(host);
    return Promise.resolve(/^[\d.]+$/.test(host) ? [host] : [looks.length === 1 ? first : later]);
  };
  return { looks, resolve };
}

const REQUEST: AnnounceRequest = {
  infoHash: new Uint8Array(20).fill(1),
  peerId: new Uint8Array(20).fill(2),
  port: 6881,
  uploaded: 0,
  downloaded: 0,
  left: 1,
  event: "started",
  numwant: 50,
  key: 7,
  compact: true,
  noPeerId: true,
};

const signal = () => AbortSignal.timeout(5000);
const REPLY = encodeBencode({ interval: 60, peers: new Uint8Array() });

Deno.test("a tracker that a torrent names is not called on this machine but at /announce", async () => {
  await using service = serve(() => new Response(REPLY));
  const client = new TrackerClient();
  const { infoHash } = REQUEST;
  for (const rest of ["/admin?delete=1", "/announce?cmd=x", "/x/announce", "/", "/announce/%2e."]) {
    const url = service.url + rest;
    const error = await assertRejects(
      () => client.announce(url, REQUEST, signal()),
      TrackerError,
      "Not asked, tracker",
    );
    assertEquals(error.retryIn, "never");
    await assertRejects(() => client.scrape(url, [infoHash], signal()), TrackerError);
    await assertRejects(
      () => new CatalogueClient().fetch(url, infoHash.toHex(), { signal: signal() }),
      TrackerError,
    );
  }
  assertEquals(service.asked, []);
  assertEquals((await client.announce(`${service.url}/announce`, REQUEST, signal())).interval, 60);
});

Deno.test("what a person typed is called as it is", async () => {
  await using service = serve(() => new Response(REPLY));
  const url = `${service.url}/tracker/in/a/folder?room=3`;
  const client = new TrackerClient(undefined, { isTyped: (one) => one === url });
  assertEquals((await client.announce(url, REQUEST, signal())).interval, 60);
  assert(service.asked[0]!.startsWith("/tracker/in/a/folder?room=3&info_hash="));
});

Deno.test("a redirect, of a typed tracker, too, leads to no other service here", async () => {
  await using service = serve();
  const to = (path: string) =>
    serve(() => new Response(null, { status: 307, headers: { location: service.url + path } }));
  await using bad = to("/admin?reboot=1");
  await using query = to("/announce?reboot=1");
  const typed = new TrackerClient(undefined, { isTyped: () => true });
  for (const { url } of [bad, query]) {
    for (const client of [typed, new TrackerClient()]) {
      const error = await assertRejects(
        () => client.announce(`${url}/announce`, REQUEST, signal()),
        TrackerError,
        "it redirects to 127.0.0.1",
      );
      // It may be mended: another redirect another day.
      assertEquals(error.retryIn, undefined);
    }
    await assertRejects(
      () => new CatalogueClient().fetch(`${url}/announce`, "ab".repeat(20), { isTyped: true }),
      TrackerError,
    );
  }
  using http = new CheckedFetch();
  await assertRejects(() =>
    http.fetch(new URL(`${bad.url}/a.torrent`), {
      errand: "file",
      isTyped: true,
      maxRedirects: 3,
      signal: signal(),
    }), DestinationError);
  assertEquals(service.asked, []);
});

Deno.test("what is published stays with the host that was named", async () => {
  await using elsewhere = serve();
  await using here = serve(() =>
    new Response(null, { status: 307, headers: { location: `${elsewhere.url}/api/torrents` } })
  );
  await assertRejects(
    () =>
      new CatalogueClient().publish(`${here.url}/announce`, new Uint8Array(9), { token: "secret" }),
    TrackerError,
    "give that address",
  );
  assertEquals([here.asked.length, elsewhere.asked.length], [1, 0]);
});

Deno.test("a name is looked up once: what was checked is what is called", async () => {
  // The system knows no such name: only who goes to the address that was checked gets there.
  await using service = serve(() => new Response(REPLY));
  const tracker = rebinding("127.0.0.1", "203.0.113.1");
  const client = new TrackerClient(undefined, { resolve: tracker.resolve });
  const url = `http://rebound.invalid:${service.port}/announce`;
  assertEquals((await client.announce(url, REQUEST, signal())).interval, 60);
  assertEquals(tracker.looks, ["rebound.invalid"]);
  assertEquals(service.hosts, [`rebound.invalid:${service.port}`]);

  const seed = rebinding("127.0.0.1", "203.0.113.1");
  using web = new WebClient("test", { resolve: seed.resolve });
  const get = async (url: string) => {
    const range = { offset: 0, length: 3, size: 3, signal: signal() };
    return await Array.fromAsync(web.get(url, range));
  };
  await assertRejects(() => get(`http://rebound.invalid:${service.port}/a?b`), WebSeedError, "");
  assertEquals([service.asked.length, seed.looks.length], [1, 1]);
});

Deno.test("a name that turns to this machine between two looks is not followed there", async () => {
  await using service = serve(() => new Response(REPLY));
  // The first look sees the world; nothing answers there, and the second look must not matter.
  const { looks, resolve } = rebinding("203.0.113.1", "127.0.0.1");
  const client = new TrackerClient(undefined, { resolve });
  const url = `http://rebound.invalid:${service.port}/admin?delete=1`;
  const late = AbortSignal.timeout(300);
  await assertRejects(() => client.announce(url, REQUEST, late), TrackerError);
  assertEquals([looks.length, service.asked.length], [1, 0]);
});

Deno.test("a UDP tracker is asked at the address that was checked, and not at other services", async () => {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { port } = socket.addr as Deno.NetAddr;
  const { looks, resolve } = rebinding("127.0.0.1", "203.0.113.1");
  const client = new TrackerClient(undefined, { resolve });
  const abort = new AbortController();
  const url = `udp://rebound.invalid:${port}/announce`;
  const asked = assertRejects(() => client.announce(url, REQUEST, abort.signal), TrackerError);
  const [packet] = await socket.receive();
  assertEquals([packet.length, looks.length], [16, 1]);
  abort.abort();
  await asked;
  socket.close();
  for (
    const [bad, why] of [
      ["udp://127.0.0.1:53/announce", "port 53 belongs to another service"],
      ["udp://0.0.0.0:8000/announce", "nobody can answer"],
      ["udp://239.192.152.143:6771/announce", "nobody can answer"],
    ]
  ) {
    const client = new TrackerClient();
    await assertRejects(() => client.announce(bad!, REQUEST, signal()), TrackerError, why!);
  }
});

Deno.test("a tracker that is not on this machine names no peers on it", async () => {
  const peers = Uint8Array.of(127, 0, 0, 1, 24, 235, 10, 0, 0, 7, 0x1a, 0xe1);
  const body = encodeBencode({ interval: 60, peers });
  await using service = serve(() => new Response(body));
  const near = new TrackerClient();
  const { peers: all } = await near.announce(`${service.url}/announce`, REQUEST, signal());
  assertEquals(all.length, 2);
  const { withinReach } = await import("../../../peer/io/reply_reach.ts");
  const far = withinReach({ interval: 60, peers: all }, "203.0.113.1");
  assertEquals(far.peers, [{ host: "10.0.0.7", port: 6881 }]);
});

Deno.test("where the first addresses of a name refuse, the next one is called", async () => {
  await using service = serve(() => new Response(REPLY));
  const resolve = () => Promise.resolve(["127.0.0.2", "::1", "127.0.0.1"]);
  const client = new TrackerClient(undefined, { resolve });
  const url = `http://several.invalid:${service.port}/announce`;
  assertEquals((await client.announce(url, REQUEST, signal())).interval, 60);
});
