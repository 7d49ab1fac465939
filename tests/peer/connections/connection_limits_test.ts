/**
 * Places are earned: strangers that say nothing, or nothing but words, keep nobody out.
 *
 * @module
 */
import { assert, assertEquals } from "../../support/assert.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { addressOf, someBytes, TestEngine } from "../../support/swarm.ts";

const PIECE = 16384;
const PIECES = 4;

async function seedOf(bytes: Uint8Array): Promise<{ seed: TestEngine; hash: Uint8Array }> {
  // Both of this machine's loopback addresses.
  const seed = await TestEngine.start({ host: "::", sources: { tracker: false } });
  const { infoHash } = await seed.engine.share(await seed.put("f", bytes), { pieceLength: PIECE });
  await seed.until("torrent-state", ({ state }) => state === "seeding");
  return { seed, hash: Uint8Array.fromHex(infoHash) };
}

/** Connections that come back as soon as they are closed, until it is disposed. */
class Flood implements AsyncDisposable {
  readonly #open = new Set<Deno.TcpConn>();
  readonly #tasks: Promise<void>[];
  #isOver = false;
  /** How often somebody was let in. */
  calls = 0;

  constructor(port: number, count: number, first: Uint8Array) {
    this.#tasks = Array.from({ length: count }, () => this.#call(port, first));
  }

  get size(): number {
    return this.#open.size;
  }

