import { assert, assertEquals } from "../../support/assert.ts";
import { castOf } from "../../../shell/demo/cast.ts";
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
    undefined,
  );
  assertEquals(tell("bob", "torrent-added", { pieces: 4 }), undefined);
  assertEquals(
    tell("bob", "announced", { kind: "started", peers: 1, seeders: 1, leechers: 0 }),
    "announces itself, hears of 1 peer (1 complete, 0 not)",
  );
  assertEquals(
    tell("ada", "unchoked", { peer: "peer bob", reason: "free slot" }),
    "unchokes bob: free slot",
  );
  assertEquals(tell("bob", "piece-verified", { piece: 0, peer: "peer ada" }), undefined);
  assertEquals(tell("bob", "piece-verified", { piece: 1, peer: "peer eve" }), undefined);
  assertEquals(
    tell("bob", "progress", { state: "downloading", progress: 0.5, "download_rate": 1048576 }),
    "####################--------------------   50%  1.0 MiB/s",
  );
  for (const piece of [2, 3]) tell("bob", "piece-verified", { piece, peer: "peer ada" });
  assertEquals(
    tell("bob", "torrent-completed", { downloaded: 2_097_152, seconds: 2 }),
    "######################################## complete: 2.0 MiB in 2.0s, 1.0 MiB/s; " +
      "pieces: 3 from ada, 1 from eve",
  );
  assertEquals(tell("bob", "file-completed", { path: "x" }), undefined);
});

Deno.test("Story draws a bar when it has grown, and tells a crowd's doings once", () => {
  const told = (isCrowd: boolean) => {
    const story = new Story({ unicode: false }, 10, { isCrowd });
    story.tell("bob", { event: "torrent-added", pieces: 10 });
    let lines = 0;
    for (let share = 0; share < 1; share += 0.01) {
      const facts = { state: "downloading", progress: share, "download_rate": 1 };
      if (story.tell("bob", { event: "progress", ...facts }) !== undefined) lines++;
    }
    const doings = ["unchoked", "unchoked-by", "peer-connected"].filter((event) =>
      story.tell("bob", { event, peer: "peer ada", client: "x", reason: "a slot was free" }) !==
        undefined
    );
    return { lines, doings };
  };
  const few = told(false);
  assertEquals(few.doings, ["unchoked", "unchoked-by", "peer-connected"]);
  assert(few.lines >= 7 && few.lines <= 10, `${few.lines} bars`);
  const many = told(true);
  assertEquals(many.doings, ["unchoked"]);
  assert(many.lines >= 2 && many.lines <= 4, `${many.lines} bars`);
});

Deno.test("the cast has a name of its own for each of fifty peers, all fit for a folder", () => {
  const cast = castOf(51);
  assertEquals(cast.slice(0, 3), ["ada", "bob", "carol"]);
  assertEquals(new Set(cast).size, 51);
  assert(cast.every((name) => /^[a-z0-9]{1,7}$/.test(name)), cast.join());
});
