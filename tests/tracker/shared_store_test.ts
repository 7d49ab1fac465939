/**
 * Trackers that share their swarms through a real Redis, while it is there and while it is not.
 *
 * @module
 */
import { TrackerError } from "../../protocol/errors.ts";
import { RedisStore } from "../../tracker/redis/redis_store.ts";
import { TrackerOptionError } from "../../tracker/contract/start_error.ts";
import { startTracker, TrackerStartError } from "../../tracker/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { isInstalled } from "../support/other_clients.ts";
import { RedisServer } from "../support/redis_server.ts";
import {
  announceAgain,
  AWAY,
  endAll,
  load,
  request,
  SharingTracker,
} from "../support/sharing_tracker.ts";
import { announceTo } from "./store_conformance.ts";

const ignore = !await isInstalled("redis-server", "redis-server");

Deno.test({
  name: "two trackers on one Redis give out each other's peers, and count together",
  ignore,
  async fn() {
    await using redis = await RedisServer.start();
    await using a = await SharingTracker.start(redis.url);
    await using b = await SharingTracker.start(redis.url);
    assertEquals(await a.ports(request(1)), []);
    assertEquals(await b.ports(request(2)), [1]);
    assertEquals(await b.ports(request(3), "udp"), [1, 2]);
    assertEquals(await a.ports(request(1, "none"), "udp"), [2, 3]);
    // A balancer may send each announce of a peer to another tracker.
    const { seeders, leechers, completed } = await b.announce(request(1, "completed", 0));
    assertEquals([seeders, leechers, completed], [1, 2, 1]);
    await a.announce(request(2, "stopped"));
    assertEquals(await b.ports(request(3, "none")), [1]);
    assertEquals(await a.counts, [1, 1, 1]);
    assertEquals([...a.warnings, ...b.warnings], []);
  },
});

Deno.test({
  name: "a peer on one tracker's host is told to the other's by that host's own address",
  ignore,
  async fn() {
    await using redis = await RedisServer.start();
    const open = (host: string) => RedisStore.open({ url: redis.url, onChange: () => {}, host });
    await using here = await open("here");
    await using there = await open("there");
    const [toHere, toThere] = [announceTo(here), announceTo(there)];
    await toHere("127.0.0.1", 1);
    await there.sweep(0);
    assertEquals((await toThere("10.1.0.9", 2)).peers, ["10.1.0.1:1"]);
    assertEquals((await toThere("127.0.0.1", 3)).peers, ["10.1.0.1:1", "10.1.0.9:2"]);
    assertEquals((await toHere("127.0.0.1", 4)).peers.includes("127.0.0.1:1"), true);
  },
});

Deno.test({
  name:
    "Redis is killed and started again under load: told once, refused meanwhile, then as before",
  ignore,
  async fn() {
    await using redis = await RedisServer.start();
    await using a = await SharingTracker.start(redis.url);
    await using b = await SharingTracker.start(redis.url);
    const loads = [load(a, 100), load(b, 200)];
    for (let round = 1; round <= 3; round++) {
      await Promise.all(loads.map((one) => one.served()));
      await redis.kill();
      await Promise.all([a.warned(2 * round - 1), b.warned(2 * round - 1)]);
      await assertRejects(() => a.announce(request(1)), TrackerError, AWAY);
      await assertRejects(() => b.announce(request(1), "udp"), TrackerError, AWAY);
      await assertRejects(() => a.scrape(), TrackerError, AWAY);
      assertEquals(await a.counts, [0, 0, 0]);
      await redis.start();
      await Promise.all([a.warned(2 * round), b.warned(2 * round)]);
    }
    await endAll(loads);
    // What was lost came back with the peers' next announces.
    await announceAgain([[a, 100]]);
    assert((await b.ports(request(1))).length >= 16);
    for (const { warnings } of [a, b]) {
      assertEquals(warnings.length, 6);
      for (const [i, text] of warnings.entries()) {
        assertMatch(text, i % 2 === 0 ? /^Redis at 127\.0\.0\.1:\d+ cannot be used/ : /again$/);
      }
    }
  },
});