  async #call(port: number, first: Uint8Array): Promise<void> {
    while (!this.#isOver) {
      let conn: Deno.TcpConn | undefined;
      try {
        conn = await Deno.connect({ hostname: "127.0.0.1", port });
        this.#open.add(conn);
        this.calls++;
        if (this.#isOver) break;
        if (first.length > 0) await conn.write(first);
        const buffer = new Uint8Array(4096);
        while (await conn.read(buffer) !== null);
      } catch {
        // Closed by either end.
      } finally {
        if (conn !== undefined && this.#open.delete(conn)) conn.close();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const conn of this.#open) {
      this.#open.delete(conn);
      conn.close();
    }
    await Promise.all(this.#tasks);
  }
}

/** An honest peer that calls until it has everything; how often it called. */
async function download(
  hostname: string,
  port: number,
  hash: Uint8Array,
  bytes: Uint8Array,
  pause: () => Promise<void>,
): Promise<number> {
  const got = new Map<number, Uint8Array>();
  for (let calls = 1;; calls++) {
    try {
      using peer = new FakePeer(await Deno.connect({ hostname, port }));
      await peer.handshake(hash);
      peer.say.interested();
      await peer.flush();
      for (let message; (message = await peer.hear()) !== undefined;) {
        if (message.type === "piece") got.set(message.piece, message.block.slice());
        else if (message.type !== "unchoke") continue;
        if (got.size === PIECES) break;
        if (message.type === "unchoke") {
          for (let n = 0; n < PIECES; n++) if (!got.has(n)) peer.say.request(n, 0, PIECE);
          await peer.flush();
        }
      }
    } catch {
      // Turned away: it comes back.
    }
    if (got.size === PIECES) {
      for (const [n, block] of got) {
        assertEquals(block, bytes.subarray(n * PIECE, (n + 1) * PIECE));
      }
      return calls;
    }
    await pause();
  }
}

/** All honest ones at once; they come back a quarter of a second after they were turned away. */
async function classroom(
  seed: TestEngine,
  hash: Uint8Array,
  bytes: Uint8Array,
  { hostname, size }: { hostname: string; size: number },
): Promise<void> {
  const timers = new Set<() => void>();
  const beat = setInterval(() => {
    for (const go of timers) go();
    timers.clear();
  }, 250);
  const limit = Promise.withResolvers<never>();
  const tooLong = setTimeout(() => limit.reject(new Error("the classroom was kept out")), 240_000);
  const pause = () => new Promise<void>((resolve) => timers.add(resolve));
  try {
    const all = Array.from(
      { length: size },
      () => download(hostname, seed.engine.port, hash, bytes, pause),
    );
    await Promise.race([Promise.all(all), limit.promise]);
  } finally {
    clearInterval(beat);
    clearTimeout(tooLong);
  }
}

const peersOf = (seed: TestEngine) => seed.engine.snapshot().torrents[0]!.peers;

Deno.test("callers that say nothing, or stop in the middle, keep neither callers nor calls away", async () => {
  const bytes = someBytes(PIECES * PIECE);
  const { seed, hash } = await seedOf(bytes);
  await using _ = seed;
  // Silent; with the first byte of a handshake; with an encrypted one that stops.
  for (const first of [new Uint8Array(), Uint8Array.of(19), someBytes(100, 7)]) {
    await using flood = new Flood(seed.engine.port, 200, first);
    await seed.when(() => flood.calls >= 300, "calls to be many");
    await seed.when(() => peersOf(seed).length === 0, "none of them to be a peer");
    await classroom(seed, hash, bytes, { hostname: "127.0.0.1", size: 4 });
    // And it calls whom it knows.
    await using other = await TestEngine.start({ sources: { tracker: false } });
    const torrent = seed.engine.torrentBytes(hash.toHex());
    const added = await other.engine.add(torrent);
    seed.engine.addPeer(hash.toHex(), addressOf(other));
    await other.until("torrent-state", ({ state }) => state === "seeding");
    assertEquals(await other.read("f"), bytes);
    await other.engine.remove(added);
  }
});

/** A handshake, and that it is interested: all that some peers ever say. */
function interested(hash: Uint8Array): Uint8Array {
  const head = new Uint8Array(20);
  head.set([19, ...new TextEncoder().encode("BitTorrent protocol")]);
  const rest = Uint8Array.of(0, 0, 0, 1, 2);
  return new Uint8Array([...head, ...new Uint8Array(8), ...hash, ...new Uint8Array(20), ...rest]);
}

for (
  const [size, where, hostname] of [
    [40, "another address", "::1"],
    // From one address they only differ by what they do: each has its turn among the eighty.
    [12, "the same address", "127.0.0.1"],
  ] as const
) {
  Deno.test(`${size} at ${where} get everything beside a flood that is only interested`, async () => {
    const bytes = someBytes(PIECES * PIECE);
    const { seed, hash } = await seedOf(bytes);
    await using _ = seed;
    const say = interested(hash);
    // Each under a name of its own.
    const floods: Flood[] = [];
    try {
      for (let n = 0; n < 80; n++) {
        crypto.getRandomValues(say.subarray(48, 68));
        floods.push(new Flood(seed.engine.port, 1, say.slice()));
      }
      await seed.when(() => peersOf(seed).length === 80, "all places to be taken");
      await classroom(seed, hash, bytes, { hostname, size });
      assert(floods.some(({ calls }) => calls > 1), "some of it had to give way");
    } finally {
      await Promise.all(floods.map((flood) => flood[Symbol.asyncDispose]()));
    }
  });
}

Deno.test("a hundred silent ports of the seed's own host delay a newcomer by seconds at most", async () => {
  const bytes = someBytes(PIECES * PIECE);
  const { seed, hash } = await seedOf(bytes);
  await using _ = seed;
  const ports: Deno.TcpListener[] = [];
  const taken: Promise<void>[] = [];
  const held = new Set<Deno.TcpConn>();
  for (let n = 0; n < 100; n++) {
    const port = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    ports.push(port);
    taken.push((async () => {
      for await (const conn of port) held.add(conn);
    })());
  }
  try {
    await using leech = await TestEngine.start({ sources: { tracker: false } });
    const peers = [
      ...ports.map(({ addr: { port } }) => ({ host: "127.0.0.1", port })),
      addressOf(seed),
    ];
    await leech.engine.add(seed.engine.torrentBytes(hash.toHex()), { peers });
    await leech.until("torrent-completed");
    assert(held.size >= 90, "the seed came last");
  } finally {
    for (const port of ports) port.close();
    await Promise.all(taken);
    for (const conn of held) conn.close();
  }
});
