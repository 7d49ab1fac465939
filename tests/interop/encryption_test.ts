/**
 * Encrypted connections with clients of other makes that refuse all others, as we come to them by
 * default. Both sides requiring it is in the matrix.
 *
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { digestsOf } from "../support/digests.ts";
import { freePort } from "../support/free_port.ts";
import { Aria2, isInstalled, Transmission } from "../support/other_clients.ts";
import type { TestProcess } from "../support/process.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

type Start = (
  torrent: string,
  dir: string,
  task: "seed" | "download",
) => Promise<TestProcess & { complete(): Promise<void> }>;

const ARIA2_REQUIRES = ["--bt-require-crypto=true", "--bt-min-crypto-level=arc4"];

const CLIENTS: readonly {
  name: string;
  command: string;
  debianPackage: string;
  start: Start;
}[] = [
  {
    name: "aria2",
    command: "aria2c",
    debianPackage: "aria2",
    start: (torrent, dir, task) =>
      Promise.resolve(new Aria2(torrent, dir, freePort(), task, ARIA2_REQUIRES)),
  },
  {
    name: "Transmission",
    command: "transmission-cli",
    debianPackage: "transmission-cli",
    start: (torrent, dir) =>
      Transmission.start(torrent, dir, freePort(), { encryption: "required" }),
  },
];

const ON_LOOPBACK = ["--host", "127.0.0.1", "--port", "0"];

async function makeTorrent(folder: TempFolder, tracker: string): Promise<string> {
  await folder.write("source/it/a.bin", patternBytes(5_000_001, 1));
  await folder.write("source/it/b.txt", patternBytes(777, 2));
  const torrent = folder.at("it.torrent");
  const { code, stderr } = await vtorrent([
    ...["create", folder.at("source/it"), "--piece-length", "64k"],
    ...["--tracker", tracker, "--output", torrent],
  ]);
  assertEquals(code, 0, stderr);
  return torrent;
}

for (const { name, command, debianPackage, start } of CLIENTS) {
  Deno.test(`${name}, which requires RC4, downloads from a seed`, async () => {
    if (!await isInstalled(command, debianPackage)) return;
    await using folder = await TempFolder.make();
    const { tracker, url } = await Vtorrent.tracker();
    await using _tracker = tracker;
    const torrent = await makeTorrent(folder, url);
    await using seed = new Vtorrent([
      ...["seed", torrent, "--dir", folder.at("source")],
      ...ON_LOOPBACK,
    ]);
    await seed.event("seeding");
    await using other = await start(torrent, folder.at("target"), "download");
    await other.complete();
    assertEquals(
      await digestsOf(folder.at("target/it")),
      await digestsOf(folder.at("source/it")),
    );
  });

  Deno.test(`vtorrent downloads from ${name}, which requires RC4`, async () => {
    if (!await isInstalled(command, debianPackage)) return;
    await using folder = await TempFolder.make();
    const { tracker, url } = await Vtorrent.tracker();
    await using _tracker = tracker;
    const torrent = await makeTorrent(folder, url);
    await using other = await start(torrent, folder.at("source"), "seed");
    await other.complete();
    const download = await vtorrent([
      ...["download", torrent, "--dir", folder.at("target")],
      ...["--timeout", "60", ...ON_LOOPBACK],
    ]);
    assertEquals(download.code, 0, download.stderr);
    assertEquals(
      await digestsOf(folder.at("target/it")),
      await digestsOf(folder.at("source/it")),
    );
  });
}

Deno.test("peerinfo says what is encrypted", async () => {
  await using folder = await TempFolder.make();
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  const torrent = await makeTorrent(folder, url);
  await using seed = new Vtorrent(["seed", torrent, "--dir", folder.at("source"), ...ON_LOOPBACK]);
  await seed.event("seeding");
  await using peer = Vtorrent.peer("x", {
    tracker: url,
    cwd: folder.at("."),
    args: ["--encryption", "require"],
  });
  await peer.type(`download ${torrent}`);
  await peer.event("torrent-completed");
  await peer.type("peerinfo");
  const { peers } = await peer.event("peerinfo");
  assertEquals((peers as { encryption: string }[]).map(({ encryption }) => encryption), ["rc4"]);
  await peer.closeInput();
  assertEquals((await peer.ended()).code, 0);
});
