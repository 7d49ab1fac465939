import type { DhtNodeInfo } from "../../../protocol/krpc.ts";
import {
  compareDistance,
  fitsIp,
  idForIp,
  randomId,
  sharedBits,
} from "../../../peer/logic/dht_id.ts";
import { DhtLookup } from "../../../peer/logic/dht_lookup.ts";
import { DhtPlan } from "../../../peer/logic/dht_plan.ts";
import { DhtQuota } from "../../../peer/logic/dht_quota.ts";
import { DhtStore } from "../../../peer/logic/dht_store.ts";
import { DhtTable } from "../../../peer/logic/dht_table.ts";
import { OwnIp } from "../../../peer/logic/own_ip.ts";
import { parseIp } from "../../../protocol/compact.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";

/** BEP 42's table: address, the last byte's low bits, the first bytes of the ID. */
const VECTORS: [string, string][] = [
  ["124.31.75.21", "5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401"],
  ["21.75.31.124", "5a3ce9c14e7a08645677bbd1cfe7d8f956d53256"],
  ["65.23.51.170", "a5d43220bc8f112a3d426c84764f8c2a1150e616"],
  ["84.124.73.14", "1b0321dd1bb1fe518101ceef99462b947a01ff41"],
  ["43.213.53.83", "e56f6cbf5b7c4be0237986d5243b87aa6d51305a"],
];

Deno.test("node IDs belong to addresses as in BEP 42's examples", () => {
  for (const [host, id] of VECTORS) {
    const ip = parseIp(host)!;
    assert(fitsIp(Uint8Array.fromHex(id), ip), host);
    assert(!fitsIp(Uint8Array.fromHex(id).fill(0, 0, 2), ip), host);
  }
  const random = seededRandom(42);
  for (const host of ["198.51.100.7", "2a02:8071::1"]) {
    for (let i = 0; i < 50; i++) {
      const ip = parseIp(host)!;
      assert(fitsIp(idForIp(ip, random), ip));
    }
  }
  assert(fitsIp(randomId(random), parseIp("192.168.1.1")!), "local networks are left out");
});

function nodeAt(number: number, random: () => number): DhtNodeInfo {
  return { id: randomId(random), host: "127.0.0.1", port: 1000 + number };
}

Deno.test("the table keeps many near nodes and few far ones, and finds the nearest", () => {
  const random = seededRandom(1);
  const table = new DhtTable(randomId(random));
  const nodes = Array.from({ length: 2000 }, (_, n) => nodeAt(n, random));
  for (const node of nodes) table.add(node, 0);
  const far = table.nodes.filter(({ id }) => sharedBits(id, table.ownId) === 0).length;
  assertEquals(far, 8);
  assert(table.size > 50 && table.size < 120, `${table.size}`);
  const target = table.nodes[10]!.id;
  const [nearest, second] = table.closest(target);
  assertEquals(nearest!.id, target);
  assert(compareDistance(target, nearest!.id, second!.id) < 0);
});

Deno.test("nodes that do not answer give way, those that do stay", () => {
  const random = seededRandom(2);
  const own = new Uint8Array(20);
  const table = new DhtTable(own);
  const farNode = (n: number) => {
    const node = nodeAt(n, random);
    node.id[0]! |= 0x80;
    return node;
  };
  const first = Array.from({ length: 8 }, (_, n) => farNode(n));
  for (const node of first) assert(table.add(node, 0));
  assert(!table.add(farNode(99), 0), "the bucket is full of good nodes");
  for (let i = 0; i < 2; i++) table.failed(first[3]!);
  assert(table.closest(own).every(({ port }) => port !== first[3]!.port));
  assert(table.add(farNode(100), 0));
  assert(!table.add({ ...first[0]!, port: 7 }, 0), "nobody takes over the ID of one that answers");
});

