import { putAmong } from "../../../tracker/swarms/crowd_picks.ts";
import { MemoryStore } from "../../../tracker/swarms/memory_store.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";
import { announceTo, type TestAnnounce } from "../store_conformance.ts";

const OTHERS = new TextEncoder().encode("-XX0001-abcdefghijkl");

async function flood(announce: TestAnnounce, ip: string, now: number): Promise<void> {
  for (let i = 0; i < 3000; i++) {
    const facts = { left: i < 1500 ? 0 : 9, numwant: 0, peerId: OTHERS, event: "started" } as const;
    await announce(ip, 10_000 + i, facts, now);
  }
}

for (const ip of ["127.0.0.1", "10.1.0.2", "fd00::2"]) {
  const at = (port: number) => ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;

  Deno.test(`a seed at ${ip} with 3,000 fakes hears of a newcomer there, and the newcomer of it`, async () => {
    for (let seed = 0; seed < 20; seed++) {
      const announce = announceTo(new MemoryStore(seededRandom(seed)));
      await announce(ip, 1, { left: 0, event: "started" });
      await announce(ip, 1, { left: 0, uploaded: 1000 }, 5_000);
      await flood(announce, ip, 6_000);
      const leech = await announce(ip, 2, { event: "started" }, 7_000);
      assertEquals(leech.peers.length, 50);
      assert(leech.peers.includes(at(1)), "who gave something is named");
      const told = await announce(ip, 1, { left: 0, uploaded: 1000 }, 10_000);
      assert(told.peers.includes(at(2)), "who came last is named");
      assertEquals(new Set(told.peers).size, 50);
    }
  });

  Deno.test(`a seed at ${ip} that was pushed out before it proved anything is back at once`, async () => {
    for (let seed = 0; seed < 20; seed++) {
      const announce = announceTo(new MemoryStore(seededRandom(seed)));
      await announce(ip, 1, { left: 0, event: "started" });
      await flood(announce, ip, 1_000);
      await announce(ip, 2, { event: "started" }, 2_000);
      assert((await announce(ip, 1, { left: 0 }, 5_000)).peers.includes(at(2)));
    }
  });

  Deno.test(`40 at ${ip} keep their places beside 3,000 fakes there`, async () => {
    const store = new MemoryStore(seededRandom(3));
    const announce = announceTo(store);
    for (const now of [0, 5_000]) {
      for (let port = 1; port <= 40; port++) await announce(ip, port, {}, now);
    }
    await flood(announce, ip, 6_000);
    const there = store.peers(new Uint8Array(20).fill(7)).filter(({ port }) => port <= 40);
    assertEquals(there.length, 40);
  });
}

Deno.test("picked records take places of others, each once", () => {
  const into = Uint8Array.of(0, 1, 2, 3, 4, 5, 6);
  putAmong(into, [1, 6], 1, [5, 9, 1, 8].map((byte) => Uint8Array.of(byte)));
  assertEquals([into[0], into[6]], [0, 6]);
  const among = [...into.subarray(1, 6)];
  for (const byte of [5, 9, 1, 8]) assertEquals(among.filter((one) => one === byte).length, 1);
  putAmong(into, [1, 3], 1, [20, 21, 22, 23].map((byte) => Uint8Array.of(byte)));
  assertEquals([...into.subarray(1, 3)], [20, 21]);
});
