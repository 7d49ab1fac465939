/**
 * Encrypted connections between whole engines.
 *
 * @module
 */
import { ProtocolError } from "../../protocol/errors.ts";
import type { Encryption, Protection } from "../../peer/mod.ts";
import { call } from "../../peer/connections/outgoing_handshake.ts";
import { encrypt } from "../../peer/connections/mse_socket.ts";
import { dial, listen, TcpError } from "../../peer/connections/tcp.ts";
import type { KnownPeer } from "../../peer/peers/peer_list.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import type { Socket } from "../../peer/ports.ts";
import { memoryAtRest } from "../support/memory.ts";
import { seededRandom } from "../support/random.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";
import { realWorld } from "../../peer/engine/real_world.ts";

/** What a call needs of the world. */
const AROUND = realWorld();

const PIECE = 65536;

const AGREE: [seed: Encryption, leech: Encryption, Protection][] = [
  ["allow", "allow", "none"],
  ["allow", "prefer", "handshake"],
  ["allow", "require", "rc4"],
  ["require", "allow", "rc4"],
  ["require", "require", "rc4"],
  ["prefer", "off", "none"],
  ["off", "prefer", "none"],
];

for (const [seeds, leeches, protection] of AGREE) {
  Deno.test(`a peer with encryption "${leeches}" downloads from one with "${seeds}"`, async () => {
    await using seed = await TestEngine.start({ encryption: seeds });
    await using leech = await TestEngine.start({ encryption: leeches });
    const bytes = someBytes(20 * PIECE + 123);
    const { torrent } = await seed.engine.share(await seed.put("file", bytes), {
      pieceLength: PIECE,
    });
    await leech.engine.add(torrent, { peers: [addressOf(seed)] });
    await leech.until("torrent-completed");
    assertEquals(await leech.read("file"), bytes);
    for (const { engine } of [seed, leech]) {
      assertEquals(engine.snapshot().torrents[0]!.peers.map((peer) => peer.protection), [
        protection,
      ]);
    }
  });
}

Deno.test("a peer that requires encryption drops who speaks in clear", async () => {
  await using seed = await TestEngine.start({ encryption: "require" });
  const { infoHash } = await seed.engine.share(await seed.put("file", someBytes(PIECE)));
  using peer = await FakePeer.connect(seed.engine.port);
  await peer.handshake(Uint8Array.fromHex(infoHash), { hear: false });
  await peer.closed();
  assertEquals(seed.engine.snapshot().torrents[0]!.peers, []);
});

Deno.test("a peer without encryption drops who speaks anything but BitTorrent", async () => {
  await using seed = await TestEngine.start({ encryption: "off" });
  await seed.engine.share(await seed.put("file", someBytes(PIECE)));
  using peer = await FakePeer.connect(seed.engine.port);
  await peer.raw(someBytes(96));
  await peer.closed();
});

Deno.test("damaged encrypted calls are dropped, and good peers go on", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start({ encryption: "require" });
  const bytes = someBytes(20 * PIECE);
  const { torrent, infoHash } = await seed.engine.share(await seed.put("file", bytes), {
    pieceLength: PIECE,
  });
  const random = seededRandom(8);
  for (let round = 0; round < 60; round++) {
    // A proxy in between that flips a bit of what a real caller says, or cuts it off.
    const real = await dial("127.0.0.1", seed.engine.port);
    const damaged: Socket = {
      remote: real.remote,
      read: (into) => real.read(into),
      write: (said) => {
        const wrong = said.slice(
          0,
          random() < 0.3 ? Math.floor(random() * said.length) : undefined,
        );
        const at = Math.floor(random() * wrong.length);
        if (at < wrong.length) wrong[at]! ^= 1 << Math.floor(random() * 8);
        return real.write(wrong).then(() => said.length);
      },
      [Symbol.dispose]: () => real[Symbol.dispose](),
    };
    const timer = setTimeout(() => real[Symbol.dispose](), 20);
    await encrypt(damaged, {
      infoHash: Uint8Array.fromHex(infoHash),
      encryption: "require",
      initial: someBytes(68, round),
      random: AROUND.randomBytes,
    }).catch(() => {});
    clearTimeout(timer);
    damaged[Symbol.dispose]();
  }
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  await leech.until("torrent-completed");
  assertEquals(await leech.read("file"), bytes);
});

