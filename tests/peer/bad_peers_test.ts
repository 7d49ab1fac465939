/**
 * Peers that break the rules, over real sockets: each is dropped with a reason or held off, memory
 * stays bounded, and what good peers have to give arrives.
 *
 * Metadata bombs are in `magnet_test.ts`, false hashes in `v2_test.ts`.
 *
 * @module
 */
import { createTorrent } from "../../peer/mod.ts";
import { infoHashesOf } from "../../peer/metainfo/info_hashes.ts";
import { OUR_EXTENSIONS } from "../../protocol/extension_ids.ts";
import { encodeExtensionHandshake, encodePex } from "../../protocol/extension_message.ts";
import { swarmHashes } from "../../protocol/info_hash.ts";
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import { parseMetainfo } from "../../protocol/metainfo.ts";
import { encodeUtp, UtpType } from "../../protocol/utp_packet.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { seededRandom } from "../support/random.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 65536;
const PIECES = 64;
const CONTENT = someBytes(PIECE * PIECES - 5);

/** A good seed, and a downloader that everybody bad gets to know first. */
class Arena implements AsyncDisposable {
  readonly #seed: TestEngine;
  readonly leech: TestEngine;
  readonly infoHash: string;

  private constructor(seed: TestEngine, leech: TestEngine, infoHash: string) {
    this.#seed = seed;
    this.leech = leech;
    this.infoHash = infoHash;
  }

  static async open(options: { uploadLimit?: number } = {}): Promise<Arena> {
    const seed = await TestEngine.start(options);
    const leech = await TestEngine.start();
    const { torrent, infoHash } = await seed.engine.share(await seed.put("file", CONTENT), {
      pieceLength: PIECE,
    });
    await leech.engine.add(torrent);
    return new Arena(seed, leech, infoHash);
  }

  /** A connection of somebody who says it has the torrent. */
  async enter(options: { fast?: boolean; extended?: boolean } = {}): Promise<FakePeer> {
    const peer = await FakePeer.connect(this.leech.engine.port);
    await peer.handshake(Uint8Array.fromHex(this.infoHash), options);
    return peer;
  }

  /** Why the bad peer was dropped. */
  async reason(): Promise<string> {
    return (await this.leech.until("peer-disconnected")).reason;
  }