Deno.test({
  name: "a Redis that hangs keeps nobody waiting, and is used again when it goes on",
  ignore,
  async fn() {
    await using redis = await RedisServer.start();
    await using tracker = await SharingTracker.start(redis.url);
    await tracker.announce(request(1));
    redis.signal("SIGSTOP");
    const many = await Promise.allSettled(
      Array.from({ length: 200 }, (_, i) => tracker.announce(request(300 + i))),
    );
    for (const one of many) assert(one.status === "rejected" && /cannot reach/.test(one.reason));
    redis.signal("SIGCONT");
    await tracker.warned(2);
    assert((await tracker.ports(request(2))).includes(1));
  },
});

Deno.test({
  name: "a Redis that takes no more is told of once, though it answers what needs no memory",
  ignore,
  async fn() {
    await using redis = await RedisServer.start();
    const told: string[] = [];
    await using store = await RedisStore.open({
      url: redis.url,
      onChange: (text) => told.push(text),
    });
    const announce = announceTo(store);
    await announce("10.1.0.1", 1);
    await redis.command("CONFIG", "SET", "maxmemory", "1");
    for (let i = 0; i < 3; i++) {
      await assertRejects(() => announce("10.1.0.2", 2), TrackerError, AWAY);
      await store.sweep(0);
      assertEquals((await store.totals()).leechers, 1);
    }
    assertEquals(told.length, 1);
    assertMatch(told[0]!, /cannot be used \(OOM command not allowed/);
    await redis.command("CONFIG", "SET", "maxmemory", "0");
    assertEquals((await announce("10.1.0.2", 2)).peers, ["10.1.0.1:1"]);
    assertEquals(told.length, 2);
  },
});

Deno.test({
  name: "a tracker starts without its Redis, says so, and serves when it comes",
  ignore,
  async fn() {
    await using redis = await RedisServer.prepare();
    await using tracker = await SharingTracker.start(redis.url);
    assertEquals(tracker.warnings, [
      `Redis at 127.0.0.1:${redis.port} cannot be used (connection refused): ` +
      "announces are refused until it answers",
    ]);
    await assertRejects(() => tracker.announce(request(1)), TrackerError, AWAY);
    await redis.start();
    await tracker.warned(2);
    await tracker.announce(request(1));
    assertEquals(await tracker.ports(request(2)), [1]);
  },
});

Deno.test({
  name: "a permanent failure ends the start with a sentence",
  ignore,
  async fn() {
    await using redis = await RedisServer.start(["--requirepass", "secret", "--databases", "2"]);
    const fails = async (store: string, why: RegExp) => {
      const error = await assertRejects(
        async () => void await startTracker({ host: "127.0.0.1", port: 0, store }),
        TrackerStartError,
      );
      assertMatch(error.message, why);
      assert(!error.message.includes("secret") && !error.message.includes("guess"), error.message);
    };
    const at = `127.0.0.1:${redis.port}`;
    await fails(`redis://${at}`, /^Cannot use Redis at 127.0.0.1:\d+: NOAUTH .* Check --store$/);
    await fails(`redis://:guess@${at}`, /: WRONGPASS .* Check --store$/);
    await fails(`redis://:secret@${at}/7`, /\/7: ERR DB index is out of range. Check --store$/);
    for (const wrong of ["localhost:6379", "http://localhost", "redis://", `redis://${at}/x`, ""]) {
      await fails(
        wrong,
        /^--store is not the address of a Redis server: write redis:\/\/HOST:PORT/,
      );
      const options = { host: "127.0.0.1", port: 0, store: wrong };
      await assertRejects(async () => void await startTracker(options), TrackerOptionError);
    }
    await using tracker = await SharingTracker.start(`redis://:secret@${at}/1`);
    assertEquals(await tracker.ports(request(1)), []);
  },
});

Deno.test({
  name: "Redis itself forgets everything when no tracker comes back",
  ignore,
  async fn() {
    await using redis = await RedisServer.start();
    {
      await using tracker = await SharingTracker.start(redis.url);
      await tracker.announce(request(1));
      await tracker.announce(request(2, "started", 0));
      await tracker.announce(request(1, "completed", 0));
      await tracker.announce(request(2, "stopped"));
      await tracker.announce(request(3));
    }
    const keys = await redis.command("KEYS", "*");
    assert(keys.length >= 7, keys.join(" "));
    for (const key of keys) assert(Number(await redis.command("TTL", key)) > 0, key);
  },
});
