/**
 * What every store of swarms must do. Each kind of store runs all of it.
 *
 * @module
 */
import { decodePeers } from "../../protocol/compact_peers.ts";
import type { AnnounceRequest } from "../../protocol/announce.ts";
import { formatHostPort, formatIp, parseIp } from "../../protocol/address.ts";
import { announceInterval } from "../../tracker/swarms/announce_interval.ts";
import type { SwarmStore } from "../../tracker/contract/ports.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { seededRandom } from "../support/random.ts";
import { testCrowds } from "./crowd_conformance.ts";

export const INFO_HASH: Uint8Array = new Uint8Array(20).fill(7);
const OWN = [
  { bytes: parseIp("10.1.0.1")!, prefix: 16 },
  { bytes: parseIp("192.168.5.1")!, prefix: 24 },
  { bytes: parseIp("fd00::1")!, prefix: 64 },
];
const VTORRENT = new TextEncoder().encode("-VT0100-abcdefghijkl");
const LIBTORRENT = new TextEncoder().encode("-LT2080-abcdefghijkl");

/** Clients by the start of their peer ID, and the shortest interval (s) that each of them takes. */
const SEEDS_OF_OTHERS: readonly (readonly [string, number])[] = [
  ["-lt0D80-", 600], // rtorrent
  ["-DE211s-", 300], // Deluge
  ["-qB4520-", 300], // qBittorrent
  ["-PI0250-", 300], // PicoTorrent: libtorrent under an ID of its own
  ["A2-1-37-0-", 120], // aria2
  ["-TR4060-", 60], // Transmission
  ["-VT0001-", 600], // a student's
];

/**
 * Makes a store with nothing in it; it is disposed after its test.
 *
 * @param maxEmpty swarms without anybody that are kept for their count of downloads
 */
export type MakeStore = (maxEmpty?: number) => SwarmStore | Promise<SwarmStore>;

/** Registers a test of one kind of store. */
export interface RegisterTest {
  (
    name: string,
    run: (announce: TestAnnounce, store: SwarmStore) => Promise<void>,
    maxEmpty?: number,
  ): void;
}

/** An announce to a store from `ip` and `port`; `peers` are `host:port`s, sorted. */
export interface TestAnnounce {
  (ip: string, port: number, facts?: Partial<AnnounceRequest>, now?: number): Promise<{
    interval: number;
    seeders: number;
    leechers: number;
    completed: number;
    peers: string[];
  }>;
}

/** A shorthand for announces to `store`. */
export function announceTo(store: SwarmStore): TestAnnounce {
  return async (ip, port, facts = {}, now = 0) => {
    const request: AnnounceRequest = {
      infoHash: INFO_HASH,
      peerId: VTORRENT,
      port,
      uploaded: 0,
      downloaded: 0,
      left: 100,
      event: "none",
      numwant: -1,
      key: undefined,
      compact: true,
      noPeerId: true,
      ...facts,
    };
    const { peers4, peers6, ...counts } = await store.announce(
      request,
      { address: parseIp(ip)!, own: OWN },
      now,
    );
    const peers = [...decodePeers(peers4, 6), ...decodePeers(peers6, 18)];
    return { ...counts, peers: peers.map(({ host, port }) => formatHostPort(host, port)).sort() };
  };
}

