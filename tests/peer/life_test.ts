import { join } from "@std/path";
import { StorageError, type TorrentState } from "../../peer/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 16384;

function stateOf({ engine }: TestEngine, name?: string) {
  const { torrents } = engine.snapshot();
  return torrents.find((torrent) => torrent.name === name) ?? torrents[0]!;
}

function reaches(peer: TestEngine, state: TorrentState, name?: string) {
  return peer.when(
    () => stateOf(peer, name).state === state,
    `${name ?? "the torrent"} to be ${state}`,
  );
}

Deno.test("paused, stopped and limited torrents are so after a restart", async () => {
  await using seed = await TestEngine.start();
  const dir = await Deno.makeTempDir({ prefix: "vtorrent-" });
  const options = { dir, stateDir: join(dir, ".vtorrent") };
  const hashes: string[] = [];
  {
    const first = await TestEngine.start(options);
    for (const name of ["paused", "stopped", "active"]) {
      const { torrent } = await seed.engine.share(await seed.put(name, someBytes(3 * PIECE)), {
        pieceLength: PIECE,
      });
      hashes.push(await first.engine.add(torrent, { uploadLimit: 1000 }));
    }
    // At once, while they are still being checked.
    first.engine.pause(hashes[0]!);
    await first.engine.stop(hashes[1]!);
    first.engine.setLimits({ download: 2000 }, hashes[2]!);
    await first.engine[Symbol.asyncDispose]();
  }
  await using again = await TestEngine.start(options);
  await reaches(again, "paused", "paused");
  await reaches(again, "stopped", "stopped");
  await reaches(again, "downloading", "active");
  const { downloadLimit, uploadLimit } = stateOf(again, "active");
  assertEquals([downloadLimit, uploadLimit], [2000, 1000]);
  for (const hash of hashes) again.engine.resume(hash);
  for (const name of ["paused", "stopped"]) await reaches(again, "downloading", name);
});

Deno.test("a torrent stopped while it is checked loses nothing, and can be resumed", async () => {
  await using source = await TestEngine.start();
  const { torrent } = await source.engine.share(
    await source.put("f", someBytes(50 * PIECE)),
    { pieceLength: PIECE },
  );
  const dir = await Deno.makeTempDir({ prefix: "vtorrent-" });
  const options = { dir, stateDir: join(dir, ".vtorrent") };
  await Deno.writeFile(join(dir, "f"), someBytes(50 * PIECE));
  {
    const first = await TestEngine.start(options);
    const hash = await first.engine.add(torrent);
    await reaches(first, "seeding");
    await first.engine.stop(hash);
    await first.engine[Symbol.asyncDispose]();
  }
  {
    // Stopped at every start, before it is known what is there.
    const second = await TestEngine.start(options);
    await second.engine.stop(stateOf(second).infoHash);
    assertEquals(stateOf(second).state, "stopped");
    await second.engine[Symbol.asyncDispose]();
  }
  await using third = await TestEngine.start(options);
  await reaches(third, "stopped");
  third.engine.resume(stateOf(third).infoHash);
  await reaches(third, "seeding");
  assertEquals(stateOf(third).piecesHave, 50);
});

Deno.test("pausing keeps connections and stops transfers; stopping closes them", async () => {
  await using seed = await TestEngine.start({ uploadLimit: 400_000 });
  await using leech = await TestEngine.start();
  const bytes = someBytes(60 * PIECE);
  const { torrent, infoHash } = await seed.engine.share(await seed.put("f", bytes), {
    pieceLength: PIECE,
  });
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  await leech.until("piece-verified");
  leech.engine.pause(infoHash);
  await seed.when(() => stateOf(seed).peers[0]?.peerInterested === false, "loss of interest");
  assertEquals([stateOf(leech).state, stateOf(leech).peers.length], ["paused", 1]);
  assertEquals(stateOf(leech).peers[0]!.requests, 0);
  await leech.engine.stop(infoHash);
  assertEquals([stateOf(leech).state, stateOf(leech).peers.length], ["stopped", 0]);
  await seed.when(() => stateOf(seed).peers.length === 0, "the connection to close");
  seed.engine.setLimits({ upload: 0 });
  leech.engine.resume(infoHash);
  await leech.until("torrent-completed");
  assertEquals(await leech.read("f"), bytes);
});

