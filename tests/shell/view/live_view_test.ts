import { assert, assertEquals, assertMatch } from "../../support/assert.ts";
import { displayWidth } from "../../../shell/base/format.ts";
import { detailFrame, liveFrame, Milestones } from "../../../shell/view/live_view.ts";
import { assertGolden } from "../../support/golden.ts";
import type { EngineSnapshot, PieceStatus, TorrentSnapshot } from "../../../peer/mod.ts";

function torrent(name: string, facts: Partial<TorrentSnapshot>): TorrentSnapshot {
  const pieces: PieceStatus[] = ["have", "have", "active", "available", "missing"];
  return {
    infoHash: name,
    name,
    state: "downloading",
    left: 1,
    progress: 0.4,
    downloadRate: 3_000_000,
    uploadRate: 0,
    eta: 75,
    peers: [],
    pieces: () => pieces,
    ...facts,
  } as unknown as TorrentSnapshot;
}

function engine(torrents: TorrentSnapshot[]): EngineSnapshot {
  return { downloadRate: 3_000_000, uploadRate: 1024, torrents } as unknown as EngineSnapshot;
}

const LOOK = { form: "screen", columns: 80, rows: 24, unicode: true, colour: false } as const;
const TWO = engine([
  torrent("lecture.pdf", {}),
  torrent("old slides.zip", {
    state: "seeding",
    progress: 1,
    downloadRate: 0,
    uploadRate: 1024,
    left: 0,
    pieces: () => ["have"],
  }),
]);

const KEYS = { hasKeys: true, chosen: "old slides.zip" };

Deno.test("liveFrame() at 80 and 120 columns", async () => {
  for (const columns of [80, 120]) {
    await assertGolden(`live_view_${columns}`, liveFrame(TWO, { ...LOOK, columns }, KEYS) + "\n");
  }
});

Deno.test("liveFrame() never exceeds its window", () => {
  const many = engine(Array.from({ length: 40 }, (_, i) => torrent(`film number ${i}.mkv`, {})));
  for (let columns = 36; columns < 140; columns += 7) {
    const lines = liveFrame(many, { ...LOOK, columns, colour: true }, { hasKeys: true }).split(
      "\n",
    );
    for (const line of lines.slice(1)) assert(displayWidth(line) < columns, `${columns}: ${line}`);
    assert(lines.length < LOOK.rows, `${lines.length} lines`);
    assertMatch(lines.at(-2)!, /and 21 more torrents/);
    const chosen = "film number 30.mkv";
    const marked = liveFrame(many, { ...LOOK, columns }, { chosen }).split("\n");
    assertEquals(marked.filter((line) => line.startsWith("❯ film")).length, 1, marked.join("\n"));
    assert(marked.length < LOOK.rows, `${marked.length} lines`);
  }
});

Deno.test("detailFrame() never exceeds its window, whatever the peers", () => {
  const peers = Array.from({ length: 50 }, (_, i) => ({
    name: `peer ${i}`,
    client: "vtorrent",
    address: "192.168.100.100",
    port: 60_000 + i,
    progress: 0.5,
    downloadRate: i,
    uploadRate: 0,
  }));
  const facts = { peers, totalSize: 9, dir: "/a/folder".repeat(9) } as unknown as TorrentSnapshot;
  for (const rows of [8, 12, 24, 50]) {
    for (let columns = 36; columns < 140; columns += 7) {
      const lines = detailFrame(torrent("film.mkv", facts), { ...LOOK, rows, columns }).split("\n");
      for (const line of lines) assert(displayWidth(line) < columns, `${columns}: ${line}`);
      assert(lines.length < rows, `${lines.length} lines of ${rows}`);
    }
  }
  const lines = detailFrame(torrent("film.mkv", facts), LOOK).split("\n");
  assert(lines.some((line) => line.startsWith("peer 49 ")), lines.join("\n"));
});

Deno.test("Milestones are quarters, or ten seconds of little", () => {
  const milestones = new Milestones();
  const due = (now: number, progress: number) => milestones.isDue("x", now, () => progress);
  assertEquals(
    [due(0, 0), due(500, 0.3), due(1500, 0.3), due(1600, 0.6), due(3000, 0.4), due(12_000, 0.45)],
    [false, false, true, false, false, true],
  );
  assertEquals(due(20_000, 1), false);
});
