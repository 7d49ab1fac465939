import type { AnnounceRequest } from "../../../protocol/announce.ts";
import { decodePeers, parseIp } from "../../../protocol/compact.ts";
import { SwarmStore } from "../../../tracker/logic/swarm_store.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";

const INFO_HASH = new Uint8Array(20).fill(7);
const OWN = [
  { bytes: parseIp("10.1.0.1")!, prefix: 16 },
  { bytes: parseIp("192.168.5.1")!, prefix: 24 },
];

function request(port: number, facts: Partial<AnnounceRequest> = {}): AnnounceRequest {
  return {
    infoHash: INFO_HASH,
    peerId: new TextEncoder().encode("-VT0100-abcdefghijkl"),
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
}

/** A store with a shorthand: announce from `ip:port`, get `host:port`s. */
function setUp() {
  const store = new SwarmStore(seededRandom(1));
  const announce = (
    ip: string,
    port: number,
    facts: Partial<AnnounceRequest> = {},
    now = 0,
  ) => {
    const asker = { address: parseIp(ip)!, own: OWN };
    const reply = store.announce(request(port, facts), asker, now);
    const peers = [...decodePeers(reply.peers4, 6), ...decodePeers(reply.peers6, 18)];
    return { ...reply, peers: peers.map(({ host, port }) => `${host}:${port}`).sort() };
  };
  return { store, announce };
}

Deno.test("peers hear of each other and never of themselves, also when they come again", () => {
  const { announce } = setUp();
  assertEquals(announce("10.1.0.2", 1).peers, []);
  assertEquals(announce("10.1.0.3", 2).peers, ["10.1.0.2:1"]);
  assertEquals(announce("10.1.0.2", 1).peers, ["10.1.0.3:2"]);
  assertEquals(announce("10.1.0.2", 3).peers, ["10.1.0.2:1", "10.1.0.3:2"]);
});

Deno.test("a peer on the tracker's host is loopback to its neighbours, the host's LAN address to others", () => {
  const { announce } = setUp();
  announce("127.0.0.1", 1);
  assertEquals(announce("127.0.0.1", 2).peers, ["127.0.0.1:1"]);
  assertEquals(announce("10.1.7.7", 3).peers, ["10.1.0.1:1", "10.1.0.1:2"]);
  assertEquals(announce("192.168.5.9", 4).peers, ["10.1.7.7:3", "192.168.5.1:1", "192.168.5.1:2"]);
  assertEquals(announce("127.0.0.1", 1).peers, ["10.1.7.7:3", "127.0.0.1:2", "192.168.5.9:4"]);
});

Deno.test("both families are handed out to both", () => {
  const { announce } = setUp();
  announce("fd00::2", 1);
  assertEquals(announce("10.1.0.3", 2).peers, ["fd00::2:1"]);
  assertEquals(announce("fd00::4", 3).peers, ["10.1.0.3:2", "fd00::2:1"]);
});

Deno.test("addresses that cannot be dialled are never handed out", () => {
  const { announce } = setUp();
  announce("10.1.0.2", 0);
  announce("224.0.0.1", 1);
  announce("255.255.255.255", 1);
  announce("0.0.0.0", 1);
  assertEquals(announce("10.1.0.3", 2).peers, []);
});

Deno.test("counts include who asks; seeds are not told of seeds; completed counts once", () => {
  const { announce, store } = setUp();
  const first = announce("10.1.0.2", 1, { left: 0 });
  assertEquals([first.seeders, first.leechers], [1, 0]);
  assertEquals(announce("10.1.0.3", 2, { left: 0 }).peers, []);
  assertEquals(announce("10.1.0.4", 3).leechers, 1);
  announce("10.1.0.4", 3, { left: 0, event: "completed" });
  announce("10.1.0.4", 3, { left: 0, event: "completed" });
  const { seeders, leechers, completed } = store.scrape(INFO_HASH);
  assertEquals([seeders, leechers, completed], [3, 0, 1]);
});

Deno.test("who stops is gone at once and gets nobody", () => {
  const { announce, store } = setUp();
  announce("10.1.0.2", 1);
  announce("10.1.0.3", 2);
  assertEquals(announce("10.1.0.2", 1, { event: "stopped" }).peers, []);
  assertEquals(announce("10.1.0.3", 2).peers, []);
  announce("10.1.0.3", 2, { event: "stopped" });
  store.sweep(0);
  assertEquals([...store.swarms()].length, 0);
});

Deno.test("who does not come back in twice the promised time is forgotten", () => {
  const { announce, store } = setUp();
  const { interval } = announce("10.1.0.2", 1);
  announce("10.1.0.3", 2, {}, interval * 2000);
  assertEquals(store.sweep(interval * 2000).length, 0);
  const gone = store.sweep(interval * 2000 + 5000);
  assertEquals(gone.length, 1);
  assertEquals(announce("10.1.0.4", 3, {}, interval * 2000 + 5000).peers, ["10.1.0.3:2"]);
});

Deno.test("numwant is obeyed up to 200, and everybody is handed out in the long run", () => {
  const { announce } = setUp();
  for (let i = 0; i < 300; i++) announce(`10.1.${i >> 8}.${i & 255}`, 5);
  assertEquals(announce("10.2.0.1", 1, { numwant: 7 }).peers.length, 7);
  assertEquals(announce("10.2.0.1", 1, { numwant: 0 }).peers.length, 0);
  assertEquals(announce("10.2.0.1", 1).peers.length, 50);
  assertEquals(announce("10.2.0.1", 1, { numwant: 100_000 }).peers.length, 200);
  const seen = new Set<string>();
  for (let i = 0; i < 200; i++) {
    for (const peer of announce("10.2.0.1", 1).peers) seen.add(peer);
  }
  assert(seen.size >= 299, `${seen.size} of 299`);
});

Deno.test("the store agrees with a plain map after any history", () => {
  const { announce, store } = setUp();
  const random = seededRandom(11);
  const expected = new Map<string, number>();
  for (let step = 0; step < 5000; step++) {
    const ip = `10.1.0.${Math.floor(random() * 40)}`;
    const left = random() < 0.3 ? 0 : 10;
    const event = random() < 0.2 ? "stopped" : "none";
    const { seeders, leechers } = announce(ip, 9, { left, event });
    if (event === "stopped") expected.delete(ip);
    else expected.set(ip, left);
    const seeds = [...expected.values()].filter((missing) => missing === 0).length;
    assertEquals([seeders, leechers], [seeds, expected.size - seeds]);
  }
  assertEquals(store.scrape(INFO_HASH).seeders + store.scrape(INFO_HASH).leechers, expected.size);
});