Deno.test("of several downloads only so many are active; the next begins when one ends", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start({ maxActive: 1 });
  const hashes: string[] = [];
  for (const name of ["a", "b", "c"]) {
    const path = await seed.put(name, someBytes(20 * PIECE, name.charCodeAt(0)));
    const { torrent, infoHash } = await seed.engine.share(path, { pieceLength: PIECE });
    hashes.push(infoHash);
    // Nobody has the first two as long as the seed is stopped.
    if (name !== "c") await seed.engine.stop(infoHash);
    await leech.engine.add(torrent, { peers: [addressOf(seed)] });
    await leech.when(() => stateOf(leech, name).state !== "checking", "the check");
  }
  const states = () => ["a", "b", "c"].map((name) => stateOf(leech, name).state);
  assertEquals(states(), ["downloading", "queued", "queued"]);
  assertEquals(stateOf(leech, "c").peers.length, 0);
  leech.engine.pause(hashes[0]!);
  await reaches(leech, "downloading", "b");
  assertEquals(states(), ["paused", "downloading", "queued"]);
  leech.engine.resume(hashes[0]!);
  assertEquals(states(), ["queued", "downloading", "queued"]);
  seed.engine.resume(hashes[1]!);
  leech.engine.addPeer(hashes[1]!, addressOf(seed));
  await reaches(leech, "seeding", "b");
  await reaches(leech, "downloading", "a");
  await leech.engine.remove(hashes[0]!);
  await leech.until("torrent-completed", ({ name }) => name === "c");
  assertEquals(await leech.read("c"), someBytes(20 * PIECE, "c".charCodeAt(0)));
});

Deno.test("a torrent that has given enough is stopped, says why, and goes on when told to", async () => {
  await using seed = await TestEngine.start({ seedGoal: { ratio: 1 } });
  await using leech = await TestEngine.start();
  const { torrent, infoHash } = await seed.engine.share(
    await seed.put("f", someBytes(10 * PIECE)),
    { pieceLength: PIECE },
  );
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  await leech.until("torrent-completed");
  const { reason } = await seed.until("torrent-state", ({ state }) => state === "stopped");
  assertMatch(reason!, /^it has given 1\.\d\d times its size$/);
  await reaches(seed, "stopped");
  seed.engine.resume(infoHash);
  await reaches(seed, "seeding");
  assertEquals(stateOf(seed).state, "seeding");
});

Deno.test("a limit of one torrent holds for it alone and can be lifted while it runs", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  const path = await seed.put("slow", someBytes(64 * PIECE));
  const slow = await seed.engine.share(path, { pieceLength: PIECE });
  const fast = await seed.engine.share(await seed.put("fast", someBytes(64 * PIECE, 2)), {
    pieceLength: PIECE,
  });
  await leech.engine.add(slow.torrent, { peers: [addressOf(seed)], downloadLimit: 2000 });
  await leech.engine.add(fast.torrent, { peers: [addressOf(seed)] });
  await leech.until("torrent-completed", ({ name }) => name === "fast");
  assertEquals(stateOf(leech, "slow").state, "downloading");
  assert(stateOf(leech, "slow").piecesHave < 60);
  leech.engine.setLimits({ download: 0 }, slow.infoHash);
  await leech.until("torrent-completed", ({ name }) => name === "slow");
});

Deno.test("a super-seed gives each piece once, and its peers give it to one another", async () => {
  await using seed = await TestEngine.start({ superSeed: true });
  const bytes = someBytes(40 * PIECE);
  const { torrent } = await seed.engine.share(await seed.put("f", bytes), { pieceLength: PIECE });
  const leechers = await Promise.all([1, 2, 3].map(() => TestEngine.start()));
  try {
    const peers = [seed, ...leechers].map(addressOf);
    for (const leecher of leechers) await leecher.engine.add(torrent, { peers });
    for (const leecher of leechers) {
      await leecher.until("torrent-completed");
      assertEquals(await leecher.read("f"), bytes);
    }
    const copies = stateOf(seed).uploaded / bytes.length;
    assert(copies >= 1 && copies < 1.6, `${copies} copies`);
  } finally {
    for (const leecher of leechers) await leecher[Symbol.asyncDispose]();
  }
});

Deno.test("a torrent that cannot be remembered is not half here", async () => {
  await using source = await TestEngine.start();
  const { torrent, infoHash } = await source.engine.share(
    await source.put("f", someBytes(3 * PIECE)),
    { pieceLength: PIECE },
  );
  const dir = await Deno.makeTempDir({ prefix: "vtorrent-" });
  const stateDir = join(dir, ".vtorrent");
  await using peer = await TestEngine.start({ dir, stateDir });
  await Deno.remove(join(stateDir, "torrents"), { recursive: true });
  const error = await assertRejects(() => peer.engine.add(torrent), StorageError);
  assertMatch(error.message, /^Cannot write .*\.torrent: it is missing$/);
  assertEquals(peer.engine.snapshot().torrents, []);
  await Deno.mkdir(join(stateDir, "torrents"));
  assertEquals(await peer.engine.add(torrent), infoHash);
});