Deno.test("a flood of garbage instead of encrypted calls costs little memory, and ends", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start({ encryption: "require" });
  const bytes = someBytes(20 * PIECE);
  const { torrent } = await seed.engine.share(await seed.put("file", bytes), {
    pieceLength: PIECE,
  });
  const garbage = someBytes(1 << 20);
  /** Writes until it is hung up on; whether it was. */
  const flood = async (from: number): Promise<boolean> => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port: seed.engine.port });
    const into = new Uint8Array(4096);
    const reading = (async () => {
      while (await conn.read(into) !== null);
    })().catch(() => {});
    try {
      // More than any pipe between holds: what nobody reads stops the writer.
      for (let n = 0; n < 16; n++) {
        for (let at = from; at < garbage.length;) at += await conn.write(garbage.subarray(at));
      }
      return false;
    } catch {
      return true;
    } finally {
      await reading;
    }
  };
  const round = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 20) {
      // Each of them begins otherwise, so that each is another key.
      const results = await Promise.all(Array.from({ length: 20 }, (_, n) => flood(done * 50 + n)));
      assert(results.every(Boolean), "somebody was heard out to the end");
    }
  };
  await round(100);
  const memory = await memoryAtRest();
  await round(200);
  const growth = await memoryAtRest() - memory;
  assert(growth < 4 << 20, `grew by ${growth} bytes`);
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  await leech.until("torrent-completed");
  assertEquals(await leech.read("file"), bytes);
});

Deno.test("call() tries the other kind once where nobody says a word, and remembers", async (t) => {
  const own = {
    infoHash: new Uint8Array(20).fill(1),
    peerId: new Uint8Array(20).fill(2),
    fast: true,
    extended: true,
    dht: false,
  };
  const knownAt = (port: number): KnownPeer => ({
    host: "127.0.0.1",
    port,
    source: "manual",
    failures: 0,
    retryAt: 0,
    state: "dialing",
  });
  const reach = (known: KnownPeer, encryption: Encryption) =>
    call({ ...AROUND, dial, encryption, utp: "off" }, known, own, new AbortController().signal);

  await t.step("two calls to one that hangs up", async () => {
    using listener = listen({ host: "127.0.0.1", port: 0 });
    let calls = 0;
    const hangUp = (async () => {
      for await (const socket of listener) {
        // What was said is read first: closing with unread input would reset the connection.
        await socket.read(new Uint8Array(2000));
        socket[Symbol.dispose]();
        calls++;
      }
    })();
    const known = knownAt(listener.port);
    await assertRejects(() => reach(known, "allow"), ProtocolError);
    assertEquals([calls, known.way], [2, undefined]);
    await assertRejects(() => reach(known, "require"), ProtocolError);
    assertEquals(calls, 3);
    listener[Symbol.dispose]();
    await hangUp;
  });

  await t.step("one call where nobody listens", async () => {
    let dials = 0;
    const port = (() => {
      using listener = listen({ host: "127.0.0.1", port: 0 });
      return listener.port;
    })();
    const counting: typeof dial = (host, at, signal) => {
      dials++;
      return dial(host, at, signal);
    };
    const { signal } = new AbortController();
    await assertRejects(
      () =>
        call(
          { ...AROUND, dial: counting, encryption: "allow", utp: "off" },
          knownAt(port),
          own,
          signal,
        ),
      TcpError,
    );
    assertEquals(dials, 1);
  });

  await t.step("what worked is first next time", async () => {
    await using seed = await TestEngine.start({ encryption: "require" });
    const { infoHash } = await seed.engine.share(await seed.put("file", someBytes(PIECE)));
    const known = knownAt(seed.engine.port);
    const { signal } = new AbortController();
    const reached = await call(
      { ...AROUND, dial, encryption: "allow", utp: "off" },
      known,
      { ...own, infoHash: Uint8Array.fromHex(infoHash) },
      signal,
    );
    assertEquals(known.way?.opening, "encrypted");
    assert(reached.connection.protection === "rc4");
    reached.connection.close("enough");
  });
});
