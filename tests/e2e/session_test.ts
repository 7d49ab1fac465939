/**
 * The session that vtorrent is made for, in three processes, as it is typed.
 *
 * @module
 */
import { join } from "@std/path";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { digestOf } from "../support/digests.ts";
import { type ProcessOptions, TestProcess } from "../support/process.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { VTORRENT, Vtorrent } from "../support/vtorrent.ts";

/** A program with a shell, its output as people see it in a pipe. */
function shell(args: readonly string[], options: ProcessOptions): TestProcess {
  const where = ["--host", "127.0.0.1", "--port", "0"];
  return new TestProcess(VTORRENT, [...args, ...where], { typing: true, ...options });
}

Deno.test("a tracker, a peer that sends and a peer that downloads", async (t) => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  const lecture = await folder.write("peer_files/peer_1/lecture 1.pdf", patternBytes(5_000_000));
  await using tracker = shell(["tracker"], { cwd });
  const url = /http:\S+/.exec(await tracker.line(/^Tracker: /))![0];
  await using peer1 = shell(["peer", "1", "--tracker", url], { cwd });
  await using peer2 = shell(["peer", "2", "--tracker", url], { cwd });

  await t.step("send and download", async () => {
    await peer1.type("torrent -mode send lecture 1.pdf");
    assertMatch(await peer1.line(/^name: lecture 1\.pdf/), /state: seeding/);
    await peer2.type('torrent --mode download "lecture 1.pdf"');
    await peer2.line(/is complete/);
    assertEquals(
      await digestOf(folder.at("peer_files/peer_2/lecture 1.pdf")),
      await digestOf(lecture),
    );
  });

  await t.step("scrape, list, fileinfo, peerinfo and status say what is so", async () => {
    // What peer 2 told the tracker of its completion, the tracker says to everybody.
    await peer2.type("scrape lecture 1.pdf");
    assertMatch(await peer2.line(/seeders: /), /seeders: 2, leechers: 0, completed: 1/);
    await tracker.type("torrent -mode scrape lecture 1.pdf");
    assertMatch(await tracker.line(/seeders: /), /seeders: 2, leechers: 0, completed: 1/);
    for (const process of [tracker, peer1, peer2]) {
      await process.type("list");
      await process.line(/^name: lecture 1\.pdf.*info_hash: [0-9a-f]{40}/);
    }
    await tracker.type("peerinfo");
    await tracker.line(/peer_id: 1, ip: 127\.0\.0\.1, port: \d+, score: -?\d+/);
    await tracker.line(/peer_id: 2, ip: 127\.0\.0\.1, port: \d+, score: -?\d+/);
    await tracker.type("fileinfo lecture 1.pdf");
    await tracker.line(/peer_id: 1, ip: 127\.0\.0\.1, port: \d+, status: seeder/);
    await tracker.line(/peer_id: 2, ip: 127\.0\.0\.1, port: \d+, status: seeder/);
    await peer1.type("fileinfo lecture 1.pdf");
    await peer1.line(/magnet:\?xt=urn:btih:[0-9a-f]{40}/);
    await peer1.type("status");
    await peer1.line(/lecture 1\.pdf.*seeding/);
  });

  await t.step("exit says goodbye", async () => {
    await peer2.type("exit");
    assertEquals((await peer2.ended(5000)).code, 0);
    await peer1.type("scrape lecture 1.pdf");
    await peer1.line(/seeders: 1, leechers: 0, completed: 1/);
  });

  await t.step("a peer that comes back seeds what it had, without being told", async () => {
    await using again = Vtorrent.peer("2", { tracker: url, cwd });
    await again.event("announced", ({ seeders }) => seeders === 2);
    assertEquals(again.count("piece-verified"), 0);
  });

  await t.step("the end of input is an exit", async () => {
    await peer1.closeInput();
    assertEquals((await peer1.ended(5000)).code, 0);
    await tracker.type("exit");
    assertEquals((await tracker.ended(5000)).code, 0);
  });
});

Deno.test("a fourth peer joins while the first leaves; the others complete among themselves", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  const source = await folder.write("peer_files/peer_1/film.mp4", patternBytes(8_000_000));
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  // Slow enough that the first leaves in the middle, with every piece out once.
  const start = (id: string, limit: string) =>
    Vtorrent.peer(id, { tracker: url, cwd, args: ["--upload-limit", limit] });
  await using peer1 = start("1", "4M");
  await peer1.type("send film.mp4");
  const { pieces } = await peer1.event("sent");
  await using peer2 = start("2", "512k");
  await using peer3 = start("3", "512k");
  for (const peer of [peer2, peer3]) await peer.type("download film.mp4");

  const owned = new Set<unknown>();
  const everyPieceIsOut = () => {
    for (const { event, piece } of [...peer2.events, ...peer3.events]) {
      if (event === "piece-verified") owned.add(piece);
    }
    return owned.size === pieces || undefined;
  };
  // The last one reaches either of them.
  const all = "all pieces among peers 2 and 3";
  await Promise.any([peer2, peer3].map((peer) => peer.until(everyPieceIsOut, all)));
  assert(
    [peer2, peer3].some((peer) => peer.count("downloaded") === 0),
    "the first left too late to show anything",
  );
  await using peer4 = start("4", "512k");
  await Promise.all([peer1.type("exit"), peer4.type("download film.mp4")]);
  assertEquals((await peer1.ended(5000)).code, 0);
  for (const [index, peer] of [peer2, peer3, peer4].entries()) {
    await peer.event("downloaded");
    assertEquals(
      await digestOf(join(cwd, `peer_files/peer_${index + 2}/film.mp4`)),
      await digestOf(source),
    );
  }
});
