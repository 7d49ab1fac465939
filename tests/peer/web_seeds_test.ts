/**
 * Web seeds against a real web server: what completes, and what becomes of bad ones.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";
import { type Misbehave, part, rangeOf, WebServer } from "../support/web_server.ts";

const PIECE = 65536;

/** A torrent of one file that names a web seed. */
async function torrentOf(
  maker: TestEngine,
  bytes: Uint8Array,
  ...webSeeds: string[]
): Promise<{ torrent: Uint8Array; infoHash: string }> {
  return await maker.engine.share(await maker.put("file name.bin", bytes), {
    pieceLength: PIECE,
    webSeeds,
  });
}

Deno.test("a file completes from a web server alone, in long ranges", async () => {
  await using maker = await TestEngine.start();
  await using leech = await TestEngine.start();
  const bytes = someBytes(200 * PIECE + 123);
  await using server = new WebServer({ "/it": bytes });
  const { torrent } = await torrentOf(maker, bytes, `${server.url}/it`);
  await leech.engine.add(torrent);
  await leech.until("torrent-completed");
  assertEquals(await leech.read("file name.bin"), bytes);
  assert(server.hits.length < 40, `${server.hits.length} requests for 201 pieces`);
  const [shown] = leech.engine.snapshot().torrents;
  assertEquals([shown!.downloaded, shown!.wasted], [bytes.length, 0]);
  assertEquals(shown!.webSeeds.map(({ downloaded, url }) => ({ downloaded, url })), [
    { downloaded: bytes.length, url: `${server.url}/it` },
  ]);
  assertEquals(
    new Set(leech.events.flatMap((e) => e.event === "piece-verified" ? [e.peer] : [])),
    new Set(["web seed 127.0.0.1"]),
  );
});

for (const kind of ["v1", "hybrid", "v2"] as const) {
  Deno.test(`a ${kind} folder completes from a web server, whatever its files are called`, async () => {
    await using maker = await TestEngine.start();
    await using leech = await TestEngine.start();
    const a = someBytes(3 * PIECE + 5, 1);
    const b = someBytes(777, 2);
    const c = someBytes(PIECE, 3);
    await maker.put("ö x/a #1?.bin", a);
    await maker.put("ö x/leer", new Uint8Array());
    await maker.put("ö x/sub dir/b%20.txt", b);
    await maker.put("ö x/sub dir/c", c);
    await using server = new WebServer({
      "/pub/%C3%B6%20x/a%20%231%3F.bin": a,
      "/pub/%C3%B6%20x/sub%20dir/b%2520.txt": b,
      "/pub/%C3%B6%20x/sub%20dir/c": c,
    });
    const { torrent } = await maker.engine.share(`${maker.dir}/ö x`, {
      kind,
      pieceLength: PIECE,
      webSeeds: [`${server.url}/pub`],
    });
    const infoHash = await leech.engine.add(torrent);
    await leech.until("torrent-completed");
    const paths = leech.engine.snapshot().torrents.find((t) => t.infoHash === infoHash)!.files;
    for (const { path, length } of paths) {
      assertEquals(
        await leech.read(path),
        [a, b, c].find((f) => f.length === length) ?? b.slice(0, 0),
      );
    }
  });
}

Deno.test("a web server and a peer share the work", async () => {
  await using maker = await TestEngine.start({ uploadLimit: 3_000_000 });
  await using leech = await TestEngine.start();
  const bytes = someBytes(100 * PIECE);
  const gate = Promise.withResolvers<void>();
  // The server holds its answers back until the peer has given something.
  await using server = new WebServer({}, (request) => {
    const { from, to } = rangeOf(request);
    return part(
      bytes,
      from,
      to,
      new ReadableStream({
        async start(stream) {
          await gate.promise;
          stream.enqueue(bytes.slice(from, to + 1));
          stream.close();
        },
      }),
    );
  });
  const { torrent } = await torrentOf(maker, bytes, `${server.url}/it`);
  await leech.engine.add(torrent, { peers: [addressOf(maker)] });
  await leech.until("piece-verified", ({ peer }) => !peer.startsWith("web seed"));
  gate.resolve();
  await leech.until("torrent-completed");
  assertEquals(await leech.read("file name.bin"), bytes);
  const [shown] = leech.engine.snapshot().torrents;
  assert(shown!.webSeeds[0]!.downloaded > 0 && shown!.peers[0]!.downloaded > 0);
});

