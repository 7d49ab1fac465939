/**
 * A catalogue that trackers share through a real Redis.
 *
 * @module
 */
import { CatalogueClient } from "../../peer/trackers/catalogue_client.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { startTracker, type Tracker, type TrackerOptions } from "../../tracker/mod.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { isInstalled } from "../support/other_clients.ts";
import { RedisServer } from "../support/redis_server.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { tinyTorrent } from "../support/tiny_torrent.ts";

const ignore = !await isInstalled("redis-server", "redis-server");
const client = new CatalogueClient();

function torrent(name: string): Uint8Array {
  return tinyTorrent(name).bytes;
}

function start(store: string, options: TrackerOptions = {}): Promise<Tracker> {
  return startTracker({ host: "127.0.0.1", port: 0, store, ...options });
}

async function names(tracker: Tracker): Promise<string[]> {
  return (await client.list(tracker.urls[0]!)).map(({ name }) => name);
}

/** Resolves when a tracker says that something happened. */
async function heard(tracker: Tracker, text: RegExp): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _ = tracker.subscribe((event) => {
    if (event.event === "warning" && text.test(event.text)) resolve();
  });
  await promise;
}

Deno.test({
  name: "what one tracker takes, all that share its store list, give and remove",
  ignore,
  async fn() {
    await using redis = await RedisServer.start();
    await using a = await start(redis.url);
    await using b = await start(redis.url);
    const [one, two] = [torrent("one.pdf"), torrent("two.pdf")];
    const { infoHash } = await a.publish(one, "1").then(({ entry }) => entry);
    await client.publish(b.urls[0]!, two);
    assertEquals(await names(a), ["one.pdf", "two.pdf"]);
    assertEquals(await names(b), ["one.pdf", "two.pdf"]);
    assertEquals(await client.fetch(b.urls[0]!, infoHash), one);
    assertEquals(b.catalogue.entry(infoHash), a.catalogue.entry(infoHash));
    assertEquals((await b.publish(one, "2")).created, false);
    assertEquals(await b.unpublish(infoHash), true);
    assertEquals(await names(a), ["two.pdf"]);
    await assertRejects(() => client.fetch(a.urls[0]!, infoHash), TrackerError, "has no torrent");
    assertEquals(await a.unpublish(infoHash), false);
    // A tracker that comes later, and one whose list denies the torrent.
    await using folder = await TempFolder.make();
    await Deno.writeTextFile(folder.at("deny"), b.catalogue.list()[0]!.infoHash);
    await using late = await start(redis.url);
    await using strict = await start(redis.url, { deny: folder.at("deny") });
    assertEquals(late.catalogue.list().map(({ name }) => name), ["two.pdf"]);
    assertEquals(await names(strict), []);
    for (const key of await redis.command("KEYS", "vt:catalogue*")) {
      assert(Number(await redis.command("TTL", key)) > 0, key);
    }
  },
});

Deno.test({
  name: "a Redis that lost its catalogue gets it back; while it is away nothing is published",
  ignore,
  async fn() {
    await using redis = await RedisServer.start();
    await using folder = await TempFolder.make();
    {
      // What a tracker kept before it shared anything.
      await using alone = await startTracker({ host: "127.0.0.1", port: 0, db: folder.at("db") });
      await alone.publish(torrent("old.pdf"), undefined);
    }
    await using a = await start(redis.url, { db: folder.at("db") });
    await using b = await start(redis.url);
    await b.publish(torrent("new.pdf"), undefined);
    assertEquals(await names(a), ["new.pdf", "old.pdf"]);
    await Promise.all([heard(a, /cannot be used/), heard(b, /cannot be used/), redis.kill()]);
    assertEquals(await names(b), ["new.pdf", "old.pdf"]);
    await assertRejects(
      () => client.publish(a.urls[0]!, torrent("x.pdf")),
      TrackerError,
      "cannot reach its database",
    );
    await Promise.all([heard(a, /again$/), heard(b, /again$/), redis.start()]);
    assertEquals(await names(a), ["new.pdf", "old.pdf"]);
    assertEquals(await names(b), ["new.pdf", "old.pdf"]);
    await using c = await start(redis.url);
    assertEquals(await names(c), ["new.pdf", "old.pdf"]);
  },
});
