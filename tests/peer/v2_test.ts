/**
 * v2 and hybrid torrents in whole engines (BEP 52).
 *
 * @module
 */
import { type CreateOptions, createTorrent } from "../../peer/mod.ts";
import { infoHashesOf } from "../../peer/metainfo/info_hashes.ts";
import { sha256 } from "../../peer/hashing/node_hash.ts";
import { isProvenRange } from "../../peer/v2/hash_proof.ts";
import { concatBytes } from "../../protocol/concat_bytes.ts";
import { encodeBencode } from "../../protocol/bencode.ts";
import { swarmHashes } from "../../protocol/info_hash.ts";
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import type { HashRange, Message } from "../../protocol/message.ts";
import { parseMetainfo } from "../../protocol/metainfo.ts";
import { torrentOfInfo } from "../../protocol/torrent_of_info.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 65536;
type Kind = NonNullable<CreateOptions["kind"]>;

/** A seed of a folder with a file of several pieces and one of a single block. */
async function seedOf(kind: Kind): Promise<{ seed: TestEngine; torrent: Uint8Array }> {
  const seed = await TestEngine.start();
  await seed.put("n/large", someBytes(7 * PIECE + 20_000, 1));
  await seed.put("n/small", someBytes(300, 2));
  const { bytes } = await createTorrent({ path: `${seed.dir}/n`, kind, pieceLength: PIECE });
  await seed.engine.add(bytes);
  await seed.until("torrent-state", (event) => event.state === "seeding");
  return { seed, torrent: bytes };
}

async function namesOf(torrent: Uint8Array): Promise<Uint8Array[]> {
  return swarmHashes(await infoHashesOf(parseMetainfo(torrent)));
}

for (const kind of ["hybrid", "v2"] as const) {
  Deno.test(`a ${kind} torrent moves from one engine to another, which goes on after a restart`, async () => {
    const { seed, torrent } = await seedOf(kind);
    await using _seed = seed;
    const stateDir = await Deno.makeTempDir();
    // The second engine takes its folder over and removes it.
    const leech = await TestEngine.start({ stateDir });
    const infoHash = await leech.engine.add(torrent, { peers: [addressOf(seed)] });
    await leech.until("torrent-completed");
    assertEquals(await leech.read("n/large"), await seed.read("n/large"));
    assertEquals(await leech.read("n/small"), await seed.read("n/small"));
    await leech.engine[Symbol.asyncDispose]();

    await using again = await TestEngine.start({ stateDir, dir: leech.dir });
    await again.until("torrent-state", (event) => event.state === "seeding");
    assertEquals(again.engine.snapshot().torrents[0]?.infoHash, infoHash);
    await Deno.remove(stateDir, { recursive: true });
  });
}

Deno.test("left of a v2 torrent counts its files' bytes, not the gaps between them", async () => {
  const { seed, torrent } = await seedOf("v2");
  await using _seed = seed;
  await using leech = await TestEngine.start();
  await leech.engine.add(torrent, { paused: true });
  const [shown] = await leech.when(() => {
    const { torrents } = leech.engine.snapshot();
    return torrents[0]?.state === "paused" && torrents;
  }, "the pause");
  assertEquals(shown?.left, 7 * PIECE + 20_000 + 300);
  assertEquals(shown?.totalSize, 7 * PIECE + 20_000 + 300);
});

Deno.test("a hybrid is found under both names, and goes over to v2 where that is offered", async () => {
  const { seed, torrent } = await seedOf("hybrid");
  await using _seed = seed;
  const [v1, v2] = await namesOf(torrent);
  const answers: [offer: Uint8Array, v2: boolean, answer: Uint8Array][] = [
    [v1!, false, v1!],
    [v1!, true, v2!],
    [v2!, false, v2!],
  ];
  for (const [infoHash, offersV2, answer] of answers) {
    using peer = await FakePeer.connect(seed.engine.port);
    const heard = await peer.handshake(infoHash, { v2: offersV2 });
    assertEquals(heard?.infoHash, answer);
  }
});

Deno.test("a hybrid calls with its v1 name, and with the other one where nobody knows that", async () => {
  const { seed, torrent } = await seedOf("hybrid");
  await using _seed = seed;
  const names = (await namesOf(torrent)).map((name) => name!.toHex());
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const infoHash = seed.engine.snapshot().torrents[0]!.infoHash;
  seed.engine.addPeer(infoHash, { host: "127.0.0.1", port: listener.addr.port });
  const called: string[] = [];
  while (called.length < 2) {
    using conn = await listener.accept();
    const bytes = new Uint8Array(68);
    const count = await conn.read(bytes);
    // What is encrypted comes because the plain call was refused without a word.
    if (count !== 68 || bytes[0] !== 19) continue;
    const name = bytes.subarray(28, 48).toHex();
    // The port may have been another test's a moment ago, whose peers still call it.
    if (name === names[0] || name === names[1]) called.push(name);
  }
  assertEquals(called, names);
});

