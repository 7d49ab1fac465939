/**
 * Peers given by the names of their hosts, in links and by people.
 *
 * @module
 */
import { NamedPeers } from "../../peer/named_peers.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

/** Names that stand for what `known` says, looked up at a time that the test sets. */
function lookups(known: Record<string, string[]>) {
  const asked: string[] = [];
  const found: string[] = [];
  const open: (() => void)[] = [];
  const named = new NamedPeers({
    resolve: async (host) => {
      asked.push(host);
      await new Promise<void>((resolve) => open.push(resolve));
      return known[host] ?? [];
    },
  }, ({ host, port }, source) => found.push(`${host} ${port} ${source}`));
  const { signal } = new AbortController();
  /** Begins what is due, and answers it. */
  const tick = async (now: number) => {
    const begun = named.tick(now, signal);
    for (const answer of open.splice(0)) answer();
    await Promise.all(begun);
    return begun.length;
  };
  return { named, asked, found, known, tick };
}

Deno.test("a name is looked up once, and all its addresses of both families are told", async () => {
  const { named, asked, found, tick } = lookups({ "two.invalid": ["2001:db8::1", "192.0.2.1"] });
  named.add({ host: "two.invalid", port: 7000 }, "magnet", 0);
  named.add({ host: "Two.invalid", port: 7000 }, "magnet", 0);
  assert(named.has({ host: "two.invalid", port: 7000 }));
  assertEquals(await tick(0), 1);
  assertEquals(found, ["2001:db8::1 7000 magnet", "192.0.2.1 7000 magnet"]);
  for (let now = 1000; now < 4_000_000; now += 1000) assertEquals(await tick(now), 0);
  assertEquals(asked.length, 1);
  // A person who gives it again may know that it has moved.
  named.add({ host: "two.invalid", port: 7000 }, "manual", 4_000_000);
  assertEquals(await tick(4_000_000), 1);
  assertEquals(found.slice(2), ["2001:db8::1 7000 manual", "192.0.2.1 7000 manual"]);
});

Deno.test("a name without addresses is looked up ever more rarely, until it has some", async () => {
  const { named, asked, found, known, tick } = lookups({});
  named.add({ host: "late.invalid", port: 1 }, "manual", 0);
  const at: number[] = [];
  for (let now = 0; now <= 3_600_000; now += 1000) if (await tick(now) > 0) at.push(now / 1000);
  assertEquals(at.slice(0, 7), [0, 10, 30, 70, 150, 310, 630]);
  assertEquals([at.length, asked.length], [11, 11]);
  known["late.invalid"] = ["192.0.2.1"];
  for (let now = 3_601_000; found.length === 0; now += 1000) await tick(now);
  assertEquals(found, ["192.0.2.1 1 manual"]);
});

Deno.test("a link of many names has few lookups at once, and a bound in all", async () => {
  const { named, asked, tick } = lookups({});
  for (let i = 0; i < 1000; i++) named.add({ host: `${i}.invalid`, port: 1 }, "magnet", 0);
  named.add({ host: "typed.invalid", port: 1 }, "manual", 0);
  for (let left = 65; left > 0; left -= 4) assertEquals(await tick(0), Math.min(4, left));
  assertEquals(new Set(asked).size, 65);
  assert(asked.includes("typed.invalid"));
});

Deno.test("names that a link's torrent has not looked up yet are passed on to it", async () => {
  const before = lookups({ "done.invalid": ["192.0.2.1"] });
  for (const host of ["done.invalid", "open.invalid"]) {
    before.named.add({ host, port: 1 }, "magnet", 0);
  }
  await before.tick(0);
  const after = lookups({ "open.invalid": ["192.0.2.2"] });
  after.named.inherit(before.named, 0);
  await after.tick(0);
  assertEquals(after.found, ["192.0.2.2 1 magnet"]);
});

for (const way of ["link", "person"] as const) {
  Deno.test(`a peer whose host's name a ${way} gives is called at its address`, async () => {
    await using seed = await TestEngine.start();
    await using leech = await TestEngine.start();
    const bytes = someBytes(100_000);
    const { torrent, infoHash } = await seed.engine.share(await seed.put("file", bytes));
    const peer = { ...addressOf(seed), host: "localhost" };
    if (way === "person") await leech.engine.add(torrent, { peers: [peer] });
    else {
      await leech.engine.addMagnet({
        infoHash: Uint8Array.fromHex(infoHash),
        trackers: [],
        webSeeds: [],
        peers: [peer],
        select: undefined,
      });
    }
    await leech.until("torrent-completed");
    assertEquals(await leech.read("file"), bytes);
    const { address } = await leech.until("peer-connected");
    assertEquals(address, `127.0.0.1:${seed.engine.port}`);
  });
}
