/**
 * Two trackers on a Redis Cluster while a node dies, is replaced, or gives a slot away.
 *
 * @module
 */
import { TrackerError } from "../../../protocol/errors.ts";
import { RedisStore } from "../../../tracker/redis/redis_store.ts";
import { slotOf } from "../../../tracker/redis/redis_slots.ts";
import { TrackerStartError } from "../../../tracker/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";
import { isInstalled } from "../../support/other_clients.ts";
import { RedisNodes } from "../../support/redis_cluster.ts";
import { RedisServer } from "../../support/redis_server.ts";
import {
  announceAgain,
  AWAY,
  endAll,
  INFO_HASH,
  load,
  request,
  SharingTracker,
} from "../../support/sharing_tracker.ts";
import { until } from "../../support/until.ts";

const ignore = !await isInstalled("redis-server", "redis-server");
/** Where the keys of the requests' swarm begin. */
const ROOT = "vt:2:{09}:";

/** An info hash of a swarm that another master has. */
async function elsewhere(cluster: RedisNodes): Promise<Uint8Array> {
  const [owner] = await cluster.mastersFor(ROOT);
  for (let byte = 0;; byte++) {
    const infoHash = INFO_HASH.with(0, byte);
    const [other] = await cluster.mastersFor(`vt:2:{${infoHash.toHex().slice(0, 2)}}:`);
    if (other !== owner) return infoHash;
  }
}

/** What both were told is one failure and its end, in turns. */
function assertToldOnce(trackers: readonly SharingTracker[], failures: number): void {
  for (const { warnings } of trackers) {
    assertEquals(warnings.length, 2 * failures, warnings.join("\n"));
    for (const [i, text] of warnings.entries()) {
      assertMatch(
        text,
        i % 2 === 0
          ? /^The Redis Cluster of 127\.0\.0\.1:\d+ cannot be used in part \(.+\): announces of the swarms there are refused until it answers$/
          : /^The Redis Cluster of 127\.0\.0\.1:\d+ answers again$/,
      );
    }
  }
}

Deno.test({
  name:
    "a node is killed under load: only its swarms are refused, told once, then all is as before",
  ignore,
  async fn() {
    await using cluster = await RedisNodes.start();
    await using a = await SharingTracker.start(cluster.url);
    await using b = await SharingTracker.start(cluster.url);
    const [owner] = await cluster.mastersFor(ROOT);
    const other = { infoHash: await elsewhere(cluster) };
    const loads = [load(a, 100), load(b, 200)];
    for (let round = 1; round <= 2; round++) {
      await Promise.all(loads.map((one) => one.served()));
      await owner.kill();
      await Promise.all([a.warned(2 * round - 1), b.warned(2 * round - 1)]);
      await assertRejects(() => a.announce(request(1)), TrackerError, AWAY);
      await assertRejects(() => b.announce(request(1), "udp"), TrackerError, AWAY);
      await assertRejects(() => a.scrape(), TrackerError, AWAY);
      await a.announce({ ...request(1), ...other });
      assertEquals(await b.ports({ ...request(2), ...other }), [1]);
      await cluster.startNode(owner);
      await Promise.all([a.warned(2 * round), b.warned(2 * round)]);
    }
    await endAll(loads);
    // What was lost came back with the peers' next announces, and is counted once.
    await announceAgain([[a, 100], [a, 200]]);
    assertEquals(await b.counts, [0, 32, 0]);
    assertToldOnce([a, b], 2);
  },
});

Deno.test({
  name: "a replica takes over from a node that is killed under load, and gives its place back",
  ignore,
  async fn() {
    await using cluster = await RedisNodes.start(1);
    await using a = await SharingTracker.start(cluster.url);
    await using b = await SharingTracker.start(cluster.url);
    const [owner] = await cluster.mastersFor(ROOT);
    await a.announce(request(1, "started", 0));
    const loads = [load(a, 100), load(b, 200)];
    await Promise.all(loads.map((one) => one.served()));
    await owner.replicated();
    await owner.kill();
    await Promise.all([a.warned(2), b.warned(2)]);
    await Promise.all(loads.map((one) => one.served()));
    await endAll(loads);
    await announceAgain([[b, 100], [a, 200]]);
    assertEquals(await a.counts, [1, 32, 0]);
    assertToldOnce([a, b], 1);

    // Its operator lets the first have its place again: nothing is lost, and nobody refused for long.
    await cluster.startNode(owner);
    await cluster.settled();
    await cluster.failover(owner);
    await until(() => a.announce(request(300)).then(() => true, () => false));
    await until(() => b.announce(request(301)).then(() => true, () => false));
    assertEquals(await a.counts, [1, 34, 0]);
    assertEquals(await b.counts, [1, 34, 0]);
  },
});