Deno.test("a hybrid is announced in both swarms, a v2 torrent under its cut hash", async () => {
  for (const kind of ["hybrid", "v2"] as const) {
    const { seed, torrent } = await seedOf(kind);
    await using _seed = seed;
    const asked = new Set<string>();
    const all = Promise.withResolvers<void>();
    const names = (await namesOf(torrent)).map((name) => name.toHex());
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => {
        const raw = /[?&]info_hash=([^&]*)/.exec(request.url)![1]!;
        const bytes = raw.replace(
          /%([0-9a-f]{2})|(.)/gi,
          (_, hex, plain) =>
            hex?.toLowerCase() ?? plain.charCodeAt(0).toString(16).padStart(2, "0"),
        );
        asked.add(bytes);
        if (asked.size === names.length) {
          all.resolve();
        }
        return new Response(encodeBencode({ interval: 1800, peers: new Uint8Array() }));
      },
    );
    await using other = await TestEngine.start();
    const { port } = server.addr;
    await other.engine.add(torrent, { trackers: [[`http://127.0.0.1:${port}/announce`]] });
    await all.promise;
    assertEquals([...asked].sort(), names.sort());
  }
});

/** Asks for hashes and hears what comes. */
async function ask(peer: FakePeer, range: HashRange): Promise<Message | undefined> {
  peer.say.hashRequest(range);
  await peer.flush();
  for (;;) {
    const message = await peer.hear();
    if (message === undefined || message.type.startsWith("hash")) return message;
  }
}

Deno.test("hashes are proven to whoever asks, of pieces and of blocks", async () => {
  const { seed, torrent } = await seedOf("v2");
  await using _seed = seed;
  const [name] = await namesOf(torrent);
  const { info } = parseMetainfo(torrent);
  using peer = await FakePeer.connect(seed.engine.port);
  await peer.handshake(name!, { fast: true });
  const large = info.files.find((file) => file.path === "n/large")!;
  const blocks = Math.ceil(large.length / BLOCK_LENGTH);
  const height = Math.ceil(Math.log2(blocks));
  const tree = { root: large.piecesRoot!, height };
  const ranges: Omit<HashRange, "root">[] = [
    // The whole piece layer; half of it; two pieces; all levels above a pair of blocks; a whole piece.
    { base: 2, index: 0, length: 8, proofLayers: 0 },
    { base: 2, index: 4, length: 4, proofLayers: 2 },
    { base: 2, index: 6, length: 2, proofLayers: 2 },
    { base: 0, index: 2, length: 2, proofLayers: height - 1 },
    { base: 0, index: 4, length: 4, proofLayers: height - 1 },
    { base: 0, index: 28, length: 4, proofLayers: height - 1 },
    // Blocks of several pieces.
    { base: 0, index: 16, length: 16, proofLayers: height - 1 },
  ];
  for (const rest of ranges) {
    const range = { root: tree.root, ...rest };
    const answer = await ask(peer, range);
    assert(answer?.type === "hashes", `${answer?.type} for ${JSON.stringify(rest)}`);
    assertEquals([answer.base, answer.index, answer.length], [rest.base, rest.index, rest.length]);
    assert(isProvenRange(range, answer.hashes, tree, sha256), JSON.stringify(rest));
  }
  const wrong: HashRange[] = [
    { root: new Uint8Array(32), base: 2, index: 0, length: 8, proofLayers: 0 },
    { root: tree.root, base: 2, index: 0, length: 3, proofLayers: 0 },
    { root: tree.root, base: 2, index: 1, length: 2, proofLayers: 0 },
    { root: tree.root, base: 2, index: 8, length: 8, proofLayers: 0 },
    { root: tree.root, base: 9, index: 0, length: 2, proofLayers: 0 },
    { root: tree.root, base: 1, index: 0, length: 2, proofLayers: 0 },
    { root: tree.root, base: 0, index: 0, length: 2, proofLayers: 99 },
    { root: tree.root, base: 0, index: 0, length: 2 ** 31, proofLayers: 0 },
  ];
  for (const range of wrong) {
    assertEquals((await ask(peer, range))?.type, "hash-reject", JSON.stringify({ ...range }));
  }
});

