import { isWorthWaiting, peerToEvict } from "../../../peer/peers/idle_eviction.ts";
import { Peer } from "../../../peer/peers/peer.ts";
import { assertEquals } from "../../support/assert.ts";

let port = 1;

function peer(host: string, connectedAt: number, facts: Partial<Peer> = {}): Peer {
  const made = new Peer({
    host,
    port: port++,
    peerId: new Uint8Array(20),
    source: "incoming",
    incoming: true,
    fast: true,
    extended: true,
    client: "test",
    pieceCount: 4,
    now: connectedAt,
  });
  return Object.assign(made, { hasSpoken: true }, facts);
}

/** A peer that was given a block. */
function used(host: string, connectedAt: number, usedAt: number): Peer {
  const made = peer(host, connectedAt, { usedAt, peerInterested: true });
  made.up.add(16384);
  return made;
}

Deno.test("the idlest one of the address with the most gives way to another address", () => {
  const crowd = [peer("10.0.0.1", 3000), peer("10.0.0.1", 1000), peer("10.0.0.1", 9500)];
  const others = [peer("10.0.0.2", 0), peer("10.0.0.3", 0)];
  const all = [...others, ...crowd];
  assertEquals(peerToEvict(all, "10.0.0.4", 10_000), crowd[1]);
  // In the first moments nobody could say yet what it wants.
  assertEquals(peerToEvict(all, "10.0.0.4", 2500), undefined);
});

Deno.test("words keep no place: eighty that say that they are interested give way to one more", () => {
  const words = { peerInterested: true, amInterested: true };
  const crowd = Array.from({ length: 80 }, (_, n) => peer("10.0.0.1", n, words));
  assertEquals(peerToEvict(crowd, "10.0.0.2", 3000), crowd[0]);
  assertEquals(peerToEvict(crowd, "10.0.0.1", 3000), undefined);
  assertEquals(peerToEvict(crowd, "10.0.0.1", 5000), crowd[0], "to a neighbour a little later");
});

Deno.test("recent transfers keep a place, and silence loses it", () => {
  const busy = Array.from({ length: 80 }, () => used("10.0.0.1", 0, 60_000));
  assertEquals(peerToEvict(busy, "10.0.0.2", 89_000), undefined);
  assertEquals(peerToEvict(busy, "10.0.0.1", 89_000), undefined);
  const once = used("10.0.0.1", 0, 59_000);
  assertEquals(peerToEvict([...busy, once], "10.0.0.2", 89_000), once);
});

Deno.test("without crowding, an interested peer waits for its turn for a minute", () => {
  const room = [peer("127.0.0.1", 0), peer("127.0.0.1", 0, { peerInterested: true })];
  assertEquals(peerToEvict(room, "127.0.0.1", 20_000), undefined);
  assertEquals(peerToEvict(room, "127.0.0.1", 30_000), room[0]);
  assertEquals(peerToEvict(room.slice(1), "127.0.0.1", 59_000), undefined);
  assertEquals(peerToEvict(room.slice(1), "127.0.0.1", 60_000), room[1]);
  // Nobody goes for an address that has more already.
  assertEquals(peerToEvict([peer("10.0.0.1", 0), ...room], "127.0.0.1", 29_000), undefined);
});

Deno.test("a /64 of IPv6 is one address", () => {
  const crowd = [3, 2, 1].map((n) => peer(`2001:db8::${n}`, n));
  assertEquals(peerToEvict(crowd, "2001:db8:0:1::1", 10_000), crowd[2]);
  assertEquals(peerToEvict(crowd, "2001:db8::9", 10_000), undefined);
});

Deno.test("a caller silent since the handshake is evicted for any newcomer", () => {
  const silent = [1, 2, 3].map((n) => peer(`10.0.0.${n}`, n, { hasSpoken: false }));
  assertEquals(peerToEvict(silent, "10.0.0.4", 999), undefined);
  assertEquals(peerToEvict(silent, "10.0.0.4", 1001), silent[0]);
  assertEquals(isWorthWaiting(silent, "10.0.0.4"), true);
});

Deno.test("one that we called is not evicted while it may have us in its queue", () => {
  const called = peer("10.0.0.1", 0, { hasSpoken: false, incoming: false });
  const silent = peer("10.0.0.2", 1, { hasSpoken: false });
  assertEquals(peerToEvict([called, silent], "10.0.0.4", 5000), silent);
  // It queues callers for five seconds as we do, and is heard of then.
  assertEquals(peerToEvict([called], "10.0.0.4", 5500), undefined);
  assertEquals(peerToEvict([called], "10.0.0.4", 6000), called);
});

Deno.test("a newcomer waits where a crowd has the places, its neighbours or others", () => {
  const crowd = Array.from({ length: 16 }, () => peer("10.0.0.1", 0));
  assertEquals(isWorthWaiting(crowd, "10.0.0.2"), true);
  assertEquals(isWorthWaiting(crowd, "10.0.0.1"), true);
  assertEquals(isWorthWaiting(crowd.slice(1), "10.0.0.2"), false);
  const scattered = Array.from({ length: 80 }, (_, n) => peer(`10.0.${n}.1`, 0));
  assertEquals(isWorthWaiting(scattered, "10.1.0.1"), false);
});
