import { AlreadyAddedError, Engine } from "../../peer/mod.ts";
import { formatMagnet, type Magnet, parseMagnet } from "../../protocol/magnet.ts";
import { startTracker } from "../../tracker/mod.ts";
import { parseMetainfo } from "../../protocol/metainfo.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { MetadataPeer } from "../support/metadata_peer.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** Small pieces make a large info dictionary: 40 bytes of hashes for each 32 KiB. */
const PIECE = 16384;

function link(infoHash: string, more: Partial<Magnet> = {}): Magnet {
  return { ...parseMagnet(`magnet:?xt=urn:btih:${infoHash}`), ...more };
}

async function share(seed: TestEngine, pieces = 100, name = "a b.bin") {
  const bytes = someBytes(pieces * PIECE + 123);
  const shared = await seed.engine.share(await seed.put(name, bytes), { pieceLength: PIECE });
  return { ...shared, bytes };
}

Deno.test("a magnet link with a peer becomes a torrent and completes over the same connection", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  const { infoHash, bytes, torrent } = await share(seed, 1000);
  const magnet = link(infoHash, { name: "later known", peers: [addressOf(seed)] });
  assertEquals(leech.engine.addMagnet(magnet), infoHash);
  assertEquals(leech.engine.snapshot().torrents.map(({ state, name }) => [state, name]), [
    ["metadata", "later known"],
  ]);
  const done = await leech.until("torrent-completed");
  assertEquals(done.downloaded, bytes.length);
  assertEquals(await leech.read("a b.bin"), bytes);
  assertEquals(
    leech.events.filter(({ event }) => event === "peer-connected").length,
    1,
    "the connection that gave the metadata should give the pieces",
  );
  assertEquals(
    parseMetainfo(leech.engine.torrentBytes(infoHash)).infoBytes,
    parseMetainfo(torrent).infoBytes,
  );
  const [shown] = leech.engine.snapshot().torrents;
  assertEquals([shown!.state, shown!.peers[0]!.source], ["seeding", "magnet"]);
  assertThrows(() => leech.engine.addMagnet(magnet), AlreadyAddedError);
});

Deno.test("metadata goes on from one peer that had only the link to the next", async () => {
  await using seed = await TestEngine.start();
  await using middle = await TestEngine.start();
  await using last = await TestEngine.start();
  const { infoHash, bytes } = await share(seed);
  middle.engine.addMagnet(link(infoHash, { peers: [addressOf(seed)] }));
  last.engine.addMagnet(link(infoHash, { peers: [addressOf(middle)] }));
  await Promise.all([middle.until("torrent-completed"), last.until("torrent-completed")]);
  assertEquals(await last.read("a b.bin"), bytes);
});

Deno.test("a peer that calls us gives metadata, too", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  const { infoHash } = await share(seed);
  leech.engine.addMagnet(link(infoHash));
  seed.engine.addPeer(infoHash, addressOf(leech));
  await leech.until("torrent-completed");
});

Deno.test("a link is remembered, paused, resumed and removed before its metadata is there", async () => {
  await using seed = await TestEngine.start();
  const { infoHash, bytes } = await share(seed);
  await using folder = await TempFolder.make();
  const options = { dir: folder.path, stateDir: folder.at(".vtorrent"), name: "t", port: 0 };
  const start = () => Engine.start({ ...options, host: "127.0.0.1" });
  const states = (engine: Engine) => engine.snapshot().torrents.map(({ state }) => state);
  {
    await using engine = await start();
    engine.addMagnet(link(infoHash, { name: "it" }));
    engine.pause(infoHash);
    engine.addMagnet(link("ab".repeat(20), { select: "0,2" }));
    assertEquals(states(engine), ["paused", "metadata"]);
    await engine.remove("ab".repeat(20));
    assertEquals(states(engine), ["paused"]);
  }
  {
    await using engine = await start();
    assertEquals(states(engine), ["paused"]);
    assertEquals(engine.snapshot().torrents[0]!.name, "it");
    const complete = Promise.withResolvers<void>();
    using _ = engine.subscribe(({ event }) => {
      if (event === "torrent-completed") complete.resolve();
    });
    engine.resume(infoHash);
    assertEquals(states(engine), ["metadata"]);
    engine.addPeer(infoHash, addressOf(seed));
    await complete.promise;
    assertEquals(await Deno.readFile(folder.at("a b.bin")), bytes);
  }
  await using engine = await start();
  assertEquals(engine.snapshot().torrents.map(({ infoHash }) => infoHash), [infoHash]);
});

Deno.test("the .torrent itself may come first, from elsewhere", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  const { infoHash, torrent } = await share(seed);
  leech.engine.addMagnet(link(infoHash));
  assertEquals(await leech.engine.add(torrent, { peers: [addressOf(seed)] }), infoHash);
  await leech.until("torrent-completed");
  assertEquals(leech.engine.snapshot().torrents.length, 1);
});

