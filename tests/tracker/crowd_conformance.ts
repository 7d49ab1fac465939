/**
 * What every store must do with hosts that have many peers in a swarm. Each kind of store runs all
 * of it.
 *
 * @module
 */
import { announceInterval } from "../../tracker/swarms/announce_interval.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { seededRandom } from "../support/random.ts";
import { INFO_HASH, type RegisterTest, type TestAnnounce } from "./store_conformance.ts";

const OTHERS = new TextEncoder().encode("-XX0001-abcdefghijkl");

/** 3,000 ports of one host say that they are there, and never come again. */
async function flood(
  announce: TestAnnounce,
  ip: string,
  { now, infoHash = INFO_HASH }: { now: number; infoHash?: Uint8Array },
): Promise<void> {
  for (let i = 0; i < 3000; i++) {
    const facts = { left: i < 1500 ? 0 : 9, numwant: 0, peerId: OTHERS, event: "started" } as const;
    await announce(ip, 10_000 + i, { ...facts, infoHash }, now);
  }
}

/**
 * Registers all tests for one kind of store.
 *
 * @param rounds how often what chance decides is tried
 */
export function testCrowds(test: RegisterTest, rounds: number): void {
  test(
    "thousands of ports of one host push nobody out of a reply and delay nobody",
    async (announce) => {
      for (const ports of [300, 3000]) {
        for (let i = 0; i < 5; i++) await announce(`10.1.0.${i + 2}`, 1, { left: i % 2 });
        for (let port = 1; port <= ports; port++) {
          const left = port % 2;
          await announce("10.9.0.1", port, { left, numwant: 0, peerId: OTHERS }, 200_000);
        }
        for (const left of [0, 9]) {
          const { peers, interval } = await announce("10.2.0.1", 1, { left }, 200_000);
          const honest = peers.filter((peer) => !peer.startsWith("10.9.0.1:"));
          assertEquals(honest.length, left === 0 ? 2 : 5);
          assert(interval <= 25, `${interval} s`);
        }
        assert((await announce("10.2.0.1", 1)).leechers <= 1024 / 2 + 60);
      }
    },
  );

  test(
    "a class behind one address and an attacker at another have the same share",
    async (announce) => {
      for (let port = 1; port <= 40; port++) await announce("10.1.0.2", port);
      for (let port = 1; port <= 3000; port++) {
        await announce("10.9.0.1", port, { numwant: 0, peerId: OTHERS });
      }
      const told = new Set<string>();
      for (let port = 1; port <= 40; port++) {
        const { peers } = await announce("10.1.0.2", port);
        const own = peers.filter((peer) => peer.startsWith("10.1.0.2:"));
        assertEquals([peers.length, own.length], [50, 25]);
        assert(!own.includes(`10.1.0.2:${port}`));
        for (const peer of own) told.add(peer);
      }
      assertEquals(told.size, 40);
    },
  );

  for (const ip of ["127.0.0.1", "10.1.0.2", "fd00::2"]) {
    test(
      `300 peers at ${ip} alone are counted, handed out evenly, and found again`,
      async (announce, store) => {
        const facts = (port: number) => ({ left: port % 3, key: port });
        for (let port = 1; port <= 300; port++) await announce(ip, port, facts(port));
        assertEquals(await store.totals(), { swarms: 1, seeders: 100, leechers: 200 });
        const times = new Map<string, number>();
        for (let port = 1; port <= 300; port++) {
          const { peers, seeders } = await announce(ip, port, facts(port));
          assertEquals(seeders, 100);
          assertEquals(new Set(peers).size, 50);
          for (const peer of peers) times.set(peer, (times.get(peer) ?? 0) + 1);
        }
        assertEquals(times.size, 300);
        assert(Math.max(...times.values()) < 150);
        for (let port = 1; port <= 300; port++) {
          await announce(ip, port, { ...facts(port), event: "stopped" });
        }
        assertEquals(await store.totals(), { swarms: 0, seeders: 0, leechers: 0 });
      },
    );
  }

  test(
    "counts are right after any coming, going, moving and finishing of crowds",
    async (announce, store) => {
      const random = seededRandom(10);
      const expected = new Map<string, number>();
      for (let step = 0; step < 6000; step++) {
        const ip = random() < 0.5
          ? `10.1.0.${1 + Math.floor(random() * 5)}`
          : `fd00::${Math.floor(random() * 3)}:0:0:0:${1 + Math.floor(random() * 9)}`;
        const port = 1 + Math.floor(random() * 30);
        const left = random() < 0.4 ? 0 : 10;
        const event = random() < 0.4 ? "stopped" : "none";
        const { seeders, leechers, peers } = await announce(ip, port, { left, event });
        if (event === "stopped") expected.delete(`${ip} ${port}`);
        else expected.set(`${ip} ${port}`, left);
        const seeds = [...expected.values()].filter((missing) => missing === 0).length;
        assertEquals([seeders, leechers], [seeds, expected.size - seeds]);
        assertEquals(new Set(peers).size, peers.length);
      }
      assertEquals((await store.peers(INFO_HASH)).length, expected.size);
    },
  );

  for (const ip of ["127.0.0.1", "10.1.0.2", "fd00::2"]) {
    const at = (port: number) => ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;

    test(
      `a seed at ${ip} with 3,000 fakes hears of a newcomer there, and the newcomer of it`,
      async (announce) => {
        for (let round = 1; round <= rounds; round++) {
          const infoHash = new Uint8Array(20).fill(round);
          await announce(ip, 1, { infoHash, left: 0, event: "started" });
          await announce(ip, 1, { infoHash, left: 0, uploaded: 1000 }, 5_000);
          await flood(announce, ip, { now: 6_000, infoHash });
          const leech = await announce(ip, 2, { infoHash, event: "started" }, 7_000);
          assertEquals(leech.peers.length, 50);
          assert(leech.peers.includes(at(1)), "who gave something is named");
          const told = await announce(ip, 1, { infoHash, left: 0, uploaded: 1000 }, 10_000);
          assert(told.peers.includes(at(2)), "who came last is named");
          assertEquals(new Set(told.peers).size, 50);
        }
      },
    );

    test(
      `a seed at ${ip} that was pushed out before it proved anything is back at once`,
      async (announce) => {
        for (let round = 1; round <= rounds; round++) {
          const infoHash = new Uint8Array(20).fill(round);
          await announce(ip, 1, { infoHash, left: 0, event: "started" });
          await flood(announce, ip, { now: 1_000, infoHash });
          await announce(ip, 2, { infoHash, event: "started" }, 2_000);
          const { peers } = await announce(ip, 1, { infoHash, left: 0 }, 5_000);
          assert(peers.includes(at(2)), "who came last is named");
        }
      },
    );

    test(`40 at ${ip} keep their places beside 3,000 fakes there`, async (announce, store) => {
      for (const now of [0, 5_000]) {
        for (let port = 1; port <= 40; port++) await announce(ip, port, {}, now);
      }
      await flood(announce, ip, { now: 6_000 });
      const there = (await store.peers(INFO_HASH)).filter(({ port }) => port <= 40);
      assertEquals(there.length, 40);
    });
  }

  test("many hosts of many peers each are all named in the long run", async (announce) => {
    const hosts = Array.from({ length: 100 }, (_, i) => `10.3.${i}.1`);
    for (const ip of hosts) {
      for (let port = 1; port <= 6; port++) await announce(ip, port, { numwant: 0 });
    }
    const named = new Set<string>();
    // A reply names an eighth of them: after sixty replies one is still missing in one run of thirty.
    for (let i = 0; i < 500 && named.size < 100; i++) {
      const { peers } = await announce("10.2.0.1", 1);
      assertEquals(new Set(peers).size, 50);
      for (const peer of peers) named.add(peer.split(":")[0]!);
    }
    assertEquals(named.size, 100);
  });

  test("peers of one host beyond 40 do not lengthen the interval", async (announce) => {
    for (let i = 1; i <= 110; i++) await announce(`10.1.0.${i}`, 1, { peerId: OTHERS });
    for (let port = 1; port <= 300; port++) await announce("10.9.0.1", port, { peerId: OTHERS });
    assertEquals((await announce("10.9.0.1", 1)).interval, announceInterval(150, 0));
    for (let port = 1; port <= 280; port++) {
      await announce("10.9.0.1", port, { peerId: OTHERS, event: "stopped" });
    }
    assertEquals((await announce("10.9.0.1", 300)).interval, announceInterval(130, 0));
  });
}
