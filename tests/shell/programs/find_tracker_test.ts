/**
 * A peer that was told no tracker, and the tracker that comes later.
 *
 * @module
 */
import { CatalogueClient } from "../../../peer/mod.ts";
import { Catalogues } from "../../../shell/trackers/catalogues.ts";
import {
  findTracker,
  guessedTrackers,
  TrackerSearch,
} from "../../../shell/programs/find_tracker.ts";
import { Publisher } from "../../../shell/trackers/publisher.ts";
import { SentTorrents } from "../../../shell/trackers/sent_torrents.ts";
import { startTracker } from "../../../tracker/mod.ts";
import { assertEquals } from "../../support/assert.ts";
import { someBytes, TestEngine } from "../../support/swarm.ts";
import { unusedUdpPort } from "../../support/udp.ts";

Deno.test("with --no-discovery no tracker is found", async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0, discoveryPort: 0 });
  const flags = { "host": "127.0.0.1", "discovery-port": tracker.discoveryPort! };
  assertEquals(await findTracker({ ...flags, "no-discovery": true }), undefined);
});

Deno.test("a tracker that starts late is found and gets what was sent before", async () => {
  await using peer = await TestEngine.start();
  const { engine } = peer;
  const catalogues = new Catalogues(new CatalogueClient(), ["http://127.0.0.1:1/announce"]);
  const publisher = new Publisher(engine, catalogues, {
    token: undefined,
    sent: await SentTorrents.open(),
  });
  const { problems } = await publisher.share(await peer.put("a.bin", someBytes(100_000)), {
    trackers: [["http://127.0.0.1:1/announce"]],
  });
  assertEquals(problems.length, 1);

  const discoveryPort = unusedUdpPort();
  const told = Promise.withResolvers<string>();
  await using _search = new TrackerSearch(false, {
    engine,
    catalogues,
    publisher,
    flags: { "host": "127.0.0.1", "discovery-port": discoveryPort },
    screen: { event: (_event, sentence) => told.resolve(sentence ?? "") },
    againMs: 50,
    trackerPort: unusedUdpPort(),
  });
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0, discoveryPort });
  const url = `http://127.0.0.1:${tracker.port}/announce`;
  assertEquals(await told.promise, `Found a tracker on this machine: 127.0.0.1:${tracker.port}.`);
  await peer.until("announced", (event) => event.tracker === url);
  await publisher.close();
  assertEquals(tracker.catalogue.list().map(({ name }) => name), ["a.bin"]);
  assertEquals(catalogues.trackers, [url]);
  const later = await engine.share(await peer.put("b.bin", someBytes(50_000)));
  await peer.until("announced", (event) => event.infoHash === later.infoHash);
});

Deno.test("without an answer the guess is this machine's usual port", () => {
  assertEquals(guessedTrackers({}), ["http://127.0.0.1:8000/announce"]);
  assertEquals(guessedTrackers({ "no-trackers": true }), []);
});
