import { join } from "node:path";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 16384;

/** Three files that share pieces: a in pieces 0–2, b in 2–5, c in 5–7, and an empty one. */
const PARTS = {
  "t/a.txt": someBytes(2 * PIECE + 100, 1),
  "t/b.bin": someBytes(3 * PIECE, 2),
  "t/c.txt": someBytes(2 * PIECE, 3),
  "t/empty": new Uint8Array(),
};

async function seedParts(seed: TestEngine) {
  for (const [name, bytes] of Object.entries(PARTS)) await seed.put(name, bytes);
  return await seed.engine.share(join(seed.dir, "t"), { pieceLength: PIECE });
}

/** Names of all files below a folder, hidden ones too. */
function namesIn(dir: string, under = ""): string[] {
  return [...Deno.readDirSync(join(dir, under))].flatMap((entry) =>
    entry.isDirectory ? namesIn(dir, join(under, entry.name)) : [join(under, entry.name)]
  ).sort();
}

function stateOf({ engine }: TestEngine) {
  return engine.snapshot().torrents[0]!;
}

Deno.test("only the selected file is made, and others of the swarm get its pieces", async () => {
  await using seed = await TestEngine.start();
  await using some = await TestEngine.start();
  await using other = await TestEngine.start();
  const { torrent, infoHash } = await seedParts(seed);
  await some.engine.add(torrent, { peers: [addressOf(seed)], select: "b.bin" });
  await some.until("torrent-completed");
  assertEquals(await some.read("t/b.bin"), PARTS["t/b.bin"]);
  assertEquals(namesIn(some.dir), [`.${infoHash}.parts`, "t/b.bin"]);
  const shown = stateOf(some);
  assertEquals([shown.state, shown.left, shown.progress, shown.piecesHave], ["seeding", 0, 1, 4]);
  assertEquals(shown.files.map(({ number, priority }) => [number, priority]), [
    [1, "skip"],
    [2, "normal"],
    [3, "skip"],
    [4, "skip"],
  ]);
  // Pieces 2 and 5 are given out though half of them belongs to files that are nowhere.
  await other.engine.add(torrent, { peers: [addressOf(some)], select: [1] });
  await other.until("torrent-completed");
  assertEquals(await other.read("t/b.bin"), PARTS["t/b.bin"]);
});

Deno.test("what is selected later is fetched then, and shared pieces are not fetched twice", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  const { torrent, infoHash } = await seedParts(seed);
  await leech.engine.add(torrent, { peers: [addressOf(seed)], select: "2" });
  await leech.until("torrent-completed");
  await leech.engine.select(infoHash, "all", "normal");
  assertEquals(stateOf(leech).state, "downloading");
  await leech.when(() => stateOf(leech).state === "seeding" && stateOf(leech).completedAt, "rest");
  for (const [name, bytes] of Object.entries(PARTS)) assertEquals(await leech.read(name), bytes);
  assertEquals(namesIn(leech.dir), Object.keys(PARTS).sort());
  assertEquals(stateOf(leech).downloaded, 7 * PIECE + 100);
});

Deno.test("a file whose pieces came with its neighbours' is made as soon as it is wanted", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  await seed.put("t/a", someBytes(PIECE, 1));
  await seed.put("t/b", someBytes(50, 2));
  await seed.put("t/c", someBytes(PIECE, 3));
  const { torrent, infoHash } = await seed.engine.share(join(seed.dir, "t"), {
    pieceLength: PIECE,
  });
  await leech.engine.add(torrent, { peers: [addressOf(seed)], select: "a,c" });
  await leech.until("torrent-completed");
  assertEquals(namesIn(leech.dir), [`.${infoHash}.parts`, "t/a", "t/c"]);
  await seed.engine.stop(infoHash);
  await leech.engine.select(infoHash, "b", "high");
  await leech.until("file-completed", ({ path }) => path === "t/b");
  assertEquals(await leech.read("t/b"), someBytes(50, 2));
  assertEquals(namesIn(leech.dir), ["t/a", "t/b", "t/c"]);
});

Deno.test("a selection survives a restart, and nothing is fetched or hashed anew", async () => {
  await using seed = await TestEngine.start();
  const { torrent, infoHash } = await seedParts(seed);
  const dir = await Deno.makeTempDir({ prefix: "vtorrent-" });
  const options = { dir, stateDir: join(dir, ".vtorrent") };
  {
    const first = await TestEngine.start(options);
    await first.engine.add(torrent, {
      peers: [addressOf(seed)],
      select: "b.bin",
      sequential: true,
    });
    await first.until("torrent-completed");
    await first.engine.select(infoHash, "3", "low");
    await first.when(() => stateOf(first).state === "seeding" && stateOf(first).completedAt, "c");
    await first.engine[Symbol.asyncDispose]();
  }
  await seed.engine.stop(infoHash);
  await using again = await TestEngine.start(options);
  const { have } = await again.until("torrent-checked");
  assertEquals(have, 6);
  const shown = await again.when(
    () => stateOf(again).state === "seeding" && stateOf(again),
    "seeding",
  );
  assert(shown.sequential);
  assertEquals(shown.files.map((file) => file.priority), ["skip", "normal", "low", "skip"]);
  await again.engine.remove(infoHash, { data: true });
  assertEquals(namesIn(dir).filter((name) => !name.startsWith(".vtorrent")), []);
});

Deno.test("with the bytes of others' files lost, the shared pieces are fetched again", async () => {
  await using seed = await TestEngine.start();
  const { torrent, infoHash } = await seedParts(seed);
  const dir = await Deno.makeTempDir({ prefix: "vtorrent-" });
  const options = { dir, stateDir: join(dir, ".vtorrent") };
  {
    const first = await TestEngine.start(options);
    await first.engine.add(torrent, { peers: [addressOf(seed)], select: "2" });
    await first.until("torrent-completed");
    await first.engine[Symbol.asyncDispose]();
  }
  await Deno.remove(join(dir, `.${infoHash}.parts`));
  await using again = await TestEngine.start(options);
  assertEquals((await again.until("torrent-checked")).have, 2);
  again.engine.addPeer(infoHash, addressOf(seed));
  await again.when(() => stateOf(again).left === 0, "the two pieces");
  assertEquals(await again.read("t/b.bin"), PARTS["t/b.bin"]);
});

Deno.test("a selection that means no file is refused, and nothing is added", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  const { torrent, infoHash } = await seedParts(seed);
  let error: unknown;
  await leech.engine.add(torrent, { select: "9" }).catch((reason) => error = reason);
  assertEquals((error as Error).message, "There is no file 9: files are numbered from 1 to 4");
  assertEquals(leech.engine.snapshot().torrents, []);
  await assertRejects(() => seed.engine.select(infoHash, "nothing.txt"), Error, "nothing.txt");
});