Deno.test("a lookup reaches the nearest nodes of a network of 200, whoever it begins with", () => {
  const random = seededRandom(3);
  const nodes = Array.from({ length: 200 }, (_, n) => nodeAt(n, random));
  const tables = new Map(nodes.map((node) => {
    const table = new DhtTable(node.id);
    for (const other of nodes) if (random() < 0.5) table.add(other, 0);
    return [node.port, table] as const;
  }));
  for (let round = 0; round < 20; round++) {
    const target = randomId(random);
    const lookup = new DhtLookup(target, nodes.slice(round, round + 4));
    let asked = 0;
    for (let node; (node = lookup.next()) !== undefined;) {
      asked++;
      if (random() < 0.1) lookup.failed(node);
      else lookup.answered(node, { nodes: tables.get(node.port)!.closest(target) });
    }
    const best = nodes.toSorted((a, b) => compareDistance(target, a.id, b.id)).slice(0, 8);
    const found = lookup.closest.map(({ node }) => node.port);
    const hits = best.filter(({ port }) => found.includes(port)).length;
    assert(hits >= 4 && asked < 100, `${hits} of 8 with ${asked} questions`);
  }
});

Deno.test("tokens prove an address for ten minutes; what is kept is bounded", () => {
  const store = new DhtStore(seededRandom(4));
  const token = store.tokenFor("127.0.0.1", 0);
  assert(store.isTokenOf("127.0.0.1", token, 599_999));
  assert(!store.isTokenOf("127.0.0.1", token, 600_000));
  assert(!store.isTokenOf("127.0.0.2", token, 0));
  assert(!store.isTokenOf("127.0.0.1", token.slice(1), 0));
  for (let n = 0; n < 300; n++) store.add("aa", { host: "127.0.0.1", port: 1000 + n }, n);
  const peers = store.peers("aa", 1000, 300);
  assertEquals([peers.length, peers[0]!.port], [200, 1299]);
  assertEquals(store.peers("aa", 50, 300).length, 50);
  assertEquals(store.peers("aa", 1000, 1_800_000 + 250).length, 49, "old ones are forgotten");
  for (let n = 0; n < 2500; n++) store.add(`t${n}`, { host: "127.0.0.1", port: 1 }, 0);
  assertEquals(store.peers("t0", 1, 0).length + store.peers("t2499", 1, 0).length, 1);
});

Deno.test("torrents are looked for again soon where nobody was found, few at a time", () => {
  const plan = new DhtPlan();
  assertEquals(plan.next(["a", "b", "c", "d", "e"], 0), ["a", "b", "c", "d"]);
  assertEquals(plan.next(["a", "b", "c", "d", "e"], 1), []);
  plan.done("a", true, 1000);
  plan.done("b", false, 1000);
  assertEquals(plan.next(["a", "b", "c", "d", "e"], 1001), ["e"]);
  assertEquals(plan.next(["a", "b", "c", "d", "e"], 6000), ["b"]);
  for (const infoHash of ["b", "c", "d", "e"]) plan.done(infoHash, true, 7000);
  assertEquals(plan.next(["a"], 900_000), []);
  assertEquals(plan.next(["a"], 901_000), ["a"]);
});

Deno.test("our address is what several hosts agree on", () => {
  const own = new OwnIp();
  const [mine, lie] = [parseIp("198.51.100.1")!, parseIp("198.51.100.2")!];
  assertEquals(own.hear(mine, "a"), undefined);
  assertEquals(own.hear(mine, "a"), undefined, "one host has one vote");
  assertEquals(own.hear(lie, "b"), undefined);
  own.hear(mine, "c");
  assertEquals(own.hear(mine, "d"), mine);
  assertEquals(own.hear(lie, "e"), undefined);
});

