import type { AnnounceRequest } from "../../../protocol/announce.ts";
import { parseAnnounceQuery } from "../../../protocol/announce.ts";
import { encodeBencode } from "../../../protocol/bencode.ts";
import { TrackerError } from "../../../protocol/errors.ts";
import { TrackerClient } from "../../../peer/trackers/tracker_client.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";

const REQUEST: AnnounceRequest = {
  infoHash: new Uint8Array(20).fill(0xe9),
  peerId: new TextEncoder().encode("-VT0100-abcdefghijkl"),
  port: 6881,
  uploaded: 1,
  downloaded: 2,
  left: 3,
  event: "started",
  numwant: 50,
  key: 7,
  compact: true,
  noPeerId: true,
  name: "Übung 1",
};

/** A tiny server; `await using` ends it. */
function serve(handler: (request: Request) => Response | Promise<Response>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  const url = `http://127.0.0.1:${server.addr.port}/announce`;
  return { url, [Symbol.asyncDispose]: () => server.shutdown() };
}

function announce(url: string, signal = AbortSignal.timeout(5000)) {
  return new TrackerClient().announce(url, REQUEST, signal);
}

function bencoded(value: Record<string, unknown>, status = 200): Response {
  return new Response(encodeBencode(value as Parameters<typeof encodeBencode>[0]), { status });
}

const REPLY = {
  interval: 60,
  complete: 4,
  incomplete: 2,
  peers: Uint8Array.of(127, 0, 0, 1, 0x1a, 0xe1),
};

Deno.test("an announce asks with all its facts and brings peers and counts", async () => {
  let asked: AnnounceRequest | undefined;
  let agent: string | null = null;
  await using server = serve((request) => {
    agent = request.headers.get("user-agent");
    const url = new URL(request.url);
    assertEquals([url.pathname, url.searchParams.get("passkey")], ["/announce", "x y"]);
    asked = parseAnnounceQuery(request.url, request.url.indexOf("?") + 1);
    return bencoded(REPLY);
  });
  const reply = await announce(`${server.url}?passkey=x%20y`);
  assertEquals(reply, {
    interval: 60,
    seeders: 4,
    leechers: 2,
    peers: [{ host: "127.0.0.1", port: 6881 }],
  });
  assertEquals({ ...asked }, { ...REQUEST });
  assert(agent !== null);
});

Deno.test("a failure reason is passed on in the tracker's words, also with an error status", async () => {
  for (const status of [200, 400]) {
    await using server = serve(() =>
      bencoded({ "failure reason": "not today", "retry in": "5" }, status)
    );
    const error = await assertRejects(() => announce(server.url), TrackerError);
    assertEquals(error.message, `Tracker ${server.url}: not today`);
    assertEquals(error.retryIn, 5);
  }
});

Deno.test("HTML, an error status and garbage are called what they are", async () => {
  const answers: [Response, RegExp][] = [
    [new Response("<!DOCTYPE html><html>"), /answered HTML instead of bencode: check the address$/],
    [new Response("<html>oops", { status: 500 }), /answered HTTP status 500$/],
    [new Response("gone", { status: 404 }), /answered HTTP status 404$/],
    [new Response(null), /./],
    [new Response("i5e"), /./],
  ];
  for (const [response, expected] of answers) {
    await using server = serve(() => response);
    const error = await assertRejects(() => announce(server.url), TrackerError);
    assert(error.message.startsWith(`Tracker ${server.url}`), error.message);
    assert(expected.test(error.message), error.message);
  }
});

Deno.test("a tracker that is not running is called that", async () => {
  let url = "";
  {
    await using server = serve(() => bencoded(REPLY));
    url = server.url;
  }
  await assertRejects(
    () => announce(url),
    TrackerError,
    `Cannot reach tracker ${url}: connection refused`,
  );
});

Deno.test("a tracker that says nothing is given up, in time or when told", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  await using server = serve(() => {
    asked.resolve();
    return answer.promise;
  });
  await assertRejects(
    () => announce(server.url, AbortSignal.timeout(50)),
    TrackerError,
    "no answer in time",
  );
  const abort = new AbortController();
  const pending = announce(server.url, abort.signal);
  await asked.promise;
  abort.abort();
  await assertRejects(() => pending, TrackerError, "stopped");
  answer.resolve(new Response());
});

