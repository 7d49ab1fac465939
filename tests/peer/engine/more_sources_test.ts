/**
 * A torrent or link that is here is added again: its trackers, web seeds and peers count.
 *
 * @module
 */
import { AlreadyAddedError, createTorrent, Engine } from "../../../peer/mod.ts";
import { encodeBencode } from "../../../protocol/bencode.ts";
import { editMetainfo } from "../../../protocol/edit_metainfo.ts";
import { type Magnet, parseMagnet } from "../../../protocol/magnet.ts";
import { parseMetainfo } from "../../../protocol/metainfo.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../../support/swarm.ts";
import { WebServer } from "../../support/web_server.ts";

const BYTES = someBytes(100_000);

/** A tracker that knows these peers, and counts as `hits` who asked. */
class Tracker extends WebServer {
  constructor(...peers: readonly TestEngine[]) {
    const compact = peers.flatMap(({ engine: { port } }) => [127, 0, 0, 1, port >> 8, port & 255]);
    const reply = encodeBencode({ interval: 1800, peers: Uint8Array.from(compact) });
    super({}, () => new Response(reply.slice()));
  }

  get announceUrl(): string {
    return `${this.url}/announce`;
  }
}

function link(infoHash: string, more: Partial<Magnet> = {}): Magnet {
  return { ...parseMagnet(`magnet:?xt=urn:btih:${infoHash}`), ...more };
}

/** A seed, the .torrent of what it seeds, and its info hash. */
async function seedOf(options: { private?: boolean } = {}) {
  const seed = await TestEngine.start();
  const path = await seed.put("it", BYTES);
  const { infoHash } = await seed.engine.share(path, options);
  const { bytes: torrent } = await createTorrent({ ...options, path });
  return { seed, torrent, infoHash };
}

function added(leech: TestEngine) {
  return leech.events.flatMap((event) => {
    if (event.event !== "sources-added") return [];
    const { trackers, webSeeds, peers } = event;
    return [{ trackers, webSeeds, peers }];
  });
}

Deno.test("a second link's tracker is asked beside one that answers, and its peers are called", async () => {
  const { seed, torrent, infoHash } = await seedOf();
  await using _ = seed;
  for (const isLink of [true, false]) {
    await using leech = await TestEngine.start();
    await using first = new Tracker();
    await using second = new Tracker();
    const trackers = [[first.announceUrl]];
    if (isLink) leech.engine.addMagnet(link(infoHash), { trackers });
    else await leech.engine.add(torrent, { trackers });
    await leech.until("announced");
    const again = link(infoHash, { trackers: [second.announceUrl], peers: [addressOf(seed)] });
    assertThrows(() => leech.engine.addMagnet(again), AlreadyAddedError);
    await leech.until("announced", ({ tracker }) => tracker === second.announceUrl);
    await leech.until("torrent-completed");
    assertEquals(added(leech), [{ trackers: 1, webSeeds: 0, peers: 1 }]);
    assertThrows(() => leech.engine.addMagnet(again), AlreadyAddedError);
    assertEquals(added(leech).length, 1, "the second time nothing is new");
  }
});

Deno.test("sources of a second link survive a restart, also when it became a torrent", async () => {
  const { seed, torrent, infoHash } = await seedOf();
  await using _ = seed;
  for (const isLink of [true, false]) {
    await using keeper = await TestEngine.start();
    await using first = new Tracker();
    await using second = new Tracker();
    await using third = new Tracker(seed);
    const options = { name: "t", host: "127.0.0.1", port: 0, dir: keeper.dir };
    const start = () => Engine.start({ ...options, stateDir: `${keeper.dir}/.vtorrent` });
    const lists = (engine: Engine) => engine.snapshot().torrents[0]!.trackers.map(({ url }) => url);
    const all = [first, second, third].map(({ announceUrl }) => announceUrl);
    {
      await Deno.mkdir(`${keeper.dir}/.vtorrent`, { recursive: true });
      await using engine = await start();
      const trackers = [[first.announceUrl]];
      if (isLink) engine.addMagnet(link(infoHash), { trackers, paused: true });
      else await engine.add(torrent, { trackers, paused: true });
      for (const { announceUrl, url } of [second, third]) {
        const again = link(infoHash, { trackers: [announceUrl], webSeeds: [`${url}/it`] });
        assertThrows(() => engine.addMagnet(again), AlreadyAddedError);
      }
      assertEquals(lists(engine), all);
    }
    await using engine = await start();
    assertEquals(lists(engine), all);
    const done = Promise.withResolvers<void>();
    using _listening = engine.subscribe(({ event }) => {
      if (event === "torrent-completed") done.resolve();
    });
    engine.resume(infoHash);
    await done.promise;
    assertEquals(lists(engine), all);
    for (const tracker of [first, second, third]) assert(tracker.hits.length > 0);
    const { webSeeds } = parseMetainfo(engine.torrentBytes(infoHash));
    assertEquals(webSeeds, [`${second.url}/it`, `${third.url}/it`]);
    assertEquals(engine.snapshot().torrents[0]!.webSeeds.map(({ url }) => url), webSeeds);
  }
});

