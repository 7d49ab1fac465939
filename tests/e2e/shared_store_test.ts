/**
 * Two trackers as people run them, on one Redis: a peer of each, and the file crosses over.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../support/assert.ts";
import { digestOf } from "../support/digests.ts";
import { isInstalled } from "../support/other_clients.ts";
import { RedisServer } from "../support/redis_server.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent } from "../support/vtorrent.ts";

Deno.test({
  name: "peers of two trackers with --store find each other, also after Redis was killed",
  ignore: !await isInstalled("redis-server", "redis-server"),
  async fn() {
    await using folder = await TempFolder.make();
    await using redis = await RedisServer.start();
    const cwd = folder.path;
    const args = ["--no-db", "--no-discovery", "--store", redis.url];
    const a = await Vtorrent.tracker({ cwd, args });
    await using trackerA = a.tracker;
    const b = await Vtorrent.tracker({ cwd, args });
    await using trackerB = b.tracker;

    await redis.kill();
    const { text } = await trackerA.event("warning");
    assertMatch(String(text), /^Redis at 127\.0\.0\.1:\d+ cannot be used/);
    await redis.start();
    await trackerA.event("warning", ({ text }) => /answers again$/.test(String(text)));

    const source = await folder.write("peer_files/peer_1/a.bin", patternBytes(300_000));
    await using seed = Vtorrent.peer("1", { tracker: a.url, cwd });
    await seed.type("send a.bin");
    await seed.event("sent");
    const torrent = folder.at("peer_files/peer_1/.vtorrent/torrents");
    const [file] = [...Deno.readDirSync(torrent)].filter(({ name }) => name.endsWith(".torrent"));
    await using peer = Vtorrent.peer("2", { tracker: b.url, cwd });
    await peer.type(`download ${torrent}/${file!.name}`);
    await trackerB.event("announce", ({ seeders, leechers }) => seeders === 1 && leechers === 1);
    await peer.event("downloaded");
    assertEquals(await digestOf(folder.at("peer_files/peer_2/a.bin")), await digestOf(source));
  },
});
