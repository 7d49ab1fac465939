/**
 * What is shared is in the catalogue before anybody hears of it, and shared where no catalogue answers.
 *
 * @module
 */
import { CatalogueClient } from "../../peer/mod.ts";
import { Catalogues } from "../../shell/catalogues.ts";
import { Publisher } from "../../shell/publisher.ts";
import { SentList } from "../../shell/sent_list.ts";
import { startTracker } from "../../tracker/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { someBytes, TestEngine } from "../support/swarm.ts";

async function publisherFor(
  peer: TestEngine,
  tracker: string,
  patience?: number,
): Promise<Publisher> {
  return new Publisher(peer.engine, new Catalogues(new CatalogueClient(), [tracker]), {
    token: undefined,
    sent: await SentList.open(),
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
