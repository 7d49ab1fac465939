import { assertEquals } from "../../support/assert.ts";
import { Story, type Told } from "../../../shell/demo/demo_story.ts";

function line(told: Told | undefined): string | undefined {
  return told?.bar === undefined ? told?.text : `${told.bar} ${told.text}`;
}

Deno.test("Story tells what matters and keeps silent about the rest", () => {
  const story = new Story({ unicode: false }, 40);
  const tell = (who: string, event: string, facts: Record<string, unknown> = {}) =>
    line(story.tell(who, { event, ...facts }));
  assertEquals(
    tell("tracker", "started", { role: "tracker", urls: ["http://127.0.0.1:1/announce"] }),
    "listens at http://127.0.0.1:1/announce",
  );
  assertEquals(tell("peer 2", "torrent-added", { pieces: 4 }), undefined);
  assertEquals(
    tell("peer 2", "announced", { kind: "started", peers: 1, seeders: 1, leechers: 0 }),
    "announces itself, hears of 1 peer (1 complete, 0 not)",
  );
  assertEquals(
    tell("peer 1", "unchoked", { peer: "peer 2", reason: "free slot" }),
    "unchokes peer 2: free slot",
  );
  assertEquals(tell("peer 2", "piece-verified", { piece: 0, peer: "peer 1" }), undefined);
  assertEquals(tell("peer 2", "piece-verified", { piece: 1, peer: "peer 3" }), undefined);
  assertEquals(
    tell("peer 2", "progress", { state: "downloading", progress: 0.5, "download_rate": 1048576 }),
    "####################--------------------   50%  1.0 MiB/s",
  );
  for (const piece of [2, 3]) tell("peer 2", "piece-verified", { piece, peer: "peer 1" });
  assertEquals(
    tell("peer 2", "torrent-completed", { downloaded: 2_097_152, seconds: 2 }),
    "######################################## complete: 2.0 MiB in 2.0s, 1.0 MiB/s; " +
      "pieces: 3 from peer 1, 1 from peer 3",
  );
  assertEquals(tell("peer 2", "file-completed", { path: "x" }), undefined);
});