Deno.test("what a peer began and left unfinished comes from the web server", async () => {
  await using maker = await TestEngine.start();
  await using leech = await TestEngine.start();
  const bytes = someBytes(4 * PIECE);
  let open = false;
  const busy: Misbehave = () => open ? undefined : new Response("", { status: 503 });
  await using server = new WebServer({ "/it": bytes }, busy);
  const { torrent, infoHash } = await torrentOf(maker, bytes, `${server.url}/it`);
  await leech.engine.add(torrent);
  await leech.until("web-seed-failed", ({ reason }) => reason.startsWith("503"));
  {
    using peer = await FakePeer.connect(leech.engine.port);
    await peer.handshake(Uint8Array.fromHex(infoHash));
    let given = 0;
    const seeding = peer.seed(4, (piece, begin, length) => {
      if (given++ === 3) peer[Symbol.dispose]();
      return bytes.slice(piece * PIECE + begin, piece * PIECE + begin + length);
    });
    await leech.until("peer-disconnected");
    await seeding.catch(() => {});
  }
  open = true;
  await leech.until("torrent-completed");
  assertEquals(await leech.read("file name.bin"), bytes);
});

Deno.test("a web server that sends wrong data is banned, and another completes", async () => {
  await using maker = await TestEngine.start();
  await using leech = await TestEngine.start();
  const bytes = someBytes(30 * PIECE);
  const wrong = bytes.map((byte, i) => i % PIECE === 7 ? byte ^ 1 : byte);
  await using bad = new WebServer({ "/it": wrong });
  await using good = new WebServer({ "/it": bytes });
  const { torrent } = await torrentOf(maker, bytes, `${bad.url}/it`, `${good.url}/it`);
  await leech.engine.add(torrent);
  const failed = await leech.until("web-seed-failed");
  assertEquals([failed.url, failed.givenUp], [`${bad.url}/it`, true]);
  assert(/banned: piece \d+, all from it, was wrong/.test(failed.reason), failed.reason);
  await leech.until("torrent-completed");
  assertEquals(await leech.read("file name.bin"), bytes);
  const { status } = leech.engine.snapshot().torrents[0]!.webSeeds[0]!;
  assert(status.startsWith("given up: banned"), status);
});

Deno.test("a bad web server is told with its reason, and the rest completes without it", async (t) => {
  // More than one request takes.
  const bytes = someBytes(30 * PIECE);
  const whole = (request: Request) => rangeOf(request);
  const cases: [string, RegExp, boolean, Misbehave][] = [
    ["without ranges", /whole files only/, true, () => new Response(bytes)],
    ["404", /404 Not Found/, true, () => new Response("", { status: 404 })],
    ["403", /403/, true, () => new Response("", { status: 403 })],
    ["503", /503/, false, () => new Response("", { status: 503 })],
    ["another range", /another range/, true, (request) => {
      const { from, to } = whole(request);
      return part(bytes, from + 1, to);
    }],
    ["another size", /has 5 bytes, 1966080 are due/, true, (request) => {
      const { from, to } = whole(request);
      const headers = { "content-range": `bytes ${from}-${to}/5` };
      return new Response(bytes.subarray(from, to + 1), { status: 206, headers });
    }],
    ["too short", /bytes early|hung up/, false, (request) => {
      const { from, to } = whole(request);
      return part(bytes, from, to, bytes.subarray(from, from + 1000));
    }],
    ["too long", /more than was asked/, false, (request) => {
      const { from, to } = whole(request);
      return part(bytes, from, to, new Uint8Array([...bytes.subarray(from, to + 1), 1, 2, 3]));
    }],
    [
      "redirects in circles",
      /in circles/,
      true,
      (request) => Response.redirect(request.url),
    ],
    [
      "redirects of two that name each other",
      /in circles/,
      true,
      (request) => {
        const other = request.url.endsWith("it") ? `${request.url}/2` : request.url.slice(0, -2);
        return Response.redirect(other);
      },
    ],
    ["packed", /it packs what it sends \(gzip\)/, true, (request) => {
      const { from, to } = whole(request);
      const answer = part(bytes, from, to);
      answer.headers.set("content-encoding", "gzip");
      return answer;
    }],
    [
      "redirects to a question",
      /asks a local server a question/,
      true,
      (request) => Response.redirect(`${request.url}?delete=all`),
    ],
    [
      "redirects elsewhere",
      /no web address/,
      true,
      () => new Response("", { status: 302, headers: { location: "file:///etc/passwd" } }),
    ],
  ];
  for (const [what, reason, givenUp, misbehave] of cases) {
    await t.step(what, async () => {
      await using maker = await TestEngine.start();
      await using leech = await TestEngine.start();
      await using server = new WebServer({}, misbehave);
      const { torrent, infoHash } = await torrentOf(maker, bytes, `${server.url}/it`);
      await leech.engine.add(torrent);
      const failed = await leech.until("web-seed-failed");
      assert(reason.test(failed.reason), failed.reason);
      assertEquals(failed.givenUp, givenUp);
      leech.engine.addPeer(infoHash, addressOf(maker));
      await leech.until("torrent-completed");
      assertEquals(await leech.read("file name.bin"), bytes);
    });
  }
});