/** Registers all tests for one kind of store. */
export function testStore(
  kind: string,
  make: MakeStore,
  options: { ignore?: boolean; rounds?: number } = {},
): void {
  const test: RegisterTest = (name, run, maxEmpty) =>
    Deno.test({
      name: `${kind} store: ${name}`,
      ignore: options.ignore ?? false,
      async fn() {
        const store = await make(maxEmpty);
        try {
          await run(announceTo(store), store);
        } finally {
          await store[Symbol.asyncDispose]?.();
        }
      },
    });

  testCrowds(test, options.rounds ?? 20);

  test("peers hear of each other and never of themselves, also when they come again", async (announce) => {
    assertEquals((await announce("10.1.0.2", 1)).peers, []);
    assertEquals((await announce("10.1.0.3", 2)).peers, ["10.1.0.2:1"]);
    assertEquals((await announce("10.1.0.2", 1)).peers, ["10.1.0.3:2"]);
    assertEquals((await announce("10.1.0.2", 3)).peers, ["10.1.0.2:1", "10.1.0.3:2"]);
  });

  test("a peer on the tracker's host is loopback to its neighbours, the host's LAN address to others", async (announce) => {
    await announce("127.0.0.1", 1);
    assertEquals((await announce("127.0.0.1", 2)).peers, ["127.0.0.1:1"]);
    assertEquals((await announce("10.1.7.7", 3)).peers, ["10.1.0.1:1", "10.1.0.1:2"]);
    assertEquals((await announce("192.168.5.9", 4)).peers, [
      "10.1.7.7:3",
      "192.168.5.1:1",
      "192.168.5.1:2",
    ]);
    assertEquals((await announce("127.0.0.1", 1)).peers, [
      "10.1.7.7:3",
      "127.0.0.1:2",
      "192.168.5.9:4",
    ]);
    await announce("::1", 5);
    const { peers } = await announce("127.0.0.1", 1);
    assert(peers.includes("[::1]:5"), String(peers));
    assert((await announce("fd00::9", 6)).peers.includes("[fd00::1]:5"));
    assert(!(await announce("10.1.7.7", 3)).peers.some((peer) => peer.endsWith(":5")));
  });

  test("both families are handed out to both", async (announce) => {
    await announce("fd00::2", 1);
    assertEquals((await announce("10.1.0.3", 2)).peers, ["[fd00::2]:1"]);
    assertEquals((await announce("fd00::4", 3)).peers, ["10.1.0.3:2", "[fd00::2]:1"]);
  });

  test("addresses that cannot be dialled are never handed out", async (announce) => {
    await announce("10.1.0.2", 0);
    await announce("224.0.0.1", 1);
    await announce("255.255.255.255", 1);
    await announce("0.0.0.0", 1);
    assertEquals((await announce("10.1.0.3", 2)).peers, []);
    assertEquals((await announce("10.1.0.2", 0)).peers, ["10.1.0.3:2"]);
  });

  test(
    "counts include who asks; seeds are not told of seeds; completed counts once",
    async (announce, store) => {
      const first = await announce("10.1.0.2", 1, { left: 0 });
      assertEquals([first.seeders, first.leechers], [1, 0]);
      assertEquals((await announce("10.1.0.3", 2, { left: 0 })).peers, []);
      assertEquals((await announce("10.1.0.4", 3)).leechers, 1);
      await announce("10.1.0.4", 3, { left: 0, event: "completed" });
      await announce("10.1.0.4", 3, { left: 0, event: "completed" });
      await announce("10.1.0.5", 3, { left: 0, event: "completed" });
      const none = new Uint8Array(20);
      assertEquals(await store.scrape([INFO_HASH, none]), [
        { infoHash: INFO_HASH, seeders: 4, leechers: 0, completed: 1 },
        { infoHash: none, seeders: 0, leechers: 0, completed: 0 },
      ]);
      assertEquals(await store.totals(), { swarms: 1, seeders: 4, leechers: 0 });
      assertEquals([...await store.swarms()], [
        { infoHash: INFO_HASH, seeders: 4, leechers: 0, completed: 1 },
      ]);
    },
  );

  test("aria2 is told of seeds while it may lack metadata: it says left=0", async (announce) => {
    await announce("10.1.0.2", 1, { left: 0 });
    const peerId = new TextEncoder().encode("A2-1-36-0-abcdefghij");
    const aria2 = { left: 0, peerId };
    const peers = ["10.1.0.2:1"];
    assertEquals((await announce("10.1.0.3", 2, { ...aria2, event: "started" })).peers, peers);
    assertEquals((await announce("10.1.0.3", 2, aria2)).peers, peers);
    // It has the metadata; then it is a seed that downloaded, and one that gave something.
    assertEquals((await announce("10.1.0.3", 2, { peerId })).peers, peers);
    assertEquals((await announce("10.1.0.3", 2, { ...aria2, downloaded: 1 })).peers, []);
    assertEquals((await announce("10.1.0.3", 2, { ...aria2, uploaded: 1 })).peers, []);
  });

  test(
    "a partial seed is a leecher in the counts and of no use to seeds (BEP 21)",
    async (announce, store) => {
      await announce("10.1.0.2", 1, { left: 0 });
      const paused = await announce("10.1.0.3", 2, { event: "paused" });
      assertEquals([paused.seeders, paused.leechers, paused.peers], [1, 1, []]);
      assertEquals((await announce("10.1.0.2", 1, { left: 0 })).peers, []);
      assertEquals((await announce("10.1.0.4", 3)).peers, ["10.1.0.2:1", "10.1.0.3:2"]);
      assertEquals((await announce("10.1.0.3", 2)).peers, ["10.1.0.2:1", "10.1.0.4:3"]);
      assertEquals((await announce("10.1.0.2", 1, { left: 0 })).peers, [
        "10.1.0.3:2",
        "10.1.0.4:3",
      ]);
      await announce("10.1.0.3", 2, { event: "paused" });
      await announce("10.1.0.3", 2, { event: "stopped" });
      assertEquals(await store.totals(), { swarms: 1, seeders: 1, leechers: 1 });
      const last = await announce("10.1.0.2", 1, { left: 0 });
      assertEquals([last.seeders, last.leechers], [1, 1]);
    },
  );

  test("who stops is gone at once and gets nobody", async (announce, store) => {
    await announce("10.1.0.2", 1);
    await announce("10.1.0.3", 2);
    assertEquals((await announce("10.1.0.2", 1, { event: "stopped" })).peers, []);
    assertEquals((await announce("10.1.0.3", 2)).peers, []);
    await announce("10.1.0.3", 2, { event: "stopped" });
    await store.sweep(0);
    assertEquals([...await store.swarms()], []);
    assertEquals(await store.totals(), { swarms: 0, seeders: 0, leechers: 0 });
    const gone = await announce("10.1.0.3", 2, { event: "stopped" });
    assertEquals([gone.seeders, gone.leechers, gone.peers], [0, 0, []]);
  });

  test(
    "who does not come back in twice the promised time is forgotten",
    async (announce, store) => {
      const { interval } = await announce("10.1.0.2", 1, { left: 0, name: "ä peer" });
      await announce("10.1.0.3", 2, {}, interval * 2000);
      assertEquals((await store.sweep(interval * 2000)).length, 0);
      const gone = await store.sweep(interval * 2000 + 5000);
      assertEquals(gone.map(({ infoHash, peer }) => [infoHash, peer.name, peer.port]), [
        [INFO_HASH, "ä peer", 1],
      ]);
      assertEquals((await announce("10.1.0.4", 3, {}, interval * 2000 + 5000)).peers, [
        "10.1.0.3:2",
      ]);
      assertEquals((await store.sweep(1e9)).length, 2);
      assertEquals(await store.totals(), { swarms: 0, seeders: 0, leechers: 0 });
    },
  );

  for (const [prefix, floor] of SEEDS_OF_OTHERS) {
    test(
      `a lone seed ${prefix} that takes no interval below ${floor} s is there all the time`,
      async (announce, store) => {
        const peerId = new TextEncoder().encode(prefix.padEnd(20, "x"));
        const gone: number[] = [];
        let due = 0;
        for (let second = 0; second <= 3600; second++) {
          const now = second * 1000;
          if (second === due) {
            const event = second === 0 ? "started" : "none";
            const { interval } = await announce("10.1.0.2", 1, { left: 0, peerId, event }, now);
            due = second + Math.max(interval, floor) + second % 3;
          }
          if ((await store.sweep(now)).length > 0) gone.push(second);
        }
        assertEquals(gone, []);
        // Who is gone is forgotten within two of the gaps that were seen, or as soon as they were seen.
        await store.sweep(due * 1000 + Math.max(1260, 2 * floor + 20) * 1000);
        assertEquals(await store.totals(), { swarms: 0, seeders: 0, leechers: 0 });
      },
    );
  }

  test(
    "announces by hand do not shorten the time for which a client is kept",
    async (announce, store) => {
      const facts = { peerId: LIBTORRENT, left: 0 };
      await announce("10.1.0.2", 1, { ...facts, event: "started" });
      await announce("10.1.0.2", 1, { ...facts, event: "completed" }, 30_000);
      await announce("10.1.0.2", 1, facts, 31_000);
      await announce("10.1.0.2", 1, facts, 32_000);
      assertEquals((await store.sweep(632_000)).length, 0);
    },
  );

  test(
    "another client at the place of one that obeys gets a time of its own",
    async (announce, store) => {
      await announce("10.1.0.2", 1, { left: 0 });
      await announce("10.1.0.2", 1, { left: 0, peerId: LIBTORRENT }, 10_000);
      assertEquals((await store.sweep(310_000)).length, 0);
    },
  );

  test("a short promise ends before a long one that was given earlier", async (announce, store) => {
    await announce("10.1.0.2", 1, { peerId: LIBTORRENT });
    await announce("10.1.0.3", 2);
    assertEquals((await store.sweep(60_000)).map(({ peer }) => peer.port), [2]);
  });

  test("who has the same ID and key has moved, in each family", async (announce, store) => {
    const self = { key: 7, peerId: LIBTORRENT };
    await announce("10.1.0.2", 1, self);
    await announce("10.1.0.3", 2, { key: 7 });
    assertEquals((await announce("10.1.0.4", 1, { ...self, left: 0, event: "completed" })).peers, [
      "10.1.0.3:2",
    ]);
    assertEquals((await announce("10.1.0.3", 2, { key: 7 })).peers, ["10.1.0.4:1"]);
    assertEquals((await store.scrape([INFO_HASH]))[0]!.completed, 1);
    // With another key, or none, it is somebody else.
    await announce("10.1.0.5", 1, { ...self, key: 8 });
    assertEquals((await announce("10.1.0.6", 1, { ...self, key: undefined })).leechers, 3);
    // By IPv6 it is a second address, which it is never told of.
    await announce("fd00::2", 1, { ...self, key: 8 });
    const { peers } = await announce("10.1.0.5", 1, { ...self, key: 8 });
    assertEquals(peers, ["10.1.0.3:2", "10.1.0.4:1", "10.1.0.6:1"]);
    // A client that began anew on the same port has another ID: the old one is nobody now.
    await announce("10.1.0.5", 1, { peerId: VTORRENT, key: 9 });
    assert((await announce("10.1.0.7", 1, { ...self, key: 8 })).peers.includes("10.1.0.5:1"));
  });

  test("numwant is obeyed up to 200, and everybody is handed out in the long run", async (announce) => {
    for (let i = 0; i < 300; i++) {
      await announce(`10.1.${i >> 8}.${i & 255}`, 5, { left: i % 10, numwant: 0 });
    }
    assertEquals((await announce("10.2.0.1", 1, { numwant: 7 })).peers.length, 7);
    assertEquals((await announce("10.2.0.1", 1, { numwant: 0 })).peers.length, 0);
    assertEquals((await announce("10.2.0.1", 1)).peers.length, 50);
    assertEquals(
      new Set((await announce("10.2.0.1", 1, { numwant: 100_000 })).peers).size,
      200,
    );
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const { peers } = await announce("10.2.0.1", 1);
      assertEquals(new Set(peers).size, 50);
      for (const peer of peers) seen.add(peer);
    }
    assert(seen.size >= 299, `${seen.size} of 300`);
    assert(!seen.has("10.2.0.1:1"));
  });

  test("the interval is that of the swarm's size and age", async (announce) => {
    for (let i = 1; i <= 240; i++) {
      const facts = { peerId: LIBTORRENT, numwant: 0 };
      const { interval } = await announce(`10.1.0.${i}`, 1, facts, i * 1000);
      assertEquals(interval, announceInterval(i, i - 1), `${i} peers`);
    }
  });

  test("a swarm that was empty is young when somebody comes again", async (announce) => {
    await announce("10.1.0.2", 1);
    await announce("10.1.0.2", 1, { event: "completed", left: 0 });
    assertEquals((await announce("10.1.0.2", 1, { left: 0 }, 200_000)).interval, 10);
    await announce("10.1.0.2", 1, { event: "stopped" }, 200_000);
    assertEquals((await announce("10.1.0.3", 1, {}, 900_000)).interval, 5);
    assertEquals((await announce("10.1.0.3", 1, {}, 1_100_000)).interval, 10);
  });

  test(
    "of empty swarms those that were empty the longest are forgotten",
    async (announce, store) => {
      // The first byte is the same: a store may have a bound for each part of its swarms.
      const hash = (byte: number) => new Uint8Array(20).fill(byte, 1);
      const complete = async (byte: number, now: number) => {
        const facts = { infoHash: hash(byte), left: 0 };
        await announce("10.1.0.2", 1, { infoHash: hash(byte) }, now);
        await announce("10.1.0.2", 1, { ...facts, event: "completed" }, now);
        await announce("10.1.0.2", 1, { ...facts, event: "stopped" }, now);
      };
      const kept = async () =>
        (await store.scrape([1, 2, 3, 4, 5].map(hash))).map(({ completed }) => completed);
      for (let byte = 1; byte <= 4; byte++) await complete(byte, byte * 1000);
      assertEquals(await kept(), [0, 1, 1, 1, 0]);
      // One that somebody came to again is not empty.
      await announce("10.1.0.2", 1, { infoHash: hash(2) }, 5000);
      await complete(5, 6000);
      assertEquals(await kept(), [0, 1, 1, 1, 1]);
      assertEquals((await store.totals()).swarms, 4);
    },
    3,
  );

  test("thousands whose time is up are forgotten in one sweep", async (announce, store) => {
    for (let i = 0; i < 2500; i++) {
      await announce(`10.1.${i >> 8}.${i & 255}`, 1, {
        numwant: 0,
        infoHash: new Uint8Array(20).fill(i % 3),
      });
    }
    assertEquals((await store.sweep(1e9)).length, 2500);
    assertEquals(await store.totals(), { swarms: 0, seeders: 0, leechers: 0 });
  });

  test("who took another's place is found by its ID when the other place is gone", async (announce) => {
    const self = { key: 7, peerId: LIBTORRENT };
    await announce("10.1.0.2", 1, self);
    await announce("10.1.0.3", 2, { key: 8, peerId: LIBTORRENT });
    await announce("10.1.0.3", 2, self);
    await announce("10.1.0.2", 1, { event: "stopped", ...self });
    await announce("10.1.0.4", 3, self);
    assertEquals((await announce("10.1.0.5", 4)).peers, ["10.1.0.4:3"]);
  });

  test("what a peer said of itself can be looked at", async (announce, store) => {
    const facts = { uploaded: 2 ** 40, downloaded: 5, left: 3, name: "peer é" };
    await announce("10.1.0.2", 6881, facts, 61_000);
    await announce("::1", 9, { left: 0 });
    const peers = (await store.peers(INFO_HASH)).map(({ address, ...rest }) => ({
      ...rest,
      ip: formatIp(address),
    }));
    assertEquals(peers.sort((a, b) => b.port - a.port), [
      { ...facts, ip: "10.1.0.2", port: 6881, peerId: VTORRENT, seenAt: 61 },
      {
        ip: "::1",
        port: 9,
        peerId: VTORRENT,
        name: undefined,
        uploaded: 0,
        downloaded: 0,
        left: 0,
        seenAt: 0,
      },
    ]);
    assertEquals(await store.peers(new Uint8Array(20)), []);
  });

  test("it agrees with a plain map after any history", async (announce, store) => {
    const random = seededRandom(11);
    const expected = new Map<string, number>();
    const hashes = [1, 2, 3].map((byte) => new Uint8Array(20).fill(byte));
    for (let step = 0; step < 3000; step++) {
      const at = Math.floor(random() * hashes.length);
      const family = random() < 0.5 ? "10.1.0." : "fd00::";
      const ip = `${family}${1 + Math.floor(random() * 40)}`;
      const left = random() < 0.3 ? 0 : 10;
      const event = random() < 0.2 ? "stopped" : random() < 0.1 ? "paused" : "none";
      const infoHash = hashes[at]!;
      const { seeders, leechers, peers } = await announce(ip, 9, { left, event, infoHash });
      if (event === "stopped") expected.delete(`${at} ${ip}`);
      else expected.set(`${at} ${ip}`, left);
      const swarm = [...expected].filter(([key]) => key.startsWith(`${at} `));
      const seeds = swarm.filter(([, missing]) => missing === 0).length;
      assertEquals([seeders, leechers], [seeds, swarm.length - seeds]);
      for (const peer of peers) {
        const host = peer.replace(/:9$/, "").replace(/[[\]]/g, "");
        assert(host !== ip && expected.has(`${at} ${host}`), `${peer} is not there`);
      }
    }
    const seeders = [...expected.values()].filter((left) => left === 0).length;
    assertEquals(await store.totals(), {
      swarms: 3,
      seeders,
      leechers: expected.size - seeders,
    });
  });
}
