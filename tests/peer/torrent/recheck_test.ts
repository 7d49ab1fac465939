/**
 * Files that are damaged or changed while they are seeded: nobody is given wrong bytes, everybody
 * hears what is gone, and what is gone comes back.
 *
 * @module
 */
import { join } from "@std/path";
import { encodeExtensionHandshake } from "../../../protocol/extension_message.ts";
import { Bitfield } from "../../../protocol/bitfield.ts";
import { assert, assertEquals, assertMatch } from "../../support/assert.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { addressOf, someBytes, TestEngine } from "../../support/swarm.ts";

const PIECE = 16384;
const COUNT = 20;
const BYTES = someBytes(COUNT * PIECE - 100);

function stateOf({ engine }: TestEngine) {
  return engine.snapshot().torrents[0]!;
}

/** A seed of one file, `t/a`, with a small one beside it. */
async function startSeed(): Promise<{ seed: TestEngine; torrent: Uint8Array; infoHash: string }> {
  const seed = await TestEngine.start();
  await seed.put("t/a", BYTES);
  await seed.put("t/b", someBytes(100, 2));
  const { torrent, infoHash } = await seed.engine.share(join(seed.dir, "t"), {
    pieceLength: PIECE,
  });
  await seed.until("torrent-state", ({ state }) => state === "seeding");
  return { seed, torrent, infoHash };
}

/** Another seed of the same. */
async function startTwin(torrent: Uint8Array): Promise<TestEngine> {
  const twin = await TestEngine.start();
  await twin.put("t/a", BYTES);
  await twin.put("t/b", someBytes(100, 2));
  await twin.engine.add(torrent);
  await twin.until("torrent-state", ({ state }) => state === "seeding");
  return twin;
}

/** Spoils pieces on disk without a trace in size or time. */
async function damage(path: string, pieces: readonly number[]): Promise<void> {
  const { mtime, atime } = await Deno.stat(path);
  const bytes = await Deno.readFile(path);
  for (const piece of pieces) bytes.set([1, 2, 3], piece * PIECE + 7);
  await Deno.writeFile(`${path}~`, bytes);
  await Deno.utime(`${path}~`, atime!, mtime!);
  await Deno.rename(`${path}~`, path);
}

/** A leech of the test's, by fast extension, that speaks `lt_donthave` or not. */
async function callAt(seed: TestEngine, infoHash: string, speaks: boolean): Promise<FakePeer> {
  const peer = await FakePeer.connect(seed.engine.port);
  await peer.handshake(Uint8Array.fromHex(infoHash), { fast: true, extended: true });
  peer.say.extended(
    0,
    encodeExtensionHandshake({ messages: speaks ? { "lt_donthave": 9 } : {}, client: "test" }),
  );
  peer.say.haveNone();
  peer.say.interested();
  await peer.flush();
  return peer;
}

/** The pieces that are said to be gone until something else is said than that. */
async function hearLost(peer: FakePeer, count: number): Promise<number[]> {
  const lost: number[] = [];
  while (lost.length < count) {
    const message = await peer.hearUntil("extended");
    assert(message?.type === "extended");
    if (message.id !== 9) continue;
    lost.push(new DataView(message.payload.slice().buffer).getUint32(0));
  }
  return lost;
}

Deno.test("verify finds damaged pieces while seeding; they are told, and mended when a person says so", async () => {
  const { seed, torrent, infoHash } = await startSeed();
  await using _seed = seed;
  await using twin = await startTwin(torrent);
  using speaks = await callAt(seed, infoHash, true);
  using mute = await callAt(seed, infoHash, false);
  await speaks.hearUntil("unchoke");
  await mute.hearUntil("unchoke");
  assertEquals(await seed.engine.verify(infoHash), { checked: COUNT, lost: 0, found: 0 });
  assertEquals(stateOf(seed).state, "seeding");

  await damage(join(seed.dir, "t/a"), [3, 11]);
  // Two at once are one after the other, and the second one has nothing to find.
  const both = await Promise.all([seed.engine.verify(infoHash), seed.engine.verify(infoHash)]);
  assertEquals(both.map(({ lost }) => lost), [2, 0]);
  assertEquals([stateOf(seed).state, stateOf(seed).piecesHave], ["error", COUNT - 2]);
  assertEquals(await hearLost(speaks, 2), [3, 11]);
  speaks.say.request(11, 0, PIECE);
  await speaks.flush();
  assertEquals(await speaks.hearUntil("reject"), {
    type: "reject",
    piece: 11,
    begin: 0,
    length: PIECE,
  });
  // Who does not understand it is hung up on, and hears the rest when it calls again.
  await mute.closed();
  using again = await FakePeer.connect(seed.engine.port);
  await again.handshake(Uint8Array.fromHex(infoHash));
  const said = await again.hearUntil("bitfield");
  assert(said?.type === "bitfield");
  const has = Bitfield.parse(said.bytes.slice(), COUNT);
  assertEquals([has.count, has.has(3), has.has(11)], [COUNT - 2, false, false]);

  seed.engine.addPeer(infoHash, addressOf(twin));
  seed.engine.resume(infoHash, "over");
  await seed.until("torrent-completed");
  assertEquals(await seed.read("t/a"), BYTES);
  assertEquals(await seed.engine.verify(infoHash), { checked: COUNT, lost: 0, found: 0 });
});

