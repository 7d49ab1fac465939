import fc from "fast-check";
import { lowestPriority, PeerPriorities } from "../../../peer/peers/peer_priority.ts";
import { ExternalIp } from "../../../peer/peers/external_ip.ts";
import type { Peer } from "../../../peer/peers/peer.ts";
import { PeerList } from "../../../peer/peers/peer_list.ts";
import { parseIp } from "../../../protocol/address.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { unchokingPeer } from "../../support/peers.ts";

const SEED = { seed: 40, numRuns: 200 };
const ip = fc.ipV4().filter((text) => /^(?!0|10|127|169|172|192|22[4-9]|2[345])/.test(text));
// Beyond the ports of other services, which no tracker may send us to.
const endpoint = fc.record({ host: ip, port: fc.integer({ min: 30_000, max: 65535 }) });

/** Ranks at an end that others see at `host`. */
function ranksAt(host: string, port: number): PeerPriorities {
  const own = new ExternalIp();
  own.told("9.9.9.9", parseIp(host)!);
  return new PeerPriorities(own, port);
}

Deno.test("both ends give a connection the same rank", () => {
  fc.assert(
    fc.property(endpoint, endpoint, (a, b) => {
      assertEquals(ranksAt(a.host, a.port).of(b), ranksAt(b.host, b.port).of(a));
    }),
    SEED,
  );
});

Deno.test("addresses are dialed by rank among those with as few failures", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(endpoint, { selector: ({ host, port }) => `${host} ${port}`, maxLength: 20 }),
      fc.func(fc.boolean()),
      (addresses, failsFirst) => {
        const ranks = ranksAt("8.8.4.4", 6881);
        const pool = new PeerList();
        for (const { host, port } of addresses) pool.add(host, port, "tracker", 0);
        for (let known; (known = pool.next(0, () => false)) !== undefined;) {
          if (failsFirst(known.host)) pool.failed(known, 0);
          else pool.disconnected(known, 0);
        }
        const order = [];
        const later = 1e6;
        for (let known; (known = pool.next(later, () => false, false, (it) => ranks.of(it)));) {
          order.push([-known.failures, ranks.of(known)] as const);
        }
        assertEquals(order.length, addresses.length);
        for (const [i, [failures, rank]] of order.entries()) {
          const next = order[i + 1];
          if (next === undefined) break;
          assert(failures > next[0] || failures === next[0] && rank >= next[1], "out of order");
        }
      },
    ),
    SEED,
  );
});

Deno.test("in whatever order callers come, those of the highest ranks have the places", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      (ranks, places) => {
        const open = new Map<Peer, number>();
        for (const rank of ranks) {
          if (open.size >= places) {
            const least = lowestPriority(open.keys(), rank, (peer) => open.get(peer)!, 60_000);
            if (least === undefined) continue;
            open.delete(least);
          }
          open.set(unchokingPeer(1, 4), rank);
        }
        const best = ranks.toSorted((a, b) => b - a).slice(0, places);
        assertEquals([...open.values()].sort((a, b) => b - a), best);
      },
    ),
    SEED,
  );
});

Deno.test("no connection in use or new is evicted, and none for a lower priority", () => {
  const peers = [1, 2, 3, 4].map((number) => unchokingPeer(number, 4));
  const [uploading, taking, idle, better] = peers as [Peer, Peer, Peer, Peer];
  uploading.uploads.push({ piece: 0, begin: 0, length: 16384 });
  taking.down.add(16384);
  taking.tick();
  const ranks = new Map([[uploading, 0], [taking, 1], [idle, 5], [better, 9]]);
  const givesWay = (rank: number, now: number) =>
    lowestPriority(peers, rank, (peer) => ranks.get(peer)!, now);
  assertEquals(givesWay(10, 60_000), idle);
  assertEquals(givesWay(10, 20_000), undefined);
  assertEquals(givesWay(5, 60_000), undefined);
});

Deno.test("our address is what most say of late, public and local ones by themselves", () => {
  const own = new ExternalIp();
  const like = (host: string) => own.like(parseIp(host)!)?.join(".");
  assertEquals(like("1.1.1.1"), undefined);
  own.told("1.1.1.1", parseIp("5.5.5.5")!);
  own.told("1.1.1.2", parseIp("6.6.6.6")!);
  own.told("1.1.1.3", parseIp("6.6.6.6")!);
  own.told("10.0.0.2", parseIp("10.0.0.1")!);
  // One who tells it again and again has one voice.
  for (let i = 0; i < 9; i++) own.told("1.1.1.1", parseIp("5.5.5.5")!);
  assertEquals(like("1.1.1.1"), "6.6.6.6");
  assertEquals(like("10.7.7.7"), "10.0.0.1");
  for (let i = 0; i < 40; i++) own.told(`2.2.2.${i}`, parseIp("7.7.7.7")!);
  assertEquals(like("1.1.1.1"), "7.7.7.7");
});