Deno.test("a tracker that hangs in the middle of its reply is given up too", async () => {
  await using server = serve(() =>
    new Response(
      new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([0x64])) }),
    )
  );
  await assertRejects(
    () => announce(server.url, AbortSignal.timeout(100)),
    TrackerError,
    "no answer in time",
  );
});

Deno.test("a tracker that hangs up is reported", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    for await (const conn of listener) conn.close();
  })();
  const url = `http://127.0.0.1:${listener.addr.port}/announce`;
  await assertRejects(() => announce(url), TrackerError, `Cannot reach tracker ${url}:`);
  listener.close();
  await served;
});

Deno.test("a reply longer than 1 MiB is not read, compressed or not", async () => {
  const long = new Uint8Array(2 ** 20 + 1);
  await using server = serve(() => new Response(long));
  await assertRejects(() => announce(server.url), TrackerError, "is longer than 1048576 bytes");
  const bomb = await compress(new Uint8Array(2 ** 23));
  await using other = serve(() => gzipped(bomb));
  await assertRejects(() => announce(other.url), TrackerError, "is longer than 1048576 bytes");
});

Deno.test("a compressed reply is understood", async () => {
  const body = await compress(encodeBencode(REPLY));
  await using server = serve(() => gzipped(body));
  assertEquals((await announce(server.url)).interval, 60);
});

async function compress(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function gzipped(body: Uint8Array<ArrayBuffer>): Response {
  return new Response(body, { headers: { "content-encoding": "gzip" } });
}

Deno.test("redirects are followed, but not for ever and not to other protocols", async () => {
  let hops = 0;
  await using server = serve((request) => {
    hops++;
    const url = new URL(request.url);
    const n = Number(url.searchParams.get("pid") ?? 0);
    if (url.pathname === "/announce/file") return Response.redirect("file:///etc/passwd");
    if (n === 0) return bencoded(REPLY);
    return new Response(null, { status: 302, headers: { location: `/announce?pid=${n - 1}` } });
  });
  assertEquals((await announce(`${server.url}?pid=3`)).interval, 60);
  assertEquals(hops, 4);
  await assertRejects(() => announce(`${server.url}?pid=9`), TrackerError, "redirects in circles");
  const file = `${server.url}/file`;
  await assertRejects(() => announce(file), TrackerError, "redirects to file:");
});

Deno.test("a scrape asks at the scrape URL and brings the counts", async () => {
  await using server = serve((request) => {
    assertEquals(new URL(request.url).pathname, "/scrape");
    const counts = { complete: 5, downloaded: 50, incomplete: 10 };
    const files = new Map([["\xe9".repeat(20), new Map(Object.entries(counts))]]);
    return new Response(encodeBencode(new Map([["files", files]])));
  });
  const client = new TrackerClient();
  const signal = AbortSignal.timeout(5000);
  assertEquals(await client.scrape(server.url, [REQUEST.infoHash], signal), [
    { infoHash: REQUEST.infoHash, seeders: 5, completed: 50, leechers: 10 },
  ]);
  await assertRejects(
    () => client.scrape(server.url.replace("announce", "a"), [REQUEST.infoHash], signal),
    TrackerError,
    "cannot be scraped",
  );
});

Deno.test("a scheme nobody speaks is refused", async () => {
  await assertRejects(
    () => announce("wss://127.0.0.1:1/"),
    TrackerError,
    "only http, https and udp",
  );
});

Deno.test("Retry-After of a tracker that is busy, and min interval beside a refusal, are passed on", async () => {
  const answers = [
    new Response("busy", { status: 503, headers: { "retry-after": "120" } }),
    bencoded({ "failure reason": "not yet", "min interval": 120 }),
  ];
  for (const answer of answers) {
    await using server = serve(() => answer);
    const error = await assertRejects(() => announce(server.url), TrackerError);
    assertEquals(error.minInterval, 120);
  }
});