const CHANGES: Record<string, { change: (path: string) => Promise<void>; says: RegExp }> = {
  "edited": {
    change: async (path) => {
      using file = await Deno.open(path, { write: true });
      await file.seek(5 * PIECE, Deno.SeekMode.Start);
      await file.write(new TextEncoder().encode("edited"));
    },
    says: /t\/a was changed: 1 piece in it is not what was shared/,
  },
  "cut short": {
    change: (path) => Deno.truncate(path, 2 * PIECE),
    says:
      /t\/a was changed: 18 pieces in it are not what was shared, and it has 32768 bytes instead of/,
  },
  "replaced": {
    change: async (path) => {
      await Deno.writeFile(`${path}~`, someBytes(COUNT * PIECE, 9));
      await Deno.rename(`${path}~`, path);
    },
    says: /t\/a was changed: 20 pieces in it/,
  },
  "deleted": {
    change: (path) => Deno.remove(path),
    says: /t\/a is missing$/,
  },
};

for (const [how, { change, says }] of Object.entries(CHANGES)) {
  Deno.test(`a file that is ${how} while it is seeded: no wrong byte, a clear error, mended`, async () => {
    const { seed, torrent, infoHash } = await startSeed();
    await using _seed = seed;
    await using twin = await startTwin(torrent);
    using leech = await callAt(seed, infoHash, true);
    await leech.hearUntil("unchoke");
    const path = join(seed.dir, "t/a");
    const own = () => Deno.readFile(path).catch(() => undefined);
    await change(path);
    const changed = await own();
    leech.say.request(5, 0, PIECE);
    await leech.flush();
    for (let message; (message = await leech.hear()) !== undefined;) {
      assert(message.type !== "piece", "it was given bytes of a file that had changed");
      if (message.type === "reject" && message.piece === 5) break;
    }
    const { reason } = await seed.until("torrent-state", ({ state }) => state === "error");
    assertMatch(reason!, says);
    // What somebody changed is theirs until they say otherwise.
    seed.engine.addPeer(infoHash, addressOf(twin));
    await seed.until("peer-connected", ({ address }) => address.endsWith(`:${twin.engine.port}`));
    assertEquals(await own(), changed);
    seed.engine.resume(infoHash);
    await seed.until("torrent-completed");
    // What somebody wrote stays, under its name; where it was only cut, all of it is in the new one.
    const isKept = how === "edited" || how === "replaced";
    assertEquals(await seed.read(isKept ? "t/a (1)" : "t/a"), BYTES);
    if (isKept) assertEquals(await own(), changed);
    assertEquals(stateOf(seed).state, "seeding");
  });
}

Deno.test("a file that was only touched, or was put back, is seeded on", async () => {
  const { seed, infoHash } = await startSeed();
  await using _seed = seed;
  using leech = await callAt(seed, infoHash, true);
  await leech.hearUntil("unchoke");
  const path = join(seed.dir, "t/a");
  await Deno.utime(path, 1, 1);
  leech.say.request(5, 0, PIECE);
  await leech.flush();
  await leech.hearUntil("reject");
  await seed.until("torrent-state", ({ state }) => state === "checking");
  await seed.when(() => stateOf(seed).state === "seeding", "seeding");
  await leech.hearUntil("unchoke");
  leech.say.request(5, 0, PIECE);
  await leech.flush();
  const message = await leech.hearUntil("piece");
  assert(message?.type === "piece");
  assertEquals(message.block, BYTES.subarray(5 * PIECE, 6 * PIECE));

  const other = join(seed.dir, "t/b");
  await Deno.rename(other, `${other}.away`);
  leech.say.request(COUNT - 1, 0, PIECE);
  await leech.flush();
  await leech.hearUntil("reject");
  // Put back before anybody looks, or after: either way all is well.
  await Deno.rename(`${other}.away`, other);
  seed.engine.resume(infoHash);
  await seed.when(() => stateOf(seed).state === "seeding", "seeding again");
  assertEquals(stateOf(seed).piecesHave, COUNT);
});

Deno.test("a change that nobody noticed is not believed after a restart", async () => {
  await using seed = await TestEngine.start();
  const { torrent } = await seed.engine.share(await seed.put("a", BYTES), { pieceLength: PIECE });
  const dir = await Deno.makeTempDir({ prefix: "vtorrent-" });
  const options = { dir, stateDir: join(dir, ".vtorrent") };
  {
    const first = await TestEngine.start(options);
    await first.engine.add(torrent, { peers: [addressOf(seed)] });
    await first.until("torrent-completed");
    await Deno.writeFile(join(dir, "a"), someBytes(BYTES.length, 3));
    // Written down at the end, with nobody having asked for any of it.
    await first.engine[Symbol.asyncDispose]();
  }
  await using again = await TestEngine.start(options);
  assertEquals((await again.until("torrent-checked")).have, 0);
});

Deno.test("verify of what is not there, stopped or paused", async () => {
  const { seed, infoHash } = await startSeed();
  await using _seed = seed;
  await damage(join(seed.dir, "t/a"), [0]);
  seed.engine.pause(infoHash);
  assertEquals((await seed.engine.verify(infoHash)).lost, 1);
  assertEquals(stateOf(seed).state, "error");
  await seed.engine.stop(infoHash);
  await Deno.writeFile(join(seed.dir, "t/a"), BYTES);
  assertEquals(await seed.engine.verify(infoHash), { checked: COUNT, lost: 0, found: 1 });
  assertEquals(stateOf(seed).state, "stopped");
  seed.engine.resume(infoHash);
  await seed.when(() => stateOf(seed).state === "seeding", "seeding");
  const stop = new AbortController();
  stop.abort();
  const refused = await seed.engine.verify(infoHash, { signal: stop.signal }).catch((e) => e);
  assert(refused instanceof DOMException);
  assertEquals(stateOf(seed).piecesHave, COUNT);
});