Deno.test("a liar's metadata is thrown away, and the liar is avoided", async (t) => {
  for (
    const [what, honest] of [["alone", 0], ["among honest peers", 2]] as const
  ) {
    await t.step(what, async () => {
      await using leech = await TestEngine.start();
      await using seed = await TestEngine.start();
      const { infoHash, torrent } = await share(seed, 5000);
      const info = parseMetainfo(torrent).infoBytes;
      const wrong = info.slice();
      for (let at = 100; at < wrong.length; at += 16384) wrong[at]! ^= 1;
      leech.engine.addMagnet(link(infoHash));
      using liar = await MetadataPeer.connect(leech.engine.port, infoHash, wrong);
      const lying = liar.serve();
      if (what === "alone") {
        await leech.until("peer-banned");
        leech.engine.addPeer(infoHash, addressOf(seed));
      }
      const good = await Promise.all(
        Array.from(
          { length: honest },
          () => MetadataPeer.connect(leech.engine.port, infoHash, info),
        ),
      );
      const serving = good.map((peer) => peer.serve());
      await leech.until("metadata-received");
      const banned = leech.events.filter((event) => event.event === "peer-banned");
      assert(
        banned.every((event) => /metadata/.test(event.reason)) && banned.length <= 1,
        JSON.stringify(banned),
      );
      if (what === "alone") await leech.until("torrent-completed");
      for (const peer of [liar, ...good]) peer[Symbol.dispose]();
      await Promise.all([lying, ...serving]);
    });
  }
});

Deno.test("a peer that tells changes only in later handshakes gives its metadata (BEP 10)", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  const { infoHash, torrent } = await share(seed, 2000);
  leech.engine.addMagnet(link(infoHash));
  const { infoBytes } = parseMetainfo(torrent);
  const options = { tellsChangesOnly: true };
  using peer = await MetadataPeer.connect(leech.engine.port, infoHash, infoBytes, options);
  const serving = peer.serve();
  await leech.until("metadata-received");
  peer[Symbol.dispose]();
  await serving;
});

Deno.test("metadata of impossible size is never begun", async () => {
  await using leech = await TestEngine.start();
  const infoHash = "cd".repeat(20);
  leech.engine.addMagnet(link(infoHash));
  using bomb = await MetadataPeer.connect(leech.engine.port, infoHash, new Uint8Array(10), {
    size: 2 ** 31,
  });
  await bomb.closed();
  const { reason } = await leech.until("peer-disconnected");
  assertEquals(reason, "it claims metadata of 2147483648 bytes");
  using unasked = await MetadataPeer.connect(leech.engine.port, infoHash, new Uint8Array(10));
  const flooding = unasked.flood(100);
  await leech.until("peer-disconnected", ({ reason }) => /did not request/.test(reason));
  await flooding;
});

Deno.test("metadata is given only as often as a peer can need it", async () => {
  await using seed = await TestEngine.start();
  const { infoHash, torrent } = await share(seed, 2000);
  using peer = await MetadataPeer.connect(seed.engine.port, infoHash, undefined);
  const size = parseMetainfo(torrent).infoBytes.length;
  const pieces = Math.ceil(size / 16384);
  const answers = await peer.ask(Array.from({ length: 10 * pieces }, (_, n) => n % pieces));
  assertEquals(answers.filter((type) => type === "data").length, 2 * pieces);
  assertEquals(answers.filter((type) => type === "reject").length, 8 * pieces);
  assertEquals(await peer.ask([500]), ["reject"]);
});

Deno.test("a link that a peer without extensions serves waits for another peer", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  const { infoHash } = await share(seed);
  leech.engine.addMagnet(link(infoHash));
  using old = await FakePeer.connect(leech.engine.port);
  await old.handshake(Uint8Array.fromHex(infoHash));
  leech.engine.addPeer(infoHash, addressOf(seed));
  await leech.until("torrent-completed");
});

Deno.test("the magnet link survives being written and read", () => {
  const magnet = link("ef".repeat(20), {
    name: "x & y",
    trackers: ["http://127.0.0.1:8000/announce"],
    peers: [{ host: "127.0.0.1", port: 6881 }],
    select: "0,2-4",
  });
  assertEquals(parseMagnet(formatMagnet(magnet)), magnet);
});

Deno.test("a tracker hears of a link and of its torrent as one peer, which starts once", async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const trackers = [tracker.urls[0]!];
  await using seed = await TestEngine.start({ trackers });
  const { infoHash, bytes } = await share(seed);
  await seed.until("announced");
  const kindsOf = ({ events }: TestEngine) =>
    events.flatMap((event) => event.event === "announced" ? [event.kind] : []);
  {
    await using leech = await TestEngine.start();
    leech.engine.addMagnet(link(infoHash, { trackers }));
    await leech.until("torrent-completed");
    await leech.until("announced", ({ kind }) => kind === "completed");
    assertEquals(kindsOf(leech), ["started", "regular", "completed"]);
  }
  // Where all is here already, nothing was completed by the download.
  await using again = await TestEngine.start();
  await again.put("a b.bin", bytes);
  again.engine.addMagnet(link(infoHash, { trackers }));
  await again.until("torrent-state", ({ state }) => state === "seeding");
  await again.until("announced", ({ kind }) => kind === "regular");
  assertEquals(kindsOf(again), ["started", "regular"]);
});
