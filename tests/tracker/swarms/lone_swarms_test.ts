import type { AnnounceEvent, AnnounceRequest } from "../../../protocol/announce.ts";
import { MemoryStore } from "../../../tracker/swarms/memory_store.ts";
import type { ExpiredPeer, StoredPeer } from "../../../tracker/swarms/swarm_store.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { memoryAtRest } from "../../support/memory.ts";
import { seededRandom } from "../../support/random.ts";
import { announceTo } from "../store_conformance.ts";

function hashOf(swarm: number): Uint8Array {
  const bytes = new Uint8Array(20).fill(1);
  new DataView(bytes.buffer).setUint32(4, swarm);
  return bytes;
}

function nameless({ name: _, ...rest }: StoredPeer): Omit<StoredPeer, "name"> {
  return rest;
}

function sorted(expired: readonly ExpiredPeer[]): unknown[] {
  const order = new Map(expired.map(({ infoHash, peer }) => {
    const { address, port } = peer;
    return [`${infoHash.toHex()} ${address.toHex()} ${port}`, nameless(peer)];
  }));
  return [...order].sort(([a], [b]) => a < b ? -1 : 1);
}

// A peer with a display name is never in a lone swarm: so there are two stores that must agree.
Deno.test("swarms of one peer answer as all others do, whatever happens", async () => {
  const random = seededRandom(11);
  const pick = <T>(...values: T[]): T => values[Math.floor(random() * values.length)]!;
  const [lone, wide] = [new MemoryStore(seededRandom(1)), new MemoryStore(seededRandom(1))];
  const [announceLone, announceWide] = [announceTo(lone), announceTo(wide)];
  const ids = ["-VT0100-abcdefghijkl", "-LT2080-abcdefghijkl", "-qB4520-abcdefghijkl"]
    .map((id) => new TextEncoder().encode(id));
  let now = 1e9;
  let expired = 0;
  for (let step = 0; step < 20_000; step++) {
    now += Math.floor(random() * 20_000);
    const infoHash = hashOf(Math.floor(random() * 40));
    const ip = pick("10.1.0.2", "10.1.0.2", "10.1.0.3", "127.0.0.1", "fd00::2");
    const port = pick(0, 1, 1, 1, 2);
    const event = pick<AnnounceEvent>("none", "none", "started", "completed", "paused", "stopped");
    const facts = {
      ...{ infoHash, event, peerId: pick(...ids), key: pick(undefined, 7, 8) },
      ...{ left: pick(0, 5), uploaded: pick(0, 10), downloaded: pick(0, 2 ** 40) },
    };
    assertEquals(
      await announceLone(ip, port, facts, now),
      await announceWide(ip, port, { ...facts, name: "n" }, now),
    );
    if (step % 50 === 0) {
      const gone = sorted(lone.sweep(now));
      assertEquals(gone, sorted(wide.sweep(now)));
      expired += gone.length;
      assertEquals(lone.totals(), wide.totals());
      const all = Array.from({ length: 40 }, (_, i) => hashOf(i));
      assertEquals(lone.scrape(all), wide.scrape(all));
      assertEquals(lone.peers(infoHash).map(nameless), wide.peers(infoHash).map(nameless));
      const counts = (store: MemoryStore) =>
        [...store.swarms()].map(({ infoHash, ...rest }) => [infoHash.toHex(), rest]).sort();
      assertEquals(counts(lone), counts(wide));
    }
    if (random() < 0.001) {
      assertEquals(
        lone.restoreCompleted(infoHash, 3, now),
        wide.restoreCompleted(infoHash, 3, now),
      );
    }
  }
  assert(expired > 1000, `${expired} expired`);
});

Deno.test("a swarm of one peer takes at most 120 bytes, and they are given back", async () => {
  const many = 100_000;
  const store = new MemoryStore(seededRandom(2));
  const request: AnnounceRequest = {
    ...{ peerId: new TextEncoder().encode("-LT2080-abcdefghijkl"), infoHash: hashOf(0), key: 7 },
    ...{ port: 1, left: 1, uploaded: 0, downloaded: 0, numwant: 50, compact: true, noPeerId: true },
    event: "none",
  };
  const asker = { address: new Uint8Array([10, 1, 0, 2]), own: [] };
  const before = await memoryAtRest();
  for (let i = 0; i < many; i++) store.announce({ ...request, infoHash: hashOf(i) }, asker, 0);
  const taken = (await memoryAtRest() - before) / many;
  assert(taken <= 120, `${taken} bytes`);
  for (let second = 2000; store.totals().swarms > 0; second++) store.sweep(second * 1000);
  assert((await memoryAtRest() - before) / many < 20);
});
