import fc from "fast-check";
import { PeerPool } from "../../../peer/logic/peer_pool.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";

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

/** What may come of one call. */
const OUTCOMES = ["failed", "silent", "untried", "in vain", "of use", "not its fault"] as const;

Deno.test("no address is called more often than the schedule says, whatever comes of it", () => {
  fc.assert(fc.property(
    fc.array(fc.constantFrom(...OUTCOMES), { minLength: 5, maxLength: 60 }),
    fc.integer({ min: 1, max: 1000 }),
    fc.constantFrom("tracker" as const, "pex" as const, "resume" as const),
    (outcomes, seed, source) => {
      const pool = new PeerPool(undefined, seededRandom(seed));
      let now = 0;
      let inVain = 0;
      let last: number | undefined;
      for (const outcome of outcomes) {
        // Everybody names it all the time.
        pool.add("10.0.0.1", 1, source, now);
        let peer = pool.next(now, nobody);
        for (; peer === undefined; peer = pool.next(now, nobody)) {
          now += 100;
          pool.add("10.0.0.1", 1, source, now);
        }
        if (last !== undefined) {
          const least = Math.min(600_000, 1000 * 3 ** Math.max(1, Math.min(6, inVain)));
          assert(now - last >= 0.8 * least - 1e-6, `${outcome}: ${now - last} of ${least} ms`);
        }
        last = now;
        switch (outcome) {
          case "failed":
          case "silent":
            peer.wasSilent = outcome === "silent";
            pool.failed(peer, now);
            // Given up, and named again, it goes on where it was.
            inVain = Math.min(6, peer.failures);
            break;
          case "untried":
            peer.untried = [{ transport: "utp", opening: "plain" }];
            pool.failed(peer, now);
            peer.untried = undefined;
            inVain = Math.max(1, Math.min(6, peer.failures + (peer.fruitless ?? 0)));
            break;
          default:
            pool.connected(peer, "aa", now);
            pool.disconnected(
              peer,
              now,
              outcome === "not its fault" ? undefined : outcome === "of use",
            );
            inVain = peer.fruitless ?? 0;
        }
      }
    },
  ));
});

Deno.test("who hangs up after the handshake is called ever later, until something comes of it", () => {
  const pool = new PeerPool();
  pool.add("10.0.0.1", 1, "tracker", 0);
  const waits: number[] = [];
  let now = 0;
  for (let n = 0; n < 8; n++) {
    const peer = pool.next(now, nobody)!;
    pool.connected(peer, "aa", now);
    pool.disconnected(peer, now, n === 6);
    waits.push(peer.retryAt - now);
    now = peer.retryAt;
  }
  assertEquals(waits, [3000, 9000, 27_000, 81_000, 243_000, 600_000, 3000, 3000]);
});

Deno.test("a host whose ports are silent comes after others, and keeps none of them from a call", () => {
  const pool = new PeerPool();
  for (let port = 8001; port <= 8300; port++) pool.add("10.0.0.1", port, "tracker", 0);
  for (let n = 0; n < 16; n++) {
    const peer = pool.next(0, nobody)!;
    peer.wasSilent = true;
    pool.failed(peer, 0);
  }
  pool.add("10.0.0.2", 1, "tracker", 1);
  const failed = pool.get("10.0.0.2", 1)!;
  failed.failures = 1;
  assertEquals(pool.next(1, nobody), failed, "even one that failed");
  assertEquals(pool.next(1, nobody)?.host, "10.0.0.1");
  assertEquals(pool.next(1, nobody, false, undefined, () => true), undefined, "it has its share");
  // Forty that answer at one host are as good as any.
  const room = new PeerPool();
  for (let port = 8001; port <= 8040; port++) room.add("10.0.0.1", port, "tracker", 0);
  for (let port = 8001; port <= 8040; port++) {
    const peer = room.next(0, nobody, false, undefined, () => true)!;
    room.connected(peer, `${port}`, 0);
  }
});

Deno.test("who was of use before is called first", () => {
  const pool = new PeerPool();
  for (let n = 1; n <= 9; n++) pool.add(`10.0.0.${n}`, 1, "tracker", 0);
  const good = pool.get("10.0.0.5", 1)!;
  pool.connected(good, "aa", 0);
  pool.disconnected(good, 0, true);
  assertEquals(pool.next(5000, nobody), good);
});

Deno.test("neither one host nor hearsay takes all the places for addresses", () => {
  const pool = new PeerPool();
  for (let port = 1; port <= 3000; port++) pool.add("10.0.0.1", port, "tracker", 0);
  assertEquals(pool.size, 1000);
  for (let n = 0; n < 5000; n++) pool.add(`10.1.${n >> 8}.${n & 255}`, 1, "pex", 0);
  assertEquals(pool.size, 3000);
  assert(pool.add("10.9.9.9", 1, "tracker", 0), "what a tracker names takes the place of hearsay");
  assertEquals(pool.size, 3000);
});

Deno.test("an ID is banned with its address: another's ID can be taken by anybody", () => {
  const pool = new PeerPool();
  pool.ban("10.0.0.66", 1, "ab", 0);
  assertEquals(pool.isBanned("10.0.0.66", 2, "ab", 1), true);
  assertEquals(pool.isBanned("10.0.0.1", 2, "ab", 1), false);
});

Deno.test("nobody but a person sends us to an address that is nobody's, or to another service", () => {
  const pool = new PeerPool();
  const named: [string, number][] = [
    ["0.0.0.0", 6881],
    ["::", 6881],
    ["224.0.0.251", 6881],
    ["255.255.255.255", 6881],
    ["a.name.invalid", 6881],
    ["192.0.2.1", 25],
  ];
  for (const [host, port] of named) {
    for (const source of ["magnet", "tracker", "pex", "dht", "lsd", "resume"] as const) {
      assertEquals([host, source, pool.add(host, port, source, 0)], [host, source, false]);
    }
  }
  assertEquals(pool.size, 0);
  assert(pool.add("192.0.2.1", 25, "manual", 0));
});
