/**
 * Files really move between vtorrent and aria2, through our tracker and another's. Other makes, and
 * trackers over UDP, are in the matrix.
 *
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { digestsOf } from "../support/digests.ts";
import { freePort } from "../support/free_port.ts";
import { Aria2, isInstalled, startNpmTracker } from "../support/other_clients.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import type { TestProcess } from "../support/process.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

const TRACKERS: readonly {
  name: string;
  start: () => Promise<{ tracker: TestProcess; url: string }>;
}[] = [
  { name: "our tracker", start: () => Vtorrent.tracker() },
  { name: "npm's bittorrent-tracker", start: startNpmTracker },
];

const NAME = "Vorträge & Übungen 日本";
const ON_LOOPBACK = ["--host", "127.0.0.1", "--port", "0"];

/** A torrent with all that trips clients up: an empty file, spaces, other scripts, nested folders. */
async function makeTorrent(folder: TempFolder, tracker: string): Promise<string> {
  const source = `source/${NAME}`;
  await folder.write(`${source}/1 Einführung/Folien für alle.pdf`, patternBytes(3_000_001, 1));
  await folder.write(`${source}/1 Einführung/Übung/Lösung 1.txt`, patternBytes(777, 2));
  await folder.write(`${source}/leer.txt`, "");
  await folder.write(`${source}/ビデオ/講義.mp4`, patternBytes(2_500_000, 3));
  await folder.write(`${source}/z.bin`, patternBytes(1, 4));
  const torrent = folder.at("it.torrent");
  const { code, stderr } = await vtorrent([
    ...["create", folder.at(source), "--piece-length", "64k"],
    ...["--tracker", tracker, "--output", torrent],
  ]);
  assertEquals(code, 0, stderr);
  return torrent;
}

for (const { name, start } of TRACKERS) {
  Deno.test(`aria2 downloads from a vtorrent seed through ${name}`, async () => {
    if (!await isInstalled("aria2c", "aria2")) return;
    await using folder = await TempFolder.make();
    const { tracker, url } = await start();
    await using _tracker = tracker;
    const torrent = await makeTorrent(folder, url);
    await using seed = new Vtorrent([
      ...["seed", torrent, "--dir", folder.at("source"), ...ON_LOOPBACK],
    ]);
    await seed.event("seeding");
    await using other = new Aria2(torrent, folder.at("target"), freePort(), "download");
    await other.complete();
    assertEquals(
      await digestsOf(folder.at(`target/${NAME}`)),
      await digestsOf(folder.at(`source/${NAME}`)),
    );
  });

  Deno.test(`vtorrent downloads from aria2 through ${name}`, async () => {
    if (!await isInstalled("aria2c", "aria2")) return;
    await using folder = await TempFolder.make();
    const { tracker, url } = await start();
    await using _tracker = tracker;
    const torrent = await makeTorrent(folder, url);
    await using other = new Aria2(torrent, folder.at("source"), freePort(), "seed");
    await other.complete();
    const download = await vtorrent([
      ...["download", torrent, "--dir", folder.at("target"), "--timeout", "60", ...ON_LOOPBACK],
    ]);
    assertEquals(download.code, 0, download.stderr);
    assertEquals(
      await digestsOf(folder.at(`target/${NAME}`)),
      await digestsOf(folder.at(`source/${NAME}`)),
    );
  });
}
