/**
 * What is shared is in the catalogue before anybody hears of it, and shared where no catalogue answers.
 *
 * @module
 */
import { hash } from "node:crypto";
import { CatalogueClient } from "../../../peer/mod.ts";
import { Catalogues } from "../../../shell/trackers/catalogues.ts";
import { PublisherKey } from "../../../shell/trackers/publisher_key.ts";
import { Publisher } from "../../../shell/trackers/publisher.ts";
import { SentTorrents } from "../../../shell/trackers/sent_torrents.ts";
import { startTracker } from "../../../tracker/mod.ts";
import { TrackerError } from "../../../protocol/mod.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { tinyTorrent } from "../../support/tiny_torrent.ts";
import { someBytes, TestEngine } from "../../support/swarm.ts";

async function publisherFor(
  peer: TestEngine,
  tracker: string,
  patience?: number,
): Promise<Publisher> {
  return new Publisher(peer.engine, new Catalogues(new CatalogueClient(), [tracker]), {
    token: undefined,
    sent: await SentTorrents.open(),
    ...(patience === undefined ? {} : { patience }),
  });
}

Deno.test("a torrent is in the catalogue before its first announce", async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${tracker.port}/announce`;
  await using peer = await TestEngine.start({ trackers: [url] });
  const publisher = await publisherFor(peer, url);
  const announced: (string | undefined)[] = [];
  using _ = tracker.subscribe((event) => {
    if (event.event === "announce") announced.push(event.name);
  });
  const { infoHash, taken, problems } = await publisher.share(
    await peer.put("a.bin", someBytes(100_000)),
  );
  await peer.until("announced");
  assertEquals([taken, problems], [1, []]);
  assertEquals(announced, ["a.bin"]);
  // The same again is published again, where the catalogue has lost it.
  await tracker.unpublish(infoHash);
  assertEquals((await publisher.share(`${peer.dir}/a.bin`)).taken, 1);
  assertEquals(tracker.catalogue.list().map(({ name }) => name), ["a.bin"]);
});

Deno.test("a tracker that says nothing does not keep a torrent from being seeded", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const held: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const conn of silent) held.push(conn);
  })();
  const url = `http://127.0.0.1:${silent.addr.port}/announce`;
  await using peer = await TestEngine.start({ sources: { tracker: false } });
  const publisher = await publisherFor(peer, url, 1);
  const sharing = publisher.share(await peer.put("a.bin", someBytes(100_000)));
  await peer.until("torrent-state", ({ state }) => state === "seeding");
  silent.close();
  await accepting;
  for (const conn of held) conn.close();
  const { taken, problems } = await sharing;
  assertEquals(taken, 0);
  assert(problems.length === 1, problems.join());
});

Deno.test("a torrent sent again replaces its older version; a removed one leaves the catalogue", async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${tracker.port}/announce`;
  await using peer = await TestEngine.start({ trackers: [url] });
  const publisher = await publisherFor(peer, url);
  using _ = peer.engine.subscribe((event) => publisher.onEvent(event));
  const path = await peer.put("lecture.pdf", someBytes(100_000));
  const first = await publisher.share(path);
  assertEquals(first.replaced, []);
  await Deno.writeFile(path, someBytes(110_000));
  const second = await publisher.share(path);
  assertEquals(second.replaced, [first.infoHash]);
  const listed = () => tracker.catalogue.list().map(({ infoHash }) => infoHash);
  assertEquals(listed(), [second.infoHash]);
  assertEquals(peer.engine.snapshot().torrents.map(({ infoHash }) => infoHash), [second.infoHash]);
  await peer.engine.remove(second.infoHash);
  await publisher.close();
  assertEquals(listed(), []);
});

Deno.test("only who published a torrent takes it out, also after both sides started anew", async () => {
  await using folder = await TempFolder.make();
  const key = await PublisherKey.open(folder.at("publisher"));
  const client = new CatalogueClient();
  const { bytes, infoBytes } = tinyTorrent("a.bin");
  const infoHash = hash("sha1", infoBytes);
  const run = async (act: (announce: string) => Promise<void>): Promise<void> => {
    await using tracker = await startTracker({
      host: "127.0.0.1",
      port: 0,
      db: folder.at("tracker.db"),
    });
    await act(`http://127.0.0.1:${tracker.port}/announce`);
  };
  await run(async (announce) => {
    await client.publish(announce, bytes, { proof: key.proof(infoHash) });
    // Who publishes the same later does not become its publisher.
    const other = await PublisherKey.open();
    await client.publish(announce, bytes, { proof: other.proof(infoHash) });
    await assertRejects(
      () => client.withdraw(announce, infoHash, other.proof(infoHash)),
      TrackerError,
      "it has another publisher",
    );
    await assertRejects(
      () => client.withdraw(announce, infoHash, key.proof("0".repeat(40))),
      TrackerError,
    );
    assertEquals((await client.list(announce)).length, 1);
  });
  const later = await PublisherKey.open(folder.at("publisher"));
  await run(async (announce) => {
    assertEquals(await client.withdraw(announce, infoHash, later.proof(infoHash)), true);
    assertEquals(await client.withdraw(announce, infoHash, later.proof(infoHash)), false);
    assertEquals(await client.list(announce), []);
  });
});

Deno.test("a torrent that stayed in a catalogue is removed when the tracker answers in a later session", async () => {
  await using folder = await TempFolder.make();
  await using peer = await TestEngine.start();
  const client = new CatalogueClient();
  const { bytes, infoBytes } = tinyTorrent("a.bin");
  const infoHash = hash("sha1", infoBytes);
  const session = async (tracker: string) =>
    new Publisher(peer.engine, new Catalogues(client, [tracker]), {
      token: undefined,
      sent: await SentTorrents.open(folder.at("sent")),
      key: await PublisherKey.open(folder.at("publisher")),
    });
  let port = 0;
  const tracked = async (act: (url: string) => Promise<unknown>): Promise<void> => {
    await using tracker = await startTracker({
      host: "127.0.0.1",
      port,
      db: folder.at("tracker.db"),
    });
    port = tracker.port;
    await act(`http://127.0.0.1:${port}/announce`);
  };
  const key = await PublisherKey.open(folder.at("publisher"));
  await tracked((url) => client.publish(url, bytes, { proof: key.proof(infoHash) }));
  const url = `http://127.0.0.1:${port}/announce`;
  await (await SentTorrents.open(folder.at("sent"))).add(infoHash);
  const first = await session(url);
  first.onEvent(
    { event: "torrent-removed", infoHash, name: "a.bin" } as Parameters<
      Publisher["onEvent"]
    >[0],
  );
  await first.close();
  await tracked(async () => {
    assertEquals((await client.list(url)).length, 1);
    const later = await session(url);
    later.onEvent(
      {
        event: "announced",
        infoHash: "0".repeat(40),
        name: "another",
        tracker: url,
        kind: "regular",
        peers: 0,
        seeders: 0,
        leechers: 0,
      } as unknown as Parameters<Publisher["onEvent"]>[0],
    );
    await later.close();
    assertEquals(await client.list(url), []);
  });
  assertEquals([...(await SentTorrents.open(folder.at("sent"))).unwanted], []);
});