Deno.test("redirects are followed, within reason", async () => {
  await using maker = await TestEngine.start();
  await using leech = await TestEngine.start();
  const bytes = someBytes(6 * PIECE);
  await using mirror = new WebServer({ "/there": bytes });
  await using server = new WebServer({}, () => Response.redirect(`${mirror.url}/there`));
  const { torrent } = await torrentOf(maker, bytes, `${server.url}/it`);
  await leech.engine.add(torrent);
  await leech.until("torrent-completed");
  assertEquals(await leech.read("file name.bin"), bytes);
});

Deno.test("a web server that falls silent does not hold up the last piece", async () => {
  await using maker = await TestEngine.start();
  await using leech = await TestEngine.start();
  const bytes = someBytes(6 * PIECE);
  const gate = Promise.withResolvers<void>();

  await using server = new WebServer({}, (request) => {
    const { from, to } = rangeOf(request);
    const first = bytes.slice(from, from + 1000);
    return part(
      bytes,
      from,
      to,
      new ReadableStream({
        async start(stream) {
          stream.enqueue(first);
          await gate.promise;
          stream.close();
        },
      }),
    );
  });
  const { torrent, infoHash } = await torrentOf(maker, bytes, `${server.url}/it`);
  await leech.engine.add(torrent);
  await leech.when(() => server.hits.length > 0, "a request");
  leech.engine.addPeer(infoHash, addressOf(maker));
  try {
    await leech.until("torrent-completed");
  } finally {
    gate.resolve();
  }
  assertEquals(await leech.read("file name.bin"), bytes);
});

Deno.test("the rate limit holds for web servers too", async () => {
  await using maker = await TestEngine.start();
  await using leech = await TestEngine.start({ downloadLimit: 400_000 });
  const bytes = someBytes(20 * PIECE);
  await using server = new WebServer({ "/it": bytes });
  const { torrent } = await torrentOf(maker, bytes, `${server.url}/it`);
  await leech.engine.add(torrent);
  const { seconds } = await leech.until("torrent-completed");
  assert(seconds > 1.5, `1.3 MB at 400 kB/s in ${seconds} s`);
});

Deno.test("pausing ends requests, resuming begins them anew; turned off there are none", async () => {
  await using maker = await TestEngine.start();
  await using leech = await TestEngine.start({ downloadLimit: 100_000 });
  await using other = await TestEngine.start({ webSeeds: false });
  const bytes = someBytes(20 * PIECE);
  await using server = new WebServer({ "/it": bytes });
  const { torrent, infoHash } = await torrentOf(maker, bytes, `${server.url}/it`);
  await other.engine.add(torrent);
  await leech.engine.add(torrent);
  const seed = () => leech.engine.snapshot().torrents[0]!.webSeeds[0]!;
  await leech.when(() => seed().downloaded > 0, "the first bytes");
  leech.engine.pause(infoHash);
  await leech.when(() => seed().requests === 0, "the end of its requests");
  leech.engine.setLimits({ download: 0 });
  leech.engine.resume(infoHash);
  await leech.until("torrent-completed");
  assertEquals(await leech.read("file name.bin"), bytes);
  assertEquals(other.engine.snapshot().torrents[0]!.webSeeds, []);
  assertEquals(other.engine.snapshot().torrents[0]!.piecesHave, 0);
});

Deno.test("a web server that sends a byte now and then is given up after 20 s, for its pieces' sake", async () => {
  await using maker = await TestEngine.start();
  await using leech = await TestEngine.start();
  const bytes = someBytes(6 * PIECE);
  const over = new AbortController();
  const drips = new Set<ReturnType<typeof setInterval>>();
  await using server = new WebServer({}, (request) => {
    const { from, to } = rangeOf(request);
    let at = from;
    let drip: ReturnType<typeof setInterval> | undefined;
    const end = () => {
      clearInterval(drip);
      drips.delete(drip!);
    };
    const body = new ReadableStream({
      start(stream) {
        drip = setInterval(() => stream.enqueue(bytes.slice(at, ++at)), 200);
        drips.add(drip);
        over.signal.addEventListener("abort", () => {
          end();
          stream.error("over");
        });
      },
      cancel: end,
    });
    return part(bytes, from, to, body);
  });
  const { torrent, infoHash } = await torrentOf(maker, bytes, `${server.url}/it`);
  const failed = Promise.withResolvers<string>();
  using _subscription = leech.engine.subscribe((event) => {
    if (event.event === "web-seed-failed") failed.resolve(event.reason);
  });
  await leech.engine.add(torrent);
  // Two requests take all there is: whoever comes gets it when they are over.
  assert(/^it sent \d+ bytes in 20 s, too few to wait for$/.test(await failed.promise));
  leech.engine.addPeer(infoHash, addressOf(maker));
  await leech.until("torrent-completed");
  assertEquals(await leech.read("file name.bin"), bytes);
  over.abort();
});
