/**
 * uTP with libtorrent, which speaks nothing else here.
 *
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { digestsOf } from "../support/digests.ts";
import { Libtorrent } from "../support/libtorrent.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

const ON_LOOPBACK = ["--host", "127.0.0.1", "--port", "0"];

async function makeTorrent(folder: TempFolder): Promise<string> {
  await folder.write("source/it/a.bin", patternBytes(8_000_001, 1));
  await folder.write("source/it/b.txt", patternBytes(777, 2));
  const torrent = folder.at("it.torrent");
  const { code, stderr } = await vtorrent([
    ...["create", folder.at("source/it"), "--piece-length", "64k", "--output", torrent],
  ]);
  assertEquals(code, 0, stderr);
  return torrent;
}

for (const encryption of ["allow", "require"]) {
  Deno.test(`a seed takes libtorrent's call over uTP, --encryption ${encryption}`, async () => {
    if (!await Libtorrent.isInstalled()) return;
    await using folder = await TempFolder.make();
    const torrent = await makeTorrent(folder);
    await using seed = new Vtorrent([
      ...["seed", torrent, "--dir", folder.at("source"), "--encryption", encryption],
      ...ON_LOOPBACK,
    ]);
    const { port } = await seed.event("started");
    await seed.event("seeding");
    const call = ["--utp", "--peer", `127.0.0.1:${port}`];
    await using other = await Libtorrent.start(torrent, folder.at("target"), call);
    await other.complete();
    assertEquals(await digestsOf(folder.at("target/it")), await digestsOf(folder.at("source/it")));
  });

  Deno.test(`--utp prefer downloads from libtorrent, --encryption ${encryption}`, async () => {
    if (!await Libtorrent.isInstalled()) return;
    await using folder = await TempFolder.make();
    const torrent = await makeTorrent(folder);
    await using other = await Libtorrent.start(torrent, folder.at("source"), ["--utp"]);
    const port = await other.port();
    await other.complete();
    const download = await vtorrent([
      ...["download", torrent, "--dir", folder.at("target"), "--utp", "prefer"],
      ...["--peer", `127.0.0.1:${port}`, "--encryption", encryption, "--timeout", "60"],
      ...ON_LOOPBACK,
    ]);
    assertEquals(download.code, 0, download.stderr);
    assertEquals(await digestsOf(folder.at("target/it")), await digestsOf(folder.at("source/it")));
  });
}
