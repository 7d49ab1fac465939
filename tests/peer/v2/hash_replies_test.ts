import { HashReplies } from "../../../peer/v2/hash_replies.ts";
import { PoolHasher } from "../../../peer/hashing/hasher.ts";
import { sha256 } from "../../../peer/hashing/node_hash.ts";
import { HashTrees } from "../../../peer/v2/hash_trees.ts";
import { concatBytes } from "../../../protocol/concat_bytes.ts";
import { BLOCK_LENGTH } from "../../../protocol/piece_layout.ts";
import { levelsFor, MerkleLevels } from "../../../protocol/merkle.ts";
import { MessageReader } from "../../../protocol/message_reader.ts";
import { MessageWriter } from "../../../protocol/message_writer.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const PIECE = 1 << 20;

/** A file of zeros of so many pieces of 1 MiB, and how many bytes of it were read. */
function torrentOf(pieces: number, { isDamaged = false } = {}) {
  const blocks = PIECE / BLOCK_LENGTH;
  const block = sha256(new Uint8Array(BLOCK_LENGTH));
  const leaves = concatBytes(Array.from({ length: blocks }, () => block));
  const root = new MerkleLevels(leaves, 0, levelsFor(blocks), sha256).root;
  const layer = concatBytes(Array.from({ length: pieces }, () => root));
  const levels = new MerkleLevels(layer, levelsFor(blocks), levelsFor(pieces * blocks), sha256);
  const file = {
    path: "x",
    length: pieces * PIECE,
    offset: 0,
    pad: false,
    symlink: false,
    executable: false,
    piecesRoot: levels.root,
  };
  const info = { kind: "v2" as const, pieceLength: PIECE, files: [file] };
  const trees = HashTrees.of(info, new Map([[levels.root.toHex(), layer]]), sha256)!;
  const read = { bytes: 0 };
  const proofs = new HashReplies({
    trees,
    store: {
      readRange(_offset: number, into: Uint8Array) {
        read.bytes += into.length;
        into.fill(isDamaged ? 1 : 0);
        return Promise.resolve();
      },
    } as never,
    hasher: new PoolHasher(),
    owns: () => true,
    onError: (error) => {
      throw error;
    },
  });
  return { proofs, read, trees, root: levels.root };
}

/** What one peer was answered. */
function answers(writer: MessageWriter): string[] {
  const reader = new MessageReader({ max: 1 << 26 });
  const bytes = writer.take();
  const kinds: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = reader.space();
    const part = bytes.subarray(at, at + space.length);
    space.set(part);
    reader.commit(part.length);
    at += part.length;
    for (let message; (message = reader.next()) !== undefined;) kinds.push(message.type);
  }
  return kinds;
}

Deno.test("one question may mean 128 MiB; together they read no more than there is credit for", async () => {
  const { proofs, read, root } = torrentOf(256);
  for (let n = 0; n < 30; n++) {
    const writer = new MessageWriter(() => {});
    // Half of the file each time: 8192 blocks.
    proofs.answer(
      { writer },
      { root, base: 0, index: n % 2 * 8192, length: 8192, proofLayers: 0 },
      0,
    );
    await proofs.close();
    answers(writer);
  }
  assert(read.bytes <= 64 << 20, `${read.bytes >> 20} MiB`);
});

Deno.test("blocks of a failed piece are told, again without reading, and not what is damaged", async () => {
  const range = { base: 0, index: 64, length: 64, proofLayers: 0 };
  for (const isDamaged of [false, true]) {
    const { proofs, read, root } = torrentOf(4, { isDamaged });
    for (let n = 0; n < 5; n++) {
      const writer = new MessageWriter(() => {});
      proofs.answer({ writer }, { root, ...range }, 0);
      await proofs.close();
      assertEquals(answers(writer), [isDamaged ? "hash-reject" : "hashes"]);
    }
    assertEquals(read.bytes, isDamaged ? 5 * PIECE : PIECE);
  }
});

Deno.test("one peer that asks and asks is refused, another one is answered", async () => {
  const { proofs, root } = torrentOf(64);
  const one = { writer: new MessageWriter(() => {}) };
  const kinds: string[] = [];
  for (let n = 0; n < 100; n++) {
    const index = n % 64 * 64;
    proofs.answer(one, { root, base: 0, index, length: 64, proofLayers: 0 }, 0);
    await proofs.close();
    kinds.push(...answers(one.writer));
  }
  assertEquals(kinds.slice(0, 32), Array(32).fill("hashes"));
  assert(kinds.slice(32, 64).every((kind) => kind === "hash-reject"));
  const other = { writer: new MessageWriter(() => {}) };
  proofs.answer(other, { root, base: 0, index: 4032, length: 64, proofLayers: 0 }, 0);
  await proofs.close();
  assertEquals(answers(other.writer), ["hashes"]);
});

Deno.test("a fault while answering is told, and the questions after it are answered", async () => {
  const { trees, root } = torrentOf(4);
  const faults: unknown[] = [];
  const real = new PoolHasher();
  let calls = 0;
  const proofs = new HashReplies({
    trees,
    store: {
      readRange: (_offset: number, into: Uint8Array) => Promise.resolve(void into.fill(0)),
    } as never,
    hasher: {
      sha1: (bytes) => real.sha1(bytes),
      sha256Blocks: (bytes) => calls++ === 0 ? Promise.reject("planted") : real.sha256Blocks(bytes),
    },
    owns: () => true,
    onError: (fault) => void faults.push(fault),
  });
  const range = { root, base: 0, index: 64, length: 64, proofLayers: 0 };
  // What fails is not only reading: the peer that asked may make our writer fail, too.
  const broken = new MessageWriter(() => {});
  broken.hashReject = () => {
    throw "planted, too";
  };
  const honest = new MessageWriter(() => {});
  proofs.answer({ writer: broken }, range, 0);
  proofs.answer({ writer: honest }, range, 0);
  await proofs.close();
  assertEquals(faults, ["planted, too"]);
  assertEquals(answers(honest), ["hashes"]);
});
