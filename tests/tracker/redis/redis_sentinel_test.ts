/**
 * Two trackers on the master that Sentinels name, while another takes its place.
 *
 * @module
 */
import { TrackerStartError } from "../../../tracker/mod.ts";
import { assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";
import { isInstalled } from "../../support/other_clients.ts";
import { RedisSentinels } from "../../support/redis_sentinels.ts";
import {
  announceAgain,
  endAll,
  load,
  request,
  SharingTracker,
} from "../../support/sharing_tracker.ts";
import { until } from "../../support/until.ts";

const ignore = !await isInstalled("redis-server", "redis-server");

Deno.test({
  name: "the replica takes over from a master that is killed under load: told once, counted right",
  ignore,
  async fn() {
    await using redis = await RedisSentinels.start();
    await using a = await SharingTracker.start(redis.url);
    await using b = await SharingTracker.start(redis.url);
    await a.announce(request(1, "started", 0));
    const loads = [load(a, 100), load(b, 200)];
    await Promise.all(loads.map((one) => one.served()));
    await redis.servers[0]!.replicated();
    await redis.servers[0]!.kill();
    await Promise.all([a.warned(2), b.warned(2)]);
    await Promise.all(loads.map((one) => one.served()));
    await endAll(loads);
    await announceAgain([[b, 100], [a, 200]]);
    assertEquals(await a.counts, [1, 32, 0]);
    for (const { warnings } of [a, b]) {
      assertEquals(warnings.length, 2, warnings.join("\n"));
      assertMatch(
        warnings[0]!,
        /^Redis main cannot be used \(127\.0\.0\.1:\d+: .+\): announces are refused until it answers$/,
      );
      assertEquals(warnings[1], "Redis main answers again");
    }
  },
});

Deno.test({
  name: "a failover that is asked for loses nothing, and the one before is not written to any more",
  ignore,
  async fn() {
    await using redis = await RedisSentinels.start();
    await using a = await SharingTracker.start(redis.url);
    await using b = await SharingTracker.start(redis.url);
    const [before, after] = redis.servers;
    for (let port = 1; port <= 10; port++) await a.announce(request(port));
    await redis.failover();
    await until(async () => (await after!.command("ROLE"))[0] === "master");
    await until(async () => (await before!.command("ROLE"))[0] === "slave");
    await until(() => a.announce(request(11)).then(() => true, () => false));
    await until(() => b.announce(request(12)).then(() => true, () => false));
    assertEquals(await b.counts, [0, 12, 0]);
  },
});

Deno.test({
  name: "a master that no Sentinel knows ends the start with a sentence",
  ignore,
  async fn() {
    await using redis = await RedisSentinels.start();
    const error = await assertRejects(
      () => SharingTracker.start(redis.url.replace("/main", "/other")),
      TrackerStartError,
    );
    assertEquals(error.message, "The Sentinels know no master other. Check --store");
  },
});
