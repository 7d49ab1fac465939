import { createHash } from "node:crypto";
import { type DigestJob, makeDigester } from "../../../peer/hashing/piece_digester.ts";
import { merkleRoot } from "../../../protocol/merkle.ts";
import { DigestWorkers } from "../../../peer/hashing/digest_workers.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { patternBytes, TempFolder } from "../../support/temp_folder.ts";

/** One and a half pieces over two files with padding between, then a piece of zeros. */
async function prepare(folder: TempFolder): Promise<{ job: DigestJob; expected: string[] }> {
  const content = patternBytes(300);
  const a = await folder.write("a", content);
  const b = await folder.write("b", new Uint8Array(200));
  const spans = [
    { path: a, offset: 10, length: 100 },
    { path: undefined, offset: 0, length: 20 },
    { path: a, offset: 200, length: 40 },
    { path: b, offset: 0, length: 200 },
  ];
  const bytes = new Uint8Array(360);
  bytes.set(content.subarray(10, 110));
  bytes.set(content.subarray(200, 240), 120);
  const expected = [0, 100, 200, 300].map((start) =>
    createHash("sha1").update(bytes.subarray(start, start + 100)).digest("hex")
  );
  return { job: { spans, pieceLength: 100, length: 360, sha1: true }, expected };
}

function hashesIn(digests: Uint8Array): string[] {
  return Array.from(
    { length: digests.length / 20 },
    (_, i) => digests.subarray(i * 20, i * 20 + 20).toHex(),
  );
}

for (const isFast of [true, false]) {
  const way = isFast ? "on the spot" : "by Web Crypto";
  Deno.test(`pieces over files, padding and holes are digested ${way}`, async () => {
    await using folder = await TempFolder.make();
    const { job, expected } = await prepare(folder);
    using digester = makeDigester(createHash, isFast, merkleRoot);
    assertEquals(hashesIn(await digester.digest(job)), expected);
    assertEquals(hashesIn(await digester.digest(job)), expected);
  });
}

/** Pieces that are longer than what is read at once, with and without zeros at their ends. */
const LONG = 5 * 2 ** 17;

for (const isFast of [true, false]) {
  const way = isFast ? "on the spot" : "by Web Crypto";
  Deno.test(`long pieces are digested ${way}, wherever they are zero`, async () => {
    await using folder = await TempFolder.make();
    const data = patternBytes(LONG);
    const bytes = new Uint8Array(5 * LONG);
    bytes.set(data); // Whole, then zero at its start, at its end, everywhere.
    bytes.set(data.subarray(0, LONG / 2), LONG * 1.5);
    bytes.set(data.subarray(0, LONG / 2), LONG * 2);
    bytes.set(data.subarray(0, 100), LONG * 4);
    const path = await folder.write("long", bytes);
    const length = 4 * LONG + 20_000;
    const shape = { length: LONG, height: 6 };
    const shapes = [shape, shape, shape, shape, { length: 20_000, height: 6 }];
    const job = { pieceLength: LONG, length, sha1: true, shapes };
    // In halves, so that a read ends where a file does.
    const half = 2 * LONG + 7;
    const spans = [
      { path, offset: 0, length: half },
      { path, offset: half, length: length - half },
    ];
    using digester = makeDigester(createHash, isFast, merkleRoot);
    for (const _ of ["computed", "remembered"]) {
      const digests = await digester.digest({ ...job, spans });
      for (const [piece, { length, height }] of shapes.entries()) {
        const own = bytes.subarray(piece * LONG, piece * LONG + length);
        const digest = digests.subarray(piece * 52, (piece + 1) * 52);
        assertEquals(digest.toHex(), sha1(own) + rootOf(own, height), `piece ${piece}`);
      }
    }
  });
}

function sha1(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex");
}

/** The Merkle root over blocks of 16 KiB, as BEP 52 has it. */
function rootOf(bytes: Uint8Array, height: number): string {
  const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());
  const leaves: number[] = [];
  for (let at = 0; at < bytes.length; at += 2 ** 14) {
    leaves.push(...sha256(bytes.subarray(at, at + 2 ** 14)));
  }
  return merkleRoot(Uint8Array.from(leaves), height, 0, sha256).toHex();
}

Deno.test("threads give the same digests, each to the job it belongs to", async () => {
  await using folder = await TempFolder.make();
  const { job, expected } = await prepare(folder);
  using workers = new DigestWorkers(2);
  const jobs = Array.from({ length: 20 }, (_, i) => {
    const offset = i * 3;
    return { spans: [{ ...job.spans[0]!, offset }], pieceLength: 50, length: 100, sha1: true };
  });
  const all = await Promise.all([job, ...jobs].map((each) => workers.digest(each)));
  assertEquals(hashesIn(all[0]!), expected);
  const content = patternBytes(300);
  for (const [i, digests] of all.slice(1).entries()) {
    assertEquals(
      hashesIn(digests),
      [0, 50].map((start) =>
        createHash("sha1").update(content.subarray(i * 3 + start, i * 3 + start + 50)).digest("hex")
      ),
    );
  }
});

Deno.test("a thread says which file is missing or short, and goes on with the next job", async () => {
  await using folder = await TempFolder.make();
  const { job, expected } = await prepare(folder);
  using workers = new DigestWorkers(1);
  const failed = (path: string) =>
    workers.digest({
      spans: [{ path, offset: 0, length: 999 }],
      pieceLength: 999,
      length: 999,
      sha1: true,
    })
      .then(() => undefined, ({ path, code }) => ({ path, code }));
  const nowhere = folder.at("nowhere");
  assertEquals(await failed(nowhere), { path: nowhere, code: "ENOENT" });
  const short = folder.at("a");
  assertEquals(await failed(short), { path: short, code: "SHORT" });
  assertEquals(hashesIn(await workers.digest(job)), expected);
});

Deno.test("a piece of many files is read with a pause before each", async () => {
  await using folder = await TempFolder.make();
  const { job, expected } = await prepare(folder);
  let pauses = 0;
  const pause = () => ++pauses % 2 === 0 ? Promise.resolve() : undefined;
  using digester = makeDigester(createHash, true, merkleRoot, pause);
  assertEquals(hashesIn(await digester.digest(job)), expected);
  assert(pauses >= job.spans.length, `${pauses} pauses`);
});
