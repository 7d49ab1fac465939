/**
 * A file that is found by its magnet link and the DHT alone.
 *
 * @module
 */
import { parseMagnet } from "../../protocol/magnet.ts";
import { assertEquals } from "./assert.ts";
import { someBytes, type TestEngine } from "./swarm.ts";

/** Shares a file at `seed` and asserts that `leech`, which gets a bare link, finds and fetches it. */
export async function assertLinkIsEnough(seed: TestEngine, leech: TestEngine): Promise<void> {
  const bytes = someBytes(300_000, 5);
  const { infoHash } = await seed.engine.share(await seed.put("dht", bytes));
  leech.engine.addMagnet(parseMagnet(`magnet:?xt=urn:btih:${infoHash}`));
  await leech.until("torrent-completed");
  assertEquals(await leech.read("dht"), bytes);
  // Both hear of each other, and either may call.
  await leech.when(
    () =>
      [...leech.events, ...seed.events].some((event) =>
        event.event === "peer-connected" && event.source === "dht"
      ),
    "a peer heard of in the DHT",
  );
}
