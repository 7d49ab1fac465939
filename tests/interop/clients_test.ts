/**
 * Files really move between vtorrent and clients of other makes, through our tracker and another's.
 *
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { digestsOf } from "../support/digests.ts";
import { freePort } from "../support/free_port.ts";
import {
  Aria2,
  aria2Udp,
  isInstalled,
  startNpmTracker,
  Transmission,
} from "../support/other_clients.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import type { TestProcess } from "../support/process.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

/** A client that downloads what it lacks and seeds what it has. */
interface OtherClient extends TestProcess {
  complete(): Promise<void>;
}

type Start = (
  torrent: string,
  dir: string,
  task: "seed" | "download",
  tracker: string,
) => Promise<OtherClient>;

const CLIENTS: readonly {
  name: string;
  command: string;
  debianPackage: string;
  start: Start;
  /** Whether it leaves out files without content, as Transmission 3.00 does. */
  skipsEmpty: boolean;
}[] = [
  {
    name: "aria2",
    command: "aria2c",
    debianPackage: "aria2",
    start: (torrent, dir, task, tracker) => {
      const more = tracker.startsWith("udp:") ? aria2Udp(dir) : [];
      return Promise.resolve(new Aria2(torrent, dir, freePort(), task, more));
    },
    skipsEmpty: false,
  },
  {
    name: "Transmission",
    command: "transmission-cli",
    debianPackage: "transmission-cli",
    start: (torrent, dir) => Transmission.start(torrent, dir, freePort()),
    skipsEmpty: true,
  },
];

const TRACKERS: readonly {
  name: string;
  start: () => Promise<{ tracker: TestProcess; url: string }>;
}[] = [
  { name: "our tracker", start: () => Vtorrent.tracker() },
  {
    name: "our tracker over UDP",
    start: async () => {
      const { tracker, url } = await Vtorrent.tracker();
      return { tracker, url: url.replace("http:", "udp:") };
    },
  },
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

for (const client of CLIENTS) {
  for (const { name: trackerName, start } of TRACKERS) {
    Deno.test(`${client.name} downloads from a vtorrent seed through ${trackerName}`, async () => {
      if (!await isInstalled(client.command, client.debianPackage)) return;
      await using folder = await TempFolder.make();
      const { tracker, url } = await start();
      await using _tracker = tracker;
      const torrent = await makeTorrent(folder, url);
      await using seed = new Vtorrent([
        ...["seed", torrent, "--dir", folder.at("source"), ...ON_LOOPBACK],
      ]);
      await seed.event("seeding");
      await using other = await client.start(torrent, folder.at("target"), "download", url);
      await other.complete();
      if (client.skipsEmpty) await Deno.remove(folder.at(`source/${NAME}/leer.txt`));
      assertEquals(
        await digestsOf(folder.at(`target/${NAME}`)),
        await digestsOf(folder.at(`source/${NAME}`)),
      );
    });

    Deno.test(`vtorrent downloads from ${client.name} through ${trackerName}`, async () => {
      if (!await isInstalled(client.command, client.debianPackage)) return;
      await using folder = await TempFolder.make();
      const { tracker, url } = await start();
      await using _tracker = tracker;
      const torrent = await makeTorrent(folder, url);
      await using other = await client.start(torrent, folder.at("source"), "seed", url);
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
}
