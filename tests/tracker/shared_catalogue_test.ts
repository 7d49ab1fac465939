/**
 * A catalogue that trackers share through a real Redis.
 *
 * @module
 */
import { hash } from "node:crypto";
import { CatalogueClient } from "../../peer/io/catalogue_client.ts";
import { PublisherKey } from "../../shell/publisher_key.ts";
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

/** A torrent and its info hash in hex. */
function named(name: string): { bytes: Uint8Array; infoHash: string } {
  const { bytes, infoBytes } = tinyTorrent(name);
  return { bytes, infoHash: hash("sha1", infoBytes) };
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

/** A peer's proofs, and the catalogue client by which it gives them. */
async function publisher(folder: TempFolder, name: string) {
  const key = await PublisherKey.open(folder.at(name));
  return {
    publish: (tracker: Tracker, bytes: Uint8Array, infoHash: string) =>
      client.publish(tracker.urls[0]!, bytes, { proof: key.proof(infoHash) }),
    withdraw: (tracker: Tracker, infoHash: string) =>
      client.withdraw(tracker.urls[0]!, infoHash, key.proof(infoHash)),
  };
}

Deno.test({
  name:
    "who published a torrent withdraws it by any tracker, after all were started anew; others cannot",
  ignore,
  async fn() {
    await using redis = await RedisServer.start();
    await using folder = await TempFolder.make();
    const { bytes, infoHash } = named("lecture.pdf");
    const other = await publisher(folder, "other");
    {
      await using a = await start(redis.url, { db: folder.at("a") });
      await using b = await start(redis.url, { db: folder.at("b") });
      await (await publisher(folder, "mine")).publish(a, bytes, infoHash);
      // Publishing it again by another tracker makes nobody its owner.
      await other.publish(b, bytes, infoHash);
    }
    await redis.kill();
    await redis.start();
    await using a = await start(redis.url, { db: folder.at("a") });
    await using b = await start(redis.url, { db: folder.at("b") });
    for (const tracker of [a, b]) {
      await assertRejects(() => other.withdraw(tracker, infoHash), TrackerError, "somebody else");
    }
    assertEquals(await names(b), ["lecture.pdf"]);
    assertEquals(await (await publisher(folder, "mine")).withdraw(b, infoHash), true);
    assertEquals([await names(a), await names(b)], [[], []]);
    assertEquals(await (await publisher(folder, "mine")).withdraw(a, infoHash), false);
  },
});

Deno.test({
  name: "a tracker that was away while a torrent was withdrawn does not bring it back",
  ignore,
  async fn() {
    for (const isLost of [false, true]) {
      await using redis = await RedisServer.start();
      await using folder = await TempFolder.make();
      const mine = await publisher(folder, "mine");
      const [gone, kept] = [named("gone.pdf"), named("kept.pdf")];
      await using a = await start(redis.url);
      {
        await using b = await start(redis.url, { db: folder.at("b") });
        await mine.publish(b, gone.bytes, gone.infoHash);
        await b.publish(kept.bytes, undefined);
        assertEquals(await names(a), ["gone.pdf", "kept.pdf"]);
      }
      await mine.withdraw(a, gone.infoHash);
      if (isLost) {
        await Promise.all([heard(a, /cannot be used/), redis.kill()]);
        const answers = heard(a, /again$/);
        await redis.start();
        // It may be the first to tell Redis what it has.
        await using b = await start(redis.url, { db: folder.at("b") });
        await answers;
        assertEquals(await names(a), ["kept.pdf"]);
        assertEquals(await names(b), ["kept.pdf"]);
      } else {
        await using b = await start(redis.url, { db: folder.at("b") });
        assertEquals(await names(b), ["kept.pdf"]);
        assertEquals(await names(a), ["kept.pdf"]);
        // Published again it is there again.
        await mine.publish(a, gone.bytes, gone.infoHash);
        assertEquals(await names(b), ["gone.pdf", "kept.pdf"]);
      }
    }
  },
});

Deno.test({
  name: "of a Redis that lost everything no tracker's torrent is lost, whoever comes first",
  ignore,
  async fn() {
    await using redis = await RedisServer.start();
    await using folder = await TempFolder.make();
    const [one, two] = [named("one.pdf"), named("two.pdf")];
    const [mine, other] = [await publisher(folder, "mine"), await publisher(folder, "other")];
    await Deno.writeTextFile(folder.at("deny"), one.infoHash);
    await using a = await start(redis.url);
    await using strict = await start(redis.url, { deny: folder.at("deny") });
    await mine.publish(a, one.bytes, one.infoHash);
    await a.publish(two.bytes, undefined);
    assertEquals(await names(strict), ["two.pdf"]);
    await Promise.all([heard(a, /cannot be used/), heard(strict, /cannot be used/), redis.kill()]);
    const back = [heard(a, /again$/), heard(strict, /again$/)];
    await redis.start();
    await back[1];
    await names(strict);
    // One that starts now has nothing, and somebody is quick to publish what another owns.
    await using fresh = await start(redis.url);
    await other.publish(fresh, one.bytes, one.infoHash);
    await back[0];
    assertEquals(await names(a), ["one.pdf", "two.pdf"]);
    await assertRejects(() => other.withdraw(fresh, one.infoHash), TrackerError, "somebody else");
    assertEquals(await mine.withdraw(fresh, one.infoHash), true);
    assertEquals([await names(a), await names(fresh)], [["two.pdf"], ["two.pdf"]]);
  },
});

Deno.test({
  name: "a tracker with a catalogue of its own brings it in where others share one already",
  ignore,
  async fn() {
    await using redis = await RedisServer.start();
    await using folder = await TempFolder.make();
    await using a = await start(redis.url);
    await a.publish(torrent("shared.pdf"), undefined);
    {
      await using alone = await startTracker({ host: "127.0.0.1", port: 0, db: folder.at("db") });
      await alone.publish(torrent("own.pdf"), undefined);
    }
    await using b = await start(redis.url, { db: folder.at("db") });
    assertEquals(await names(b), ["own.pdf", "shared.pdf"]);
    assertEquals(await names(a), ["own.pdf", "shared.pdf"]);
  },
});

Deno.test({
  name: "a Redis that was set back to an earlier state gets what came since, and loses what went",
  ignore,
  async fn() {
    await using redis = await RedisServer.start();
    await using folder = await TempFolder.make();
    const mine = await publisher(folder, "mine");
    const [early, late] = [named("early.pdf"), named("late.pdf")];
    await using a = await start(redis.url);
    await mine.publish(a, early.bytes, early.infoHash);
    await redis.command("SAVE");
    await mine.publish(a, late.bytes, late.infoHash);
    await mine.withdraw(a, early.infoHash);
    await Promise.all([heard(a, /cannot be used/), redis.kill()]);
    await Promise.all([heard(a, /again$/), redis.start()]);
    assertEquals(await names(a), ["late.pdf"]);
    await using b = await start(redis.url);
    assertEquals(await names(b), ["late.pdf"]);
  },
});
