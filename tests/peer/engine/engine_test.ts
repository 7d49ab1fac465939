import { join } from "@std/path";
import { AlreadyAddedError, Engine, TcpError } from "../../../peer/mod.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { addressOf, someBytes, TestEngine } from "../../support/swarm.ts";

const PIECE = 65536;

Deno.test("a file moves from one engine to another and is the same", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  const bytes = someBytes(10 * PIECE + 123);
  const { torrent, infoHash } = await seed.engine.share(await seed.put("a b.bin", bytes), {
    pieceLength: PIECE,
  });
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  const done = await leech.until("torrent-completed");
  assertEquals(done.downloaded, bytes.length);
  assertEquals(await leech.read("a b.bin"), bytes);
  const [shown] = leech.engine.snapshot().torrents;
  assertEquals(shown!.infoHash, infoHash);
  assertEquals([shown!.state, shown!.left, shown!.wasted], ["seeding", 0, 0]);
});

Deno.test("four engines that each know one other all complete", async () => {
  await using seed = await TestEngine.start();
  await using a = await TestEngine.start();
  await using b = await TestEngine.start();
  await using c = await TestEngine.start();
  const bytes = someBytes(40 * PIECE);
  const { torrent } = await seed.engine.share(await seed.put("file", bytes), {
    pieceLength: PIECE,
  });
  await a.engine.add(torrent, { peers: [addressOf(seed)] });
  await b.engine.add(torrent, { peers: [addressOf(a)] });
  await c.engine.add(torrent, { peers: [addressOf(b), addressOf(a)] });
  for (const peer of [a, b, c]) {
    await peer.until("torrent-completed");
    assertEquals(await peer.read("file"), bytes);
  }
});

Deno.test("nested, empty and oddly named files arrive as they were", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  await seed.put("böx/empty", new Uint8Array());
  await seed.put("böx/deep/er/日本 語.txt", someBytes(100_000, 2));
  await seed.put("böx/x", someBytes(33, 3));
  const { torrent } = await seed.engine.share(`${seed.dir}/böx`, { pieceLength: 16384 });
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  await leech.until("torrent-completed");
  assertEquals(await leech.read("böx/empty"), new Uint8Array());
  assertEquals(await leech.read("böx/deep/er/日本 語.txt"), someBytes(100_000, 2));
  assertEquals(await leech.read("böx/x"), someBytes(33, 3));
});

Deno.test("a second bitfield adds to the first, as aria2 means it", async () => {
  await using seed = await TestEngine.start();
  const { infoHash } = await seed.engine.share(await seed.put("file", someBytes(8 * PIECE)), {
    pieceLength: PIECE,
  });
  using peer = await FakePeer.connect(seed.engine.port);
  await peer.handshake(Uint8Array.fromHex(infoHash));
  peer.say.bitfield(new Uint8Array([0b1000_0000]));
  peer.say.have(1);
  peer.say.bitfield(new Uint8Array([0b1110_0000]));
  peer.say.bitfield(new Uint8Array([0b0001_0000]));
  await peer.flush();
  await seed.when(() => seed.engine.snapshot().torrents[0]!.peers[0]?.progress === 0.5, "4 of 8");
});

Deno.test("blocks nobody asked for change nothing", async () => {
  await using leech = await TestEngine.start();
  await using seed = await TestEngine.start();
  const bytes = someBytes(4 * PIECE);
  const { torrent, infoHash } = await seed.engine.share(await seed.put("file", bytes), {
    pieceLength: PIECE,
  });
  await leech.engine.add(torrent);
  await leech.until("torrent-checked");
  using peer = await FakePeer.connect(leech.engine.port);
  await peer.handshake(Uint8Array.fromHex(infoHash));
  for (let i = 0; i < 4; i++) peer.say.piece(i, 0, new Uint8Array(16384));
  await peer.flush();
  await leech.when(() => leech.engine.snapshot().torrents[0]!.wasted === 4 * 16384, "the waste");
  leech.engine.addPeer(infoHash, addressOf(seed));
  await leech.until("torrent-completed");
  assertEquals(await leech.read("file"), bytes);
});

Deno.test("an engine does not stay connected to itself, nor twice to another", async () => {
  await using a = await TestEngine.start();
  await using b = await TestEngine.start();
  const { torrent, infoHash } = await a.engine.share(await a.put("file", someBytes(PIECE)));
  await b.engine.add(torrent);
  await b.put("other", someBytes(5));
  a.engine.addPeer(infoHash, addressOf(a));
  a.engine.addPeer(infoHash, addressOf(b));
  b.engine.addPeer(infoHash, addressOf(a));
  await b.until("torrent-completed");
  await a.when(() => a.engine.snapshot().torrents[0]!.peers.length === 1, "one connection");
  await b.when(() => b.engine.snapshot().torrents[0]!.peers.length === 1, "one connection");
});

