import { assertEquals } from "../../support/assert.ts";
import { explainTracker } from "../../../shell/explain/tracker_words.ts";

const HASH = "ab".repeat(20);

Deno.test("a tracker explains announces, scrapes and refusals", () => {
  const announce = {
    event: "announce",
    infoHash: HASH,
    name: "film",
    peer: "2",
    ip: "127.0.0.1",
    port: 6882,
    left: 1 << 20,
    seeders: 1,
    leechers: 2,
  } as const;
  assertEquals(
    explainTracker({ ...announce, kind: "started" }, 0)?.text,
    `announce, event started: info hash ${HASH} ("film"), listens at 127.0.0.1:6882, ` +
      "left 1.0 MiB; the swarm has 1 seeder, 2 leechers now",
  );
  assertEquals(
    explainTracker({ ...announce, kind: "regular", name: undefined }, 0)?.text.slice(0, 40),
    `regular announce: info hash ${HASH}`.slice(0, 40),
  );
  assertEquals(
    explainTracker({ event: "scraped", ip: "10.0.0.1", torrents: 2 }, 0)?.text,
    "scrape: counts of 2 torrents",
  );
  const refused = explainTracker({ event: "failure", ip: "10.0.0.1", reason: "no info_hash" }, 0);
  assertEquals([refused?.text, refused?.direction], ["refused: no info_hash", undefined]);
  assertEquals(explainTracker({ event: "warning", text: "x" }, 0), undefined);
});