  /** The good seed comes. */
  callSeed(): void {
    this.leech.engine.addPeer(this.infoHash, addressOf(this.#seed));
  }

  /** The good seed comes, and with it everything. */
  async completes(): Promise<void> {
    this.callSeed();
    await this.leech.until("torrent-completed");
    assertEquals(await this.leech.read("file"), CONTENT);
    const banned = this.leech.events.filter((event) => event.event === "peer-banned");
    assert(banned.every(({ address }) => !address.endsWith(`:${this.#seed.engine.port}`)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leech[Symbol.asyncDispose]();
    await this.#seed[Symbol.asyncDispose]();
  }
}

/** Says something so often, or until it is hung up on. */
async function flood(peer: FakePeer, times: number, say: () => void): Promise<void> {
  try {
    for (let said = 0; said < times;) {
      for (let i = 0; i < 1000 && said < times; i++, said++) say();
      await peer.flush();
    }
  } catch (error) {
    // It hung up on us, which is what the tests want.
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}

/** Those that are dropped as soon as they say it. */
const RULE_BREAKERS: readonly [what: string, reason: string, say: (peer: FakePeer) => void][] = [
  [
    "a huge length",
    "message of 2147483647 bytes",
    ({ say }) => say.raw(new Uint8Array([0x7f, 0xff, 0xff, 0xff])),
  ],
  [
    "a length of all ones",
    "message of 4294967295 bytes",
    ({ say }) => say.raw(new Uint8Array(4).fill(0xff)),
  ],
  [
    "a short HAVE",
    "message 4 of 3 bytes",
    ({ say }) => say.raw(new Uint8Array([0, 0, 0, 3, 4, 0, 0])),
  ],
  [
    "a bitfield of wrong length",
    "bitfield of 2 bytes where 8 are due",
    ({ say }) => say.bitfield(new Uint8Array(2)),
  ],
  ["a piece past the end", `it has piece ${PIECES}, past the end`, ({ say }) => say.have(PIECES)],
  [
    "a request past the end",
    `it requested bytes past the end (piece ${PIECES - 1})`,
    ({ say }) => say.request(PIECES - 1, PIECE - 100, 101),
  ],
  [
    "a request of 4 GiB",
    "it requested bytes past the end (piece 0)",
    ({ say }) => say.request(0, 0, 2 ** 32 - 1),
  ],
  [
    "a request too large",
    "it requested a block of 32768 bytes",
    ({ say }) => say.request(0, 0, 32768),
  ],
  [
    "hashes in a v1 swarm",
    "it sent a hash message on a connection that is not v2",
    ({ say }) =>
      say.hashRequest({ root: new Uint8Array(32), base: 0, index: 0, length: 2, proofLayers: 0 }),
  ],
  [
    "an extension handshake of nesting",
    "extension handshake that is not bencode",
    ({ say }) => say.extended(0, new Uint8Array(60_000).fill("l".charCodeAt(0))),
  ],
  [
    "an extension handshake of half a megabyte",
    "extension handshake of 500000 bytes",
    ({ say }) => say.extended(0, new Uint8Array(500_000)),
  ],
  [
    "addresses of half a megabyte",
    "peer exchange of 500000 bytes",
    ({ say }) => say.extended(1, new Uint8Array(500_000)),
  ],
  ["that it has nothing, twice", "it repeats its bitfield (BEP 6)", ({ say }) => {
    say.haveNone();
    say.haveNone();
  }],
];

Deno.test("a peer that breaks the protocol is dropped with a reason, and good peers continue", async (t) => {
  await using arena = await Arena.open();
  const { leech } = arena;
  for (const [what, reason, misbehave] of RULE_BREAKERS) {
    await t.step(what, async () => {
      using peer = await arena.enter();
      misbehave(peer);
      await peer.flush();
      await peer.closed();
      await leech.until("peer-disconnected", (event) => event.reason === reason);
    });
  }
  await t.step("another torrent's info hash", async () => {
    using stranger = await FakePeer.connect(leech.engine.port);
    await stranger.handshake(new Uint8Array(20).fill(7), { hear: false });
    await stranger.closed();
  });
  await t.step("another protocol", async () => {
    using browser = await FakePeer.connect(leech.engine.port);
    await browser.raw(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
    // Taken for the key of an encrypted caller as far as it goes; nothing follows.
    await browser.raw(someBytes(2000, 3));
    await browser.closed();
  });
  await t.step("the download completes", () => arena.completes());
});

Deno.test("a peer that dials another torrent's peer hangs up, and tries others", async () => {
  await using arena = await Arena.open();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  arena.leech.engine.addPeer(arena.infoHash, { host: "127.0.0.1", port: listener.addr.port });
  using peer = new FakePeer(await listener.accept());
  await peer.handshake(new Uint8Array(20).fill(9));
  await peer.closed();
  await arena.completes();
});

Deno.test("blocks that nobody asked for are not kept, and their sender is dropped", async () => {
  await using arena = await Arena.open();
  using peer = await arena.enter();
  await flood(peer, 200, () => peer.say.piece(3, 0, new Uint8Array(BLOCK_LENGTH)));
  await peer.closed();
  assertEquals(await arena.reason(), "it sent blocks that we did not request");
  await arena.completes();
});

Deno.test("a block whose offset points into another piece takes nothing away", async () => {
  await using arena = await Arena.open();
  using peer = await arena.enter();
  peer.say.bitfield(new Uint8Array(8).fill(0xff));
  peer.say.unchoke();
  await peer.flush();
  // A piece has at most 16,384 blocks: the block after them looks like the next piece's first one.
  // A newcomer is asked for the blocks of one piece; there is none before the first.
  for (let answered = 0; answered < PIECE / BLOCK_LENGTH;) {
    const request = await peer.hearUntil("request");
    assert(request?.type === "request");
    const { piece, begin, length } = request;
    if (piece === 0) peer.say.piece(0, begin, CONTENT.subarray(begin, begin + length));
    else {
      peer.say.piece(piece - 1, 16384 * BLOCK_LENGTH + begin, new Uint8Array(length));
      answered++;
    }
    await peer.flush();
  }
  await arena.completes();
});

Deno.test("a peer that unchokes and then is silent delays nothing", async () => {
  await using arena = await Arena.open();
  using peer = await arena.enter();
  const silence = peer.seed(PIECES, () => undefined);
  await arena.leech.when(
    () => arena.leech.engine.snapshot().torrents[0]!.peers[0]?.requests,
    "requests to the silent one",
  );
  await arena.completes();
  peer[Symbol.dispose]();
  await silence;
});

Deno.test("a peer that sends one bad block in twenty is found among others, and alone", async () => {
  await using arena = await Arena.open({ uploadLimit: 1_000_000 });
  arena.callSeed();
  await arena.leech.until("unchoked-by");
  using peer = await arena.enter();
  const random = seededRandom(5);
  const lying = peer.seed(PIECES, (piece, begin, length) => {
    const at = piece * PIECE + begin;
    const block = CONTENT.slice(at, at + length);
    if (random() < 0.05) block[Math.floor(random() * length)]! ^= 1;
    return block;
  });
  const banned = await arena.leech.until("peer-banned");
  assertMatch(banned.reason, /piece \d+.* was wrong/);
  await arena.completes();
  await lying;
  // By its peer ID, too: it does not get in again from another port. Here only the port is another.
  assertEquals(arena.leech.events.filter(({ event }) => event === "peer-banned").length, 1);
});

Deno.test("a thousand idle messages in a second are too many", async (t) => {
  const kinds: [string, (peer: FakePeer) => void][] = [
    ["choke", ({ say }) => say.choke()],
    ["unchoke", ({ say }) => say.unchoke()],
    ["interested and not", ({ say }) => (say.interested(), say.notInterested())],
    ["have-all", ({ say }) => say.haveAll()],
    ["bitfield", ({ say }) => say.bitfield(new Uint8Array(8).fill(0xff))],
    ["keep-alive", ({ say }) => say.keepAlive()],
    ["what nobody knows", ({ say }) => say.raw(new Uint8Array([0, 0, 0, 1, 99]))],
  ];
  await using arena = await Arena.open();
  for (const [kind, say] of kinds) {
    await t.step(kind, async () => {
      const before = arena.leech.events.length;
      using peer = await arena.enter({ fast: true });
      await flood(peer, 3000, () => say(peer));
      await peer.closed();
      const dropped = arena.leech.events.slice(before).find(({ event }) =>
        event === "peer-disconnected"
      );
      assertMatch(
        String(dropped && "reason" in dropped && dropped.reason),
        /floods|repeats its bitfield|reset/,
      );
      const told = arena.leech.events.length - before;
      assert(told < 1100, `${told} events`);
    });
  }
  await arena.completes();
});

Deno.test("a peer that requests without reading is dropped before it fills our memory", async () => {
  await using arena = await Arena.open();
  using peer = await arena.enter({ fast: true });
  const before = Deno.memoryUsage().rss;
  await flood(peer, 3_000_000, () => peer.say.request(0, 0, BLOCK_LENGTH));
  assertMatch(await arena.reason(), /does not read our replies|floods|reset/);
  const growth = Deno.memoryUsage().rss - before;
  assert(growth < 64 << 20, `grew by ${growth >> 20} MiB`);
  await arena.completes();
});

Deno.test("a peer that requests hashes over and over gets no more than it reads", async () => {
  await using seed = await TestEngine.start();
  const pieceLength = BLOCK_LENGTH;
  await seed.put("file", someBytes(2048 * pieceLength, 4));
  const path = `${seed.dir}/file`;
  const { bytes } = await createTorrent({ path, kind: "v2", pieceLength });
  await seed.engine.add(bytes);
  await seed.until("torrent-state", (event) => event.state === "seeding");
  const metainfo = parseMetainfo(bytes);
  const [name] = swarmHashes(await infoHashesOf(metainfo));
  const root = metainfo.info.files[0]!.piecesRoot!;
  using peer = await FakePeer.connect(seed.engine.port);
  await peer.handshake(name!, { fast: true });
  const before = Deno.memoryUsage().rss;
  // 53 bytes ask for 64 KiB: 10,000 of them would be 640 MiB.
  const range = { root, base: 0, index: 0, length: 2048, proofLayers: 0 };
  await flood(peer, 10_000, () => peer.say.hashRequest(range));
  using good = await FakePeer.connect(seed.engine.port);
  await good.handshake(name!, { fast: true });
  good.say.hashRequest(range);
  await good.flush();
  assertEquals((await good.hearUntil("hashes"))?.type, "hashes");
  const growth = Deno.memoryUsage().rss - before;
  assert(growth < 64 << 20, `grew by ${growth >> 20} MiB`);
});

Deno.test("a peer that floods addresses is believed a few, and dropped", async () => {
  await using arena = await Arena.open();
  using peer = await arena.enter({ extended: true });
  peer.say.extended(0, encodeExtensionHandshake({ messages: { "ut_pex": 1 } }));
  let said = 0;
  await flood(peer, 30, () => {
    const added = Array.from({ length: 50 }, (_, i) => ({
      host: `127.77.${said}.${i + 1}`,
      port: 1,
      flags: 0,
    }));
    peer.say.extended(OUR_EXTENSIONS["ut_pex"], encodePex({ added, dropped: [] }));
    said++;
  });
  await peer.closed();
  assertEquals(await arena.reason(), "it floods us with addresses");
  await arena.completes();
});

Deno.test("a peer that keeps changing its listening port is dialled at one port only", async () => {
  await using arena = await Arena.open();
  using first = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using second = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  {
    using peer = await arena.enter({ extended: true });
    for (const { addr: { port } } of [first, second]) {
      peer.say.extended(0, encodeExtensionHandshake({ messages: {}, port }));
    }
    await peer.flush();
    await arena.leech.until("peer-connected");
  }
  using call = await first.accept();
  assert(call.remoteAddr.port > 0);
  // Both would be called in the same turn; so the first to call at the second place is this one.
  using own = await Deno.connect({ hostname: "127.0.0.1", port: second.addr.port });
  using come = await second.accept();
  assertEquals(come.remoteAddr.port, own.localAddr.port);
  call.close();
});

Deno.test("a handshake that only looks encrypted ends", async () => {
  await using arena = await Arena.open();
  const random = seededRandom(6);
  for (let round = 0; round < 40; round++) {
    using peer = await FakePeer.connect(arena.leech.engine.port);
    const length = 97 + Math.floor(random() * 4000);
    await flood(peer, 1, () => peer.say.raw(someBytes(length, round)));
    // Less than a key with all its padding could go on: that ends after ten seconds.
    if (length > 2000) await peer.closed();
  }
  await arena.completes();
});

Deno.test("packets that only look like uTP make no connections", async () => {
  await using arena = await Arena.open();
  const { port } = arena.leech.engine;
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
  const random = seededRandom(7);
  const before = Deno.memoryUsage().rss;
  for (let sent = 0; sent < 20_000; sent++) {
    const packet = encodeUtp({
      type: [UtpType.syn, UtpType.data, UtpType.state, UtpType.fin, UtpType.reset][sent % 5]!,
      connectionId: Math.floor(random() * 65536),
      timestamp: sent,
      timestampDifference: 0,
      windowSize: Math.floor(random() * 2 ** 32),
      seqNr: Math.floor(random() * 65536),
      ackNr: Math.floor(random() * 65536),
    }, { payload: someBytes(Math.floor(random() * 100), sent) });
    if (random() < 0.5) packet[Math.floor(random() * packet.length)] = Math.floor(random() * 256);
    await socket.send(packet, to);
  }
  socket.close();
  assertEquals(arena.leech.engine.snapshot().torrents[0]!.peers, []);
  await arena.completes();
  const growth = Deno.memoryUsage().rss - before;
  assert(growth < 64 << 20, `grew by ${growth >> 20} MiB`);
});
