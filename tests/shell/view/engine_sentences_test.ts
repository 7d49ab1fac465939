import { COMMAND_REMEDIES, SHELL_REMEDIES } from "../../../shell/base/remedies.ts";
import { assertEquals } from "../../support/assert.ts";
import type { EngineEvent, TorrentEvent } from "../../../peer/mod.ts";
import { Narrator } from "../../../shell/view/engine_sentences.ts";

const about = (event: TorrentEvent): EngineEvent => ({
  infoHash: "ab".repeat(20),
  name: "lecture.pdf",
  ...event,
});
const tracker = "http://127.0.0.1:8000/announce";

Deno.test("Narrator tells of a failing tracker once, and when it answers again", () => {
  const narrator = new Narrator({ remedies: SHELL_REMEDIES });
  const failed = about({
    event: "tracker-failed",
    tracker,
    message: "Cannot reach it",
    retryIn: 5,
  });
  const announced = about({
    event: "announced",
    tracker,
    kind: "started",
    peers: 0,
    seeders: 0,
    leechers: 0,
    interval: 60,
  });
  assertEquals(narrator.tell(announced), undefined);
  assertEquals(narrator.tell(failed), "Cannot reach it (next try in 5s)");
  assertEquals(narrator.tell(failed), undefined);
  assertEquals(narrator.tell(announced), `Tracker ${tracker} answers again`);
  assertEquals(narrator.tell(announced), undefined);
});

Deno.test("Narrator names a few of fifty failing trackers, and tells of the rest once", () => {
  const narrator = new Narrator({ remedies: SHELL_REMEDIES });
  const told = Array.from({ length: 50 }, (_, index) =>
    narrator.tell(about({
      event: "tracker-failed",
      tracker: `${tracker}/${index}`,
      message: `Cannot reach ${index}`,
      retryIn: undefined,
    }))).filter((line) => line !== undefined);
  assertEquals(told, [
    ...["Cannot reach 0", "Cannot reach 1", "Cannot reach 2", "Cannot reach 3"],
    "More trackers fail; they are not listed here",
  ]);
});

Deno.test("Narrator tells of peers and completions, and of nothing small", () => {
  const narrator = new Narrator({ remedies: SHELL_REMEDIES });
  const who = { peer: "peer 2", address: "127.0.0.1:7002" };
  assertEquals(
    narrator.tell(about({
      event: "peer-connected",
      source: "tracker",
      client: "vtorrent 0.1.0",
      ...who,
    })),
    '"lecture.pdf": peer 2 connected (vtorrent 0.1.0, 127.0.0.1:7002)',
  );
  assertEquals(
    narrator.tell(about({ event: "torrent-completed", downloaded: 2_097_152, seconds: 2 })),
    '"lecture.pdf" is complete: 2.0 MiB in 2.0s (1.0 MiB/s)',
  );
  assertEquals(
    narrator.tell(about({ event: "piece-verified", piece: 1, hash: "SHA-1", ...who })),
    undefined,
  );
});

Deno.test("Narrator tells of files with other names once, and of those that get one later", () => {
  const narrator = new Narrator({ remedies: SHELL_REMEDIES });
  const checked = (...disks: string[]) =>
    narrator.tell(about({
      event: "torrent-checked",
      have: 0,
      pieces: 1,
      renamed: disks.length,
      renamedFiles: disks.map((disk, index) => ({ path: `t/${index}?`, disk })),
    }));
  const finished = (path: string, disk: string) =>
    narrator.tell(about({ event: "file-completed", path, disk }));
  assertEquals(checked(), undefined);
  assertEquals(checked("t/0_"), '"lecture.pdf": t/0? is t/0_ here');
  assertEquals(checked("t/0_"), undefined);
  assertEquals(
    checked("t/a", "t/b", "t/c", "t/d", "t/e"),
    '"lecture.pdf": 5 files have other names here: t/0? is t/a; t/1? is t/b; t/2? is t/c; and 2 more',
  );
  assertEquals(finished("t/0?", "t/a"), undefined);
  assertEquals(finished("t/x", "t/x"), undefined);
  assertEquals(
    finished("t/x", "t/x (1)"),
    '"lecture.pdf": t/x is t/x (1) here: what had its name stays as it is',
  );
  const later = Array.from({ length: 100 }, (_, n) => finished(`t/${n}`, `t/${n} (1)`))
    .filter((told) => told !== undefined);
  assertEquals(later.length, 4);
  assertEquals(
    later.at(-1),
    '"lecture.pdf": more files have different names on disk; fileinfo lists them',
  );
});