Deno.test("strangers are answered ten times a second, and all together by 100 kB", () => {
  const quota = new DhtQuota();
  const answered = (host: string, now: number) => {
    let count = 0;
    for (let n = 0; n < 300; n++) count += Number(quota.mayAnswer(host, now));
    return count;
  };
  assertEquals([answered("198.51.100.7", 0), answered("198.51.100.8", 500)], [10, 10]);
  assertEquals(answered("127.0.0.1", 999), 100);
  assertEquals(answered("198.51.100.7", 1000), 10);
  quota.spend(100_000);
  assertEquals([answered("198.51.100.9", 1000), answered("198.51.100.9", 2000)], [0, 10]);
  for (let n = 0; n < 600; n++) quota.mayAnswer(`203.0.113.${n % 250}:${n}`, 3000);
  assertEquals(answered("198.51.100.7", 3000), 0, "so many hosts at once are nobody's friends");
});

Deno.test("who owns an address or a network has few places in the table and in a lookup", () => {
  const random = seededRandom(9);
  const table = new DhtTable(randomId(random));
  const add = (host: string, port = 6881) => table.add({ id: randomId(random), host, port }, 0);
  for (let n = 0; n < 500; n++) add("2001:db8:1:2::" + n.toString(16));
  assertEquals(table.size, 1, "one /64 is one address");
  for (let n = 0; n < 500; n++) add("198.51.100.7", 1000 + n);
  assertEquals(table.size, 2);
  for (let n = 0; n < 250; n++) add(`203.0.113.${n}`);
  assert(table.size <= 10, `${table.size}`);
  const byBucket = new Map<number, number>();
  for (const { id, host } of table.nodes) {
    const bucket = sharedBits(id, table.ownId);
    if (host.startsWith("203.")) byBucket.set(bucket, (byBucket.get(bucket) ?? 0) + 1);
  }
  assert(Math.max(...byBucket.values()) <= 2);
  assert(add("192.0.2.1"), "others have room");

  const target = randomId(random);
  const lookup = new DhtLookup(target, [{ id: randomId(random), host: "192.0.2.1", port: 1 }]);
  // The liar's IDs are the target but for the last byte.
  const lies = Array.from({ length: 16 }, (_, n) => {
    const id = target.with(19, n);
    return { id, host: "198.51.100.7", port: 1000 + n };
  });
  lookup.answered(lookup.next()!, { nodes: lies });
  assertEquals(lookup.next()?.host, "198.51.100.7");
  assertEquals(lookup.next(), undefined);
});

Deno.test("one address takes no other's place among those who have a torrent, nor among torrents", () => {
  const store = new DhtStore(seededRandom(5));
  for (let n = 0; n < 20; n++) store.add("aa", { host: `192.0.2.${n}`, port: 6881 }, n);
  for (let n = 0; n < 5000; n++) store.add("aa", { host: "198.51.100.7", port: 1000 + n }, 100);
  const told = store.peers("aa", 50, 100);
  assertEquals(told.filter(({ host }) => host.startsWith("192.")).length, 20);
  assertEquals([told.length, told[0]!.host], [50, "198.51.100.7"]);
  assertEquals(store.peers("aa", 1000, 100).length, 200);

  store.add("bb", { host: "192.0.2.1", port: 6881 }, 200);
  for (let a = 0; a < 20; a++) {
    for (let n = 0; n < 2000; n++) {
      store.add(`${a} ${n}`, { host: `198.51.100.${a}`, port: 1 }, 300);
    }
  }
  assertEquals(store.peers("bb", 10, 300), [{ host: "192.0.2.1", port: 6881 }]);
  let kept = 0;
  for (let a = 0; a < 20; a++) {
    for (let n = 0; n < 2000; n++) kept += store.peers(`${a} ${n}`, 10, 300).length;
  }
  assert(kept <= 10_000 && kept > 9000, `${kept}`);
  // An announce that is said again is one, and counts from then on.
  store.add("bb", { host: "192.0.2.1", port: 6881 }, 1_800_100);
  assertEquals(store.peers("bb", 10, 3_600_000).length, 1);
  assertEquals(store.peers("bb", 10, 3_600_100).length, 0);
});