Deno.test({
  name: "while a slot is moved its swarms are refused, and counted right where they are then",
  ignore,
  async fn() {
    await using cluster = await RedisNodes.start();
    await using a = await SharingTracker.start(cluster.url);
    await using b = await SharingTracker.start(cluster.url);
    const [from, to] = await cluster.mastersFor(ROOT);
    const slot = String(slotOf(ROOT));
    const [source, target] = await Promise.all(
      [from, to].map(async (node) => String(await node.command("CLUSTER", "MYID"))),
    );
    const move = async (most: number) => {
      const keys = await from.command("CLUSTER", "GETKEYSINSLOT", slot, String(most));
      assert(keys.length > 0);
      const where = ["127.0.0.1", String(to.port), "", "0", "5000"];
      assertEquals(await from.command("MIGRATE", ...where, "KEYS", ...keys), ["OK"]);
    };
    // These announce once, before it all.
    for (let port = 1; port <= 10; port++) await a.announce(request(port, "started", port % 2));
    const loads = [load(a, 100), load(b, 200)];
    await Promise.all(loads.map((one) => one.served()));
    await to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", source!);
    await from.command("CLUSTER", "SETSLOT", slot, "MIGRATING", target!);
    await Promise.all([a.warned(1), b.warned(1)]);
    assertMatch(a.warnings[0]!, /\(a slot is being moved\)/);
    await assertRejects(() => a.announce(request(1)), TrackerError, AWAY);
    await move(3);
    await assertRejects(() => b.announce(request(1)), TrackerError, AWAY);
    await move(1000);
    await assertRejects(() => b.announce(request(1)), TrackerError, AWAY);
    const other = { infoHash: await elsewhere(cluster) };
    await a.announce({ ...request(1), ...other });
    for (const node of [to, from, ...cluster.nodes]) {
      await node.command("CLUSTER", "SETSLOT", slot, "NODE", target!);
    }
    await Promise.all([a.warned(2), b.warned(2)]);
    await Promise.all(loads.map((one) => one.served()));
    await endAll(loads);
    await announceAgain([[b, 100], [a, 200]]);
    assertEquals(await a.counts, [5, 37, 0]);
    assertEquals((await from.command("CLUSTER", "COUNTKEYSINSLOT", slot)).join(), "0");
    assertToldOnce([a, b], 1);
  },
});

Deno.test({
  name: "a tracker starts without its cluster, says so, and serves when it comes",
  ignore,
  async fn() {
    await using cluster = await RedisNodes.start();
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    await using tracker = await SharingTracker.start(cluster.url);
    await assertRejects(() => tracker.announce(request(1)), TrackerError, AWAY);
    await Promise.all(cluster.nodes.map((node) => cluster.startNode(node)));
    await tracker.warned(2);
    await tracker.announce(request(1));
    assertEquals(await tracker.ports(request(2)), [1]);
    assertToldOnce([tracker], 1);
  },
});

Deno.test({
  name: "a catalogue and the counts of many swarms are one, wherever they lie",
  ignore,
  async fn() {
    await using cluster = await RedisNodes.start();
    const open = () => RedisStore.open({ url: cluster.url, onChange: () => {} });
    await using store = await open();
    await using other = await open();
    const hashes = Array.from(
      { length: 600 },
      (_, i) => INFO_HASH.with(0, i & 255).with(1, i >> 8),
    );
    await Promise.all(hashes.map((infoHash, i) =>
      store.announce(
        { ...request(1 + i, "started", i % 3), infoHash },
        { address: Uint8Array.of(10, 0, 0, 1), own: [] },
        0,
      )
    ));
    const expected = hashes.map((infoHash, i) => {
      const seeders = i % 3 === 0 ? 1 : 0;
      return { infoHash, seeders, leechers: 1 - seeders, completed: 0 };
    });
    assertEquals(await other.scrape(hashes), expected);
    assertEquals(await other.totals(), { swarms: 600, seeders: 200, leechers: 400 });
    assertEquals((await other.swarms()).length, 600);
    const torrent = {
      infoHash: INFO_HASH.toHex(),
      bytes: new Uint8Array(9),
      publishedBy: "1",
      publishedAt: 5,
    };
    assertEquals(await store.torrents.add(torrent), true);
    assertEquals(await other.torrents.infoHashes(), [torrent.infoHash]);
    assertEquals(await Array.fromAsync(other.torrents.torrents([torrent.infoHash])), [torrent]);
    assertEquals(await other.torrents.remove(torrent.infoHash), true);
    assertEquals(await store.torrents.infoHashes(), []);
    assertEquals((await other.sweep(1e9)).length, 600);
    assertEquals(await store.totals(), { swarms: 0, seeders: 0, leechers: 0 });
    for (const node of cluster.nodes) {
      for (const key of await node.command("KEYS", "*")) {
        assert(Number(await node.command("TTL", key)) > 0, key);
      }
    }
  },
});

Deno.test({
  name: "a URL of the wrong kind ends the start with the right one",
  ignore,
  async fn() {
    await using cluster = await RedisNodes.start();
    await using redis = await RedisServer.start();
    const fails = async (store: string, why: RegExp) => {
      const error = await assertRejects(() => SharingTracker.start(store), TrackerStartError);
      assertMatch(error.message, why);
    };
    const [node] = cluster.nodes;
    await fails(
      `redis://127.0.0.1:${node!.port}`,
      /^Cannot use Redis at .*: it is a node of a cluster: write redis\+cluster:/,
    );
    await fails(
      `redis+cluster://127.0.0.1:${redis.port}`,
      /^Cannot use the Redis Cluster at .*: it is not part of a cluster: write redis:/,
    );
    await fails(
      `redis+sentinel://127.0.0.1:${redis.port}/main`,
      /^Cannot use the Sentinel at .*: it is no Sentinel\. Check --store$/,
    );
  },
});