Deno.test("a .torrent for a link that waits keeps what the link named", async () => {
  const { seed, torrent, infoHash } = await seedOf();
  await using _ = seed;
  await using leech = await TestEngine.start();
  await using ofLink = new Tracker(seed);
  await using ofTorrent = new Tracker();
  leech.engine.addMagnet(
    link(infoHash, { trackers: [ofLink.announceUrl], webSeeds: [`${ofLink.url}/it`] }),
    { paused: true },
  );
  await leech.engine.add(torrent, { trackers: [[ofTorrent.announceUrl]] });
  await leech.until("torrent-completed");
  const [shown] = leech.engine.snapshot().torrents;
  assertEquals(shown!.trackers.map(({ url }) => url), [
    ofTorrent.announceUrl,
    ofLink.announceUrl,
  ]);
  assertEquals(shown!.webSeeds.map(({ url }) => url), [`${ofLink.url}/it`]);
});

Deno.test("a second .torrent's web seed completes a download that has nobody", async () => {
  const { seed, torrent } = await seedOf();
  await seed[Symbol.asyncDispose]();
  await using leech = await TestEngine.start();
  await using server = new WebServer({ "/it": BYTES });
  await leech.engine.add(torrent);
  const second = editMetainfo(torrent, { webSeeds: [`${server.url}/it`] });
  await assertRejects(() => leech.engine.add(second), AlreadyAddedError);
  await leech.until("torrent-completed");
  assertEquals(await leech.read("it"), BYTES);
});

Deno.test("a private torrent keeps to its own trackers, and to peers that a person names (BEP 27)", async () => {
  const { seed, torrent, infoHash } = await seedOf({ private: true });
  await using _ = seed;
  await using leech = await TestEngine.start();
  await using own = new Tracker();
  await using foreign = new Tracker(seed);
  await leech.engine.add(torrent, { trackers: [[own.announceUrl]] });
  await leech.until("announced");
  const again = link(infoHash, { trackers: [foreign.announceUrl], peers: [addressOf(seed)] });
  assertThrows(() => leech.engine.addMagnet(again), AlreadyAddedError);
  assertEquals(added(leech), []);
  assertEquals(leech.engine.snapshot().torrents[0]!.trackers.length, 1);
  const peers = [addressOf(seed)];
  await assertRejects(() => leech.engine.add(torrent, { peers }), AlreadyAddedError);
  await leech.until("torrent-completed");
  assertEquals(foreign.hits, []);
});

Deno.test("one event tells that only the first of many trackers are used", async () => {
  await using leech = await TestEngine.start();
  await using tracker = new Tracker();
  const others = Array.from({ length: 59 }, (_, i) => [`udp://127.0.0.1:${i + 1}`]);
  const trackers = [[tracker.announceUrl], ...others];
  leech.engine.addMagnet(link("ab".repeat(20)), { trackers });
  const { used, named } = await leech.until("trackers-left-out");
  assertEquals([used, named], [50, 60]);
  await leech.until("announced");
  const told = leech.events.filter(({ event }) => event === "trackers-left-out");
  assertEquals(told.length, 1);
});

Deno.test("one event tells how many sources of a .torrent or link are left out", async () => {
  const { seed, torrent, infoHash } = await seedOf();
  await using _ = seed;
  const urls = Array.from({ length: 70 }, (_, i) => `http://127.0.0.1:1/${i}/`);
  const told = (leech: TestEngine) =>
    leech.events.flatMap((event) => {
      if (event.event !== "sources-left-out") return [];
      const { webSeeds, peers, nodes, longUrls } = event;
      return [[webSeeds, peers, nodes, longUrls]];
    });
  {
    await using leech = await TestEngine.start();
    await leech.engine.add(editMetainfo(torrent, { webSeeds: urls }), { paused: true });
    assertEquals(told(leech), [[38, 0, 0, 0]]);
    // Another link's find no room.
    const more = link(infoHash, { webSeeds: ["http://127.0.0.1:1/more/"] });
    assertThrows(() => leech.engine.addMagnet(more), AlreadyAddedError);
    assertEquals(told(leech).at(-1), [1, 0, 0, 0]);
  }
  // Nothing is left out of what nobody asks for.
  await using without = await TestEngine.start({ webSeeds: false });
  await without.engine.add(editMetainfo(torrent, { webSeeds: urls }), { paused: true });
  assertEquals(told(without), []);

  await using leech = await TestEngine.start();
  const { host, port } = addressOf(seed);
  const peers = Array.from({ length: 67 }, (_, i) => `&x.pe=127.0.0.${i + 2}:1`).join("");
  const seeds = urls.map((url) => `&ws=${encodeURIComponent(url)}`).join("");
  leech.engine.addMagnet(
    parseMagnet(`magnet:?xt=urn:btih:${infoHash}&x.pe=${host}:${port}${peers}${seeds}`),
  );
  await leech.until("torrent-completed");
  assertEquals(told(leech), [[38, 4, 0, 0]], "once: of the link");
});
