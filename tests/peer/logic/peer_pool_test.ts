import { PeerPool } from "../../../peer/logic/peer_pool.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const nobody = () => false;

Deno.test("pool dials each address once and retries it ever later", () => {
  const pool = new PeerPool();
  assert(pool.add("127.0.0.1", 6881, "tracker", 0));
  assert(!pool.add("127.0.0.1", 6881, "tracker", 0));
  const waits: number[] = [];
  let now = 0;
  for (let i = 0; i < 4; i++) {
    const peer = pool.next(now, nobody)!;
    assertEquals(pool.next(now, nobody), undefined, "it is being dialed");
    pool.failed(peer, now);
    waits.push(peer.retryAt - now);
    now = peer.retryAt;
  }
  assertEquals(waits, [3000, 9000, 27_000, 81_000]);
});

Deno.test("pool gives up an address after six failures, until somebody names it again", () => {
  const pool = new PeerPool();
  pool.add("127.0.0.1", 6881, "tracker", 0);
  for (let i = 0; i < 6; i++) pool.failed(pool.next(i * 1e7, nobody)!, i * 1e7);
  assertEquals(pool.next(1e9, nobody), undefined);
  pool.add("127.0.0.1", 6881, "tracker", 1e9);
  assertEquals(pool.next(1e9, nobody)?.port, 6881);
});

Deno.test("an address that a person named is never given up, and tried every ten seconds", () => {
  const pool = new PeerPool();
  pool.add("127.0.0.1", 6881, "manual", 0);
  let now = 0;
  for (let i = 0; i < 20; i++) {
    const peer = pool.next(now, nobody)!;
    pool.failed(peer, now);
    assert(peer.retryAt - now <= 10_000);
    now = peer.retryAt;
  }
});

Deno.test("pool never dials itself, banned peers, port 0, or a peer that is connected already", () => {
  const pool = new PeerPool();
  assert(!pool.add("127.0.0.1", 0, "tracker", 0));
  assert(!pool.add("127.0.0.1", 65536, "tracker", 0));
  pool.add("127.0.0.1", 1, "tracker", 0);
  pool.markSelf(pool.next(0, nobody)!);
  pool.add("127.0.0.1", 2, "tracker", 0);
  pool.ban("127.0.0.1", 2, "aa", 0);
  pool.add("127.0.0.1", 3, "tracker", 0);
  pool.learnPeerId("127.0.0.1", 3, "bb", 0);
  assertEquals(pool.next(1000, (id) => id === "bb"), undefined);
  assertEquals(pool.next(1000, nobody)?.port, 3);
  assert(pool.isBanned("127.0.0.1", 99, "aa", 1000), "its peer ID is banned on any port");
  assert(!pool.isBanned("127.0.0.1", 99, "cc", 1000), "others behind its address are not");
  assert(!pool.isBanned("127.0.0.1", 2, "aa", 3_600_000), "after an hour it may come back");
});

Deno.test("pool keeps a bounded number of addresses and drops failing ones first", () => {
  const pool = new PeerPool();
  for (let i = 0; i < 5000; i++) pool.add(`127.0.${i >> 8}.${i & 255}`, 1, "tracker", 0);
  assertEquals(pool.size, 3000);
  pool.failed(pool.next(0, nobody)!, 0);
  assert(pool.add("127.9.9.9", 1, "tracker", 0));
  assertEquals(pool.size, 3000);
});

Deno.test("what other peers named is called after what people and trackers named", () => {
  const pool = new PeerPool();
  for (let n = 1; n <= 3; n++) pool.add(`127.0.0.${n}`, 6881, "pex", 0);
  pool.add("127.0.1.1", 6881, "tracker", 0);
  pool.add("127.0.1.2", 6881, "manual", 0);
  const order = Array.from({ length: 5 }, () => pool.next(0, () => false)?.host);
  assertEquals(order, ["127.0.1.1", "127.0.1.2", "127.0.0.1", "127.0.0.2", "127.0.0.3"]);
});

Deno.test("pool tells where peers were met, the last one first, and no more than asked for", () => {
  const pool = new PeerPool();
  for (let port = 1; port <= 6; port++) pool.add("127.0.0.1", port, "tracker", 0);
  for (let at = 1; at <= 5; at++) pool.connected(pool.next(0, nobody)!, `${at}`, at);
  pool.ban("127.0.0.1", 3, "3", 9);
  pool.disconnected(pool.get("127.0.0.1", 2)!, 8);
  assertEquals(pool.met(10).map(({ port }) => port), [2, 5, 4, 1]);
  assertEquals(pool.met(2).map(({ port }) => port), [2, 5]);
});

Deno.test("who was put off because nothing was wanted is called when more is, failures are not", () => {
  const pool = new PeerPool();
  pool.add("127.0.0.1", 1, "tracker", 0);
  pool.add("127.0.0.1", 2, "tracker", 0);
  const [seed, dead] = [pool.next(0, nobody)!, pool.next(0, nobody)!];
  pool.connected(seed, "aa", 0);
  pool.disconnected(seed, 10);
  seed.retryAt = 1_800_000;
  pool.failed(dead, 10);
  assertEquals(pool.next(20, nobody), undefined);
  pool.reconsider(20);
  assertEquals(pool.next(20, nobody)?.port, seed.port);
  assertEquals(pool.next(20, nobody), undefined);
});

Deno.test("a seed that was met before is not called by one that wants nothing", () => {
  const pool = new PeerPool();
  pool.add("127.0.0.1", 1, "resume", 0, { isSeed: true });
  assertEquals(pool.next(0, nobody, true), undefined);
  assertEquals(pool.next(0, nobody, false)?.source, "resume");
});