Deno.test("a v1 connection may not speak of hashes", async () => {
  const { seed, torrent } = await seedOf("hybrid");
  await using _seed = seed;
  const [v1] = await namesOf(torrent);
  using peer = await FakePeer.connect(seed.engine.port);
  await peer.handshake(v1!);
  assertEquals(
    await ask(peer, { root: new Uint8Array(32), base: 0, index: 0, length: 2, proofLayers: 0 }),
    undefined,
  );
});

Deno.test("hashes that prove nothing drop a peer, and honest ones go on", async () => {
  const { seed, torrent } = await seedOf("v2");
  await using _seed = seed;
  const [name] = await namesOf(torrent);
  await using leech = await TestEngine.start();
  const { infoBytes, info } = parseMetainfo(torrent);
  const infoHash = await leech.engine.add(torrentOfInfo(infoBytes, { trackers: [] }));
  using liar = await FakePeer.connect(leech.engine.port);
  await liar.handshake(name!, { fast: true });
  liar.say.haveAll();
  await liar.flush();
  const question = await liar.hearUntil("hash-request");
  assert(question?.type === "hash-request");
  const { length, proofLayers } = question;
  assertEquals([question.base, question.index, length, proofLayers], [2, 0, 8, 2]);
  liar.say.hashes(question, new Uint8Array(32 * length));
  await liar.flush();
  await liar.closed();

  // Nobody asked this one.
  using other = await FakePeer.connect(leech.engine.port);
  await other.handshake(name!, { fast: true });
  const root = info.files[0]!.piecesRoot!;
  const range = { root, base: 2, index: 0, length: 8, proofLayers: 2 };
  other.say.hashes(range, new Uint8Array(32 * 8));
  await other.flush();
  await other.closed();

  leech.engine.addPeer(infoHash, addressOf(seed));
  await leech.until("torrent-completed");
  assertEquals(await leech.read("n/large"), await seed.read("n/large"));
});

Deno.test("a wrong piece of a v2 torrent is thrown away, and its sender is found out", async () => {
  const { seed, torrent } = await seedOf("v2");
  await using _seed = seed;
  await using leech = await TestEngine.start();
  const infoHash = await leech.engine.add(torrent);
  const [name] = await namesOf(torrent);
  using liar = await FakePeer.connect(leech.engine.port);
  await liar.handshake(name!);
  const serving = liar.seed(9, (_piece, _begin, length) => new Uint8Array(length).fill(1));
  await leech.until("piece-failed");
  await leech.until("peer-banned");
  leech.engine.addPeer(infoHash, addressOf(seed));
  await leech.until("torrent-completed");
  assertEquals(await leech.read("n/large"), await seed.read("n/large"));
  await serving;
});

/** A seed of one file of two pieces of 64 blocks. */
async function seedOfBlocks(): Promise<
  { seed: TestEngine; torrent: Uint8Array; bytes: Uint8Array }
> {
  const seed = await TestEngine.start();
  const bytes = someBytes(2 * 64 * BLOCK_LENGTH, 4);
  const path = await seed.put("blocks", bytes);
  const made = await createTorrent({ path, kind: "v2", pieceLength: 64 * BLOCK_LENGTH });
  await seed.engine.add(made.bytes);
  await seed.until("torrent-state", (event) => event.state === "seeding");
  return { seed, torrent: made.bytes, bytes };
}

