/**
 * Magnet links: metadata and files move between vtorrent and clients of other makes (BEP 9).
 *
 * @module
 */
import { parseMagnet } from "../../protocol/mod.ts";
import { assertEquals } from "../support/assert.ts";
import { digestsOf } from "../support/digests.ts";
import { freePort } from "../support/free_port.ts";
import { Aria2, isInstalled, Libtorrent, Transmission } from "../support/other_clients.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import type { TestProcess } from "../support/process.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

interface OtherClient extends TestProcess {
  complete(): Promise<void>;
}

const CLIENTS: readonly {
  name: string;
  isInstalled: () => Promise<boolean>;
  start: (
    what: string,
    dir: string,
    port: number,
    task: "seed" | "download",
  ) => Promise<OtherClient>;
}[] = [
  {
    name: "aria2",
    isInstalled: () => isInstalled("aria2c", "aria2"),
    start: (what, dir, port, task) => Promise.resolve(new Aria2(what, dir, port, task)),
  },
  {
    name: "Transmission",
    isInstalled: () => isInstalled("transmission-cli", "transmission-cli"),
    start: (what, dir, port) => Transmission.start(what, dir, port),
  },
  {
    name: "libtorrent",
    isInstalled: () => Libtorrent.isInstalled(),
    start: (what, dir, port) => Promise.resolve(new Libtorrent(what, dir, port)),
  },
];

const ON_LOOPBACK = ["--host", "127.0.0.1", "--port", "0"];

/** Enough pieces for metadata of several parts; `tracker` may be none. */
async function makeTorrent(
  folder: TempFolder,
): Promise<{ torrent: string; infoHash: string }> {
  await folder.write("source/lecture/slides.pdf", patternBytes(40_000_001, 1));
  await folder.write("source/lecture/notes/Übung.txt", patternBytes(777, 2));
  const torrent = folder.at("it.torrent");
  const { code, stderr } = await vtorrent([
    ...["create", folder.at("source/lecture"), "--piece-length", "16k", "--output", torrent],
  ]);
  assertEquals(code, 0, stderr);
  const shown = await vtorrent(["show", torrent, "--json"]);
  const infoHash = /"info_hash":"([0-9a-f]{40})"/.exec(shown.stdout)![1]!;
  return { torrent, infoHash };
}

for (const client of CLIENTS) {
  Deno.test(`vtorrent downloads a magnet link from ${client.name}`, async () => {
    if (!await client.isInstalled()) return;
    await using folder = await TempFolder.make();
    const { torrent, infoHash } = await makeTorrent(folder);
    const port = freePort();
    await using other = await client.start(torrent, folder.at("source"), port, "seed");
    await other.complete();
    const magnet = `magnet:?xt=urn:btih:${infoHash}&dn=x&x.pe=127.0.0.1:${port}`;
    const download = await vtorrent([
      ...["download", magnet, "--dir", folder.at("target"), "--timeout", "60", ...ON_LOOPBACK],
    ]);
    assertEquals(download.code, 0, download.stderr);
    assertEquals(await digestsOf(folder.at("target")), await digestsOf(folder.at("source")));
  });

  Deno.test(`${client.name} downloads a magnet link from vtorrent`, async () => {
    if (!await client.isInstalled()) return;
    await using folder = await TempFolder.make();
    const { torrent, infoHash } = await makeTorrent(folder);
    const { tracker, url } = await Vtorrent.tracker();
    await using _tracker = tracker;
    const port = freePort();
    const magnet = `magnet:?xt=urn:btih:${infoHash}&tr=${encodeURIComponent(url)}`;
    await using other = await client.start(magnet, folder.at("target"), port, "download");
    // Transmission refuses loopback addresses from a tracker: it has to be dialled.
    await using seed = new Vtorrent([
      ...["seed", torrent, "--dir", folder.at("source"), ...ON_LOOPBACK],
      ...["--tracker", url, "--peer", `127.0.0.1:${port}`],
    ]);
    const told = String((await seed.event("seeding")).magnet);
    assertEquals(parseMagnet(told).infoHash.toHex(), infoHash);
    await other.complete();
    assertEquals(
      await digestsOf(folder.at("target/lecture")),
      await digestsOf(folder.at("source/lecture")),
    );
  });
}