Deno.test("pause stops the transfer and keeps the connection; resume goes on", async () => {
  await using seed = await TestEngine.start({ uploadLimit: 400_000 });
  await using leech = await TestEngine.start();
  const bytes = someBytes(16 * PIECE);
  const { torrent, infoHash } = await seed.engine.share(await seed.put("file", bytes), {
    pieceLength: PIECE,
  });
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  await leech.until("piece-verified");
  leech.engine.pause(infoHash);
  assertEquals(leech.engine.snapshot().torrents[0]!.state, "paused");
  await leech.when(() => leech.engine.snapshot().torrents[0]!.downloadRate === 0, "silence");
  assertEquals(leech.engine.snapshot().torrents[0]!.peers.length, 1);
  seed.engine.setLimits({ upload: 0 });
  leech.engine.resume(infoHash);
  await leech.until("torrent-completed");
  assertEquals(await leech.read("file"), bytes);
});

Deno.test("stop leaves the swarm, remove forgets and keeps the data unless told otherwise", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  const { torrent, infoHash } = await seed.engine.share(await seed.put("file", someBytes(PIECE)));
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  await leech.until("torrent-completed");
  await leech.engine.stop(infoHash);
  const [stopped] = leech.engine.snapshot().torrents;
  assertEquals([stopped!.state, stopped!.peers.length], ["stopped", 0]);
  await leech.engine.remove(infoHash);
  assertEquals(leech.engine.snapshot().torrents.length, 0);
  assertEquals((await leech.read("file")).length, PIECE);
  await leech.engine.add(torrent);
  await leech.until("torrent-checked", (event) => event.have === event.pieces);
  // It was there when the torrent came: who knows whose it is.
  const [kept] = await leech.engine.remove(infoHash, { data: true });
  assertEquals(kept?.reason, "it was not downloaded");
  await Deno.remove(join(leech.dir, "file"));
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  await leech.when(() => leech.engine.snapshot().torrents[0]!.state === "seeding", "all of it");
  assertEquals(await leech.engine.remove(infoHash, { data: true }), []);
  await assertRejects(() => leech.read("file"), Deno.errors.NotFound);
});

Deno.test("after a restart nothing is downloaded twice", async () => {
  await using seed = await TestEngine.start({ uploadLimit: 1_000_000 });
  const bytes = someBytes(30 * PIECE);
  const { torrent, infoHash } = await seed.engine.share(await seed.put("file", bytes), {
    pieceLength: PIECE,
  });
  const dir = await Deno.makeTempDir({ prefix: "vtorrent-" });
  const stateDir = `${dir}/.vtorrent`;
  const first = await TestEngine.start({ dir, stateDir });
  await first.engine.add(torrent, { peers: [addressOf(seed)] });
  await first.when(() => first.engine.snapshot().torrents[0]!.piecesHave >= 5, "five pieces");
  await first.engine[Symbol.asyncDispose]();
  const owned = first.engine.snapshot().torrents[0]!.piecesHave;

  await using second = await TestEngine.start({ dir, stateDir });
  const checked = await second.until("torrent-checked");
  assert(checked.have >= owned, `${checked.have} of ${owned} were kept`);
  second.engine.addPeer(infoHash, addressOf(seed));
  const done = await second.until("torrent-completed");
  assertEquals(done.downloaded, bytes.length - checked.have * PIECE);
  assertEquals(await second.read("file"), bytes);
});

Deno.test("the same torrent twice, a taken port and a busy store are refused with a reason", async () => {
  await using a = await TestEngine.start();
  const { torrent } = await a.engine.share(await a.put("file", someBytes(100)));
  const twice = await assertRejects(() => a.engine.add(torrent), AlreadyAddedError);
  assertEquals(twice.message, `"file" is here already`);
  const options = { name: "x", host: "127.0.0.1", port: a.engine.port, dir: a.dir };
  await assertRejects(() => Engine.start(options), TcpError, "in use");
});

Deno.test("today's trackers are not remembered as the torrent's own", async () => {
  const dir = await Deno.makeTempDir({ prefix: "vtorrent-" });
  const options = { dir, stateDir: `${dir}/.vtorrent` };
  const urls = (peer: TestEngine) =>
    peer.engine.snapshot().torrents[0]!.trackers.map(({ url }) => url);
  {
    await using first = await Engine.start({ name: "t", host: "127.0.0.1", port: 0, ...options });
    await Deno.writeFile(`${dir}/f`, someBytes(10));
    await first.share(`${dir}/f`, { trackers: [["http://127.0.0.1:1/announce"]] });
  }
  for (const today of ["http://127.0.0.1:2/announce", "http://127.0.0.1:3/announce"]) {
    const again = await TestEngine.start({ ...options, moreTrackers: [today] });
    assertEquals(urls(again), [today, "http://127.0.0.1:1/announce"]);
    await again.engine[Symbol.asyncDispose]();
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a peer named with a torrent is called after the check, and told what is there", async () => {
  await using seed = await TestEngine.start();
  await using maker = await TestEngine.start();
  const bytes = someBytes(600 * PIECE);
  await seed.put("file", bytes);
  const { torrent, infoHash } = await maker.engine.share(await maker.put("file", bytes), {
    pieceLength: PIECE,
  });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await seed.engine.add(torrent, { peers: [{ host: "127.0.0.1", port: listener.addr.port }] });
  using peer = new FakePeer(await listener.accept());
  await peer.handshake(Uint8Array.fromHex(infoHash), { fast: true });
  assertEquals((await peer.hear())?.type, "have-all");
});