for (const answers of ["the truth", "nonsense, and another the truth"] as const) {
  Deno.test(`the hashes of blocks tell who lied among several (${answers})`, async () => {
    const { seed, torrent, bytes } = await seedOfBlocks();
    await using _seed = seed;
    await using leech = await TestEngine.start();
    const infoHash = await leech.engine.add(torrent);
    const [name] = await namesOf(torrent);
    const block = (piece: number, begin: number, length: number): Uint8Array => {
      const at = piece * 64 * BLOCK_LENGTH + begin;
      return bytes.slice(at, at + length);
    };
    // Nobody gives a failed piece again: that one alone sends all of it and shows who lied in v1.
    const mayGive = () => !leech.events.some(({ event }) => event === "piece-failed");
    const hashes = ({ base, index, length }: HashRange): Uint8Array => {
      assertEquals([base, length], [0, 64]);
      const at = index * BLOCK_LENGTH;
      const leaves = Array.from(
        { length },
        (_, i) => sha256(bytes.slice(at + i * BLOCK_LENGTH, at + (i + 1) * BLOCK_LENGTH)),
      );
      return concatBytes(leaves);
    };
    const peers = [];
    const id = (letter: string) => new TextEncoder().encode(letter.repeat(20));
    for (const letter of ["a", "l"]) {
      const peer = await FakePeer.connect(leech.engine.port);
      await peer.handshake(name!, { fast: false, peerId: id(letter) });
      peers.push(peer);
    }
    const [honest, liar] = peers as [FakePeer, FakePeer];
    let third: FakePeer | undefined;
    const serving = [
      honest.seed(
        2,
        (...asked) => mayGive() ? block(...asked) : undefined,
        (range) => answers === "the truth" ? hashes(range) : new Uint8Array(32 * range.length),
      ),
      liar.seed(2, (...asked) => {
        const wrong = block(...asked);
        wrong[5]! ^= 1;
        return mayGive() ? wrong : undefined;
      }),
    ];
    if (answers !== "the truth") {
      await leech.until("piece-failed");
      third = await FakePeer.connect(leech.engine.port);
      await third.handshake(name!, { fast: false, peerId: id("t") });
      serving.push(third.seed(2, () => undefined, hashes));
    }
    const { reason, address } = await leech.until("peer-banned");
    assert(/^block \d+ of piece [01] has another hash$/.test(reason), reason);
    const banned = leech.events.filter(({ event }) => event === "peer-banned");
    assertEquals(banned.length, 1);
    assert(address.startsWith("127.0.0.1:"));
    assertEquals(leech.events.filter(({ event }) => event === "piece-verified").length, 0);
    await serving[1];
    leech.engine.addPeer(infoHash, addressOf(seed));
    for (const peer of [honest, liar, third]) peer?.[Symbol.dispose]();
    await leech.until("torrent-completed");
    assertEquals(await leech.read("blocks"), bytes);
    await Promise.all(serving);
  });
}

Deno.test("a block that ends in the gap behind a file is given with zeros, as libtorrent asks", async () => {
  const { seed, torrent } = await seedOf("v2");
  await using _seed = seed;
  const [name] = await namesOf(torrent);
  using peer = await FakePeer.connect(seed.engine.port);
  await peer.handshake(name!, { fast: true });
  peer.say.interested();
  await peer.flush();
  await peer.hearUntil("unchoke");
  peer.say.request(8, 0, 300);
  peer.say.request(8, 0, BLOCK_LENGTH);
  await peer.flush();
  const exact = await peer.hearUntil("piece");
  assert(exact?.type === "piece");
  assertEquals(exact.block.slice(), someBytes(300, 2));
  const whole = await peer.hearUntil("piece");
  assert(whole?.type === "piece" && whole.block.length === BLOCK_LENGTH);
  assertEquals(whole.block.slice(0, 300), someBytes(300, 2));
  assert(whole.block.subarray(300).every((byte) => byte === 0));
  // There is nothing behind it.
  peer.say.request(8, BLOCK_LENGTH, BLOCK_LENGTH);
  await peer.flush();
  await peer.closed();
});

Deno.test("a v2 file of one piece needs no layer: it comes before the hashes of the others", async () => {
  const { seed, torrent } = await seedOf("v2");
  await using _seed = seed;
  const small = await seed.read("n/small");
  await using leech = await TestEngine.start();
  const { infoBytes, info } = parseMetainfo(torrent);
  const at = info.files.find((file) => file.path === "n/small")!.offset / PIECE;
  const infoHash = await leech.engine.add(torrentOfInfo(infoBytes, { trackers: [] }));
  const [name] = await namesOf(torrent);
  using peer = await FakePeer.connect(leech.engine.port);
  await peer.handshake(name!, { fast: true });
  // It has everything and never answers a question about hashes.
  peer.say.haveAll();
  peer.say.unchoke();
  await peer.flush();
  const asked = await peer.hearUntil("request");
  assert(asked?.type === "request");
  assertEquals([asked.piece, asked.begin], [at, 0]);
  peer.say.piece(at, 0, small);
  await peer.flush();
  const { piece, hash } = await leech.until("piece-verified");
  assertEquals([piece, hash], [at, "SHA-256"]);
  assertEquals(leech.engine.snapshot().torrents[0]!.piecesHave, 1);
  // The rest comes when somebody proves its hashes.
  leech.engine.addPeer(infoHash, addressOf(seed));
  peer[Symbol.dispose]();
  await leech.until("torrent-completed");
  assertEquals(await leech.read("n/large"), await seed.read("n/large"));
});
