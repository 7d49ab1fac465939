/**
 * Trackers that share their swarms through a real Redis, while it is there and while it is not.
 *
 * @module
 */
import { TrackerClient } from "../../peer/trackers/tracker_client.ts";
import type { AnnounceEvent, AnnounceReply, AnnounceRequest } from "../../protocol/announce.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { RedisStore } from "../../tracker/redis/redis_store.ts";
import { TrackerOptionError } from "../../tracker/contract/start_error.ts";
import { startTracker, type Tracker, TrackerStartError } from "../../tracker/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { isInstalled } from "../support/other_clients.ts";
import { RedisServer } from "../support/redis_server.ts";
import { announceTo } from "./store_conformance.ts";

const ignore = !await isInstalled("redis-server", "redis-server");
const AWAY = "the tracker cannot reach its database: try again in a minute";
const INFO_HASH = new Uint8Array(20).fill(9);

function request(port: number, event: AnnounceEvent = "started", left = 1): AnnounceRequest {
  return {
    infoHash: INFO_HASH,
    peerId: new TextEncoder().encode(`-VT0100-${String(port).padStart(12, "0")}`),
    port,
    uploaded: 0,
    downloaded: 0,
    left,
    event,
    numwant: 200,
    key: port,
    compact: true,
    noPeerId: true,
  };
}

/** A tracker on that Redis that remembers what it warned of. */
class SharingTracker implements AsyncDisposable {
  readonly warnings: string[];
  readonly #tracker: Tracker;
  readonly #client = new TrackerClient();
  readonly #waiting = new Set<() => void>();

  private constructor(tracker: Tracker) {
    this.#tracker = tracker;
    this.warnings = [...tracker.warnings];
    tracker.subscribe((event) => {
      if (event.event !== "warning") return;
      this.warnings.push(event.text);
      for (const check of this.#waiting) check();
    });
  }

  static async start(store: string): Promise<SharingTracker> {
    return new SharingTracker(await startTracker({ host: "127.0.0.1", port: 0, store }));
  }

  get counts(): Promise<[seeders: number, leechers: number, completed: number]> {
    return Promise.resolve(this.#tracker.counts([INFO_HASH.toHex()]))
      .then(([one]) => [one!.seeders, one!.leechers, one!.completed]);
  }

  announce(of: AnnounceRequest, protocol: "http" | "udp" = "http"): Promise<AnnounceReply> {
    const url = this.#tracker.urls.find((one) => one.startsWith(protocol))!;
    return this.#client.announce(url, of, AbortSignal.timeout(10_000));
  }

  /** Ports of the peers that it gives for a request, in order. */
  async ports(of: AnnounceRequest, protocol: "http" | "udp" = "http"): Promise<number[]> {
    const { peers } = await this.announce(of, protocol);
    return peers.map(({ port }) => port).sort((a, b) => a - b);
  }

  scrape(): Promise<unknown> {
    return this.#client.scrape(this.#tracker.urls[0]!, [INFO_HASH], AbortSignal.timeout(10_000));
  }

  /** Resolves once it warned `count` times. */
  async warned(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = () => this.warnings.length >= count && resolve();
    this.#waiting.add(check);
    check();
    await promise;
    this.#waiting.delete(check);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#tracker[Symbol.asyncDispose]();
  }
}

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

interface Load {
  /** Resolves once one more announce was answered. */
  served(): Promise<void>;
  stop(): Promise<Map<string, number>>;
}

/** Announces over and over by a tracker, some at a time, until it is stopped. */
function load(tracker: SharingTracker, first: number): Load {
  const outcomes = new Map<string, number>();
  let isOn = true;
  let served = Promise.withResolvers<void>();
  const one = async (port: number) => {
    while (isOn) {
      const protocol = port % 2 === 0 ? "http" : "udp";
      const outcome = await tracker.announce(request(port, "none"), protocol).then(
        () => "ok",
        (error) => {
          assert(error instanceof TrackerError, String(error));
          if (protocol === "http") assertEquals(error.retryIn, 1);
          return error.message.replace(/^.*?: /, "");
        },
      );
      outcomes.set(outcome, 1 + (outcomes.get(outcome) ?? 0));
      if (outcome === "ok") served.resolve();
    }
  };
  const running = Array.from({ length: 16 }, (_, i) => one(first + i));
  return {
    async served() {
      served = Promise.withResolvers();
      await served.promise;
    },
    async stop() {
      isOn = false;
      await Promise.all(running);
      return outcomes;
    },
  };
}

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
    const outcomes = await Promise.all(loads.map((one) => one.stop()));
    for (const outcome of outcomes) {
      assertEquals([...outcome.keys()].sort(), ["ok", AWAY].sort());
    }
    // What was lost came back with the peers' next announces.
    for (let port = 100; port < 116; port++) await a.announce(request(port, "none"));
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