Deno.test("Narrator says of how many trackers the first are used", () => {
  assertEquals(
    new Narrator({ remedies: SHELL_REMEDIES }).tell(
      about({ event: "trackers-left-out", used: 50, named: 200 }),
    ),
    '"lecture.pdf": names 200 trackers; only the first 50 are used',
  );
});

Deno.test("Narrator says how many sources of each kind are left out", () => {
  const leftOut = { webSeeds: 36, peers: 1, nodes: 0, longUrls: 2 };
  assertEquals(
    new Narrator({ remedies: SHELL_REMEDIES }).tell(
      about({ event: "sources-left-out", ...leftOut }),
    ),
    '"lecture.pdf": left out of what it names: 36 web seeds, 1 peer, ' +
      "2 URLs of more than 4096 characters",
  );
  assertEquals(
    new Narrator({ remedies: SHELL_REMEDIES }).tell(
      about({ event: "trackers-left-out", used: 50, named: 256 }),
    ),
    '"lecture.pdf": names 256 trackers or more; only the first 50 are used',
  );
});

/** What is told of `count` torrents of last time; those at `lost` cannot be opened. */
function toldOfRestored(count: number, lost: readonly number[] = []): (string | undefined)[] {
  const narrator = new Narrator({ remedies: SHELL_REMEDIES, expected: count });
  return Array.from({ length: count }, (_, index) => {
    const one = { infoHash: String(index).padStart(40, "0"), name: `t${index}` };
    if (lost.includes(index)) {
      return [narrator.tell({ ...one, event: "restore-failed", reason: "its file is gone" })];
    }
    const state = index % 3 === 0 ? "paused" : "seeding";
    return [
      narrator.tell({ ...one, event: "torrent-restored", size: 1, pieces: 2, wanted: "active" }),
      narrator.tell({
        ...one,
        event: "torrent-checked",
        have: 2,
        pieces: 2,
        renamed: 0,
        renamedFiles: [],
      }),
      narrator.tell({ ...one, event: "torrent-state", state, reason: "checked" }),
    ];
  }).flat().filter((line) => line !== undefined);
}

Deno.test("Narrator tells of a few torrents of last time one by one, of many in one line", () => {
  assertEquals(toldOfRestored(2), [
    '"t0" is back: paused, all 2 pieces here',
    '"t1" is back: seeding, all 2 pieces here',
  ]);
  assertEquals(toldOfRestored(63), ["63 torrents are back: 42 seeding, 21 paused"]);
  assertEquals(toldOfRestored(63, [5, 62]), [
    '"t5" could not be restored: its file is gone',
    '"t62" could not be restored: its file is gone. ' +
    "63 torrents are back: 40 seeding, 21 paused, 2 not restored",
  ]);
});

Deno.test("Narrator says how to go on in the words of its program", () => {
  const event = about({
    event: "torrent-state",
    state: "error",
    reason: "/s/a is missing",
    remedy: { kind: "missing", files: 1 },
  });
  const said = [SHELL_REMEDIES, COMMAND_REMEDIES].map((remedies) =>
    new Narrator({ remedies }).tell(event)
  );
  assertEquals(said, [
    `"lecture.pdf" stopped: /s/a is missing: put it back and type resume, or let resume fetch it ` +
    "again",
    `"lecture.pdf" stopped: /s/a is missing: put it back, name another folder with --dir, or let ` +
    "vtorrent download fetch it again",
  ]);
});
