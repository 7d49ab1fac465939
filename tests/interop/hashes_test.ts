/**
 * Hashes of v2 torrents move both ways between vtorrent and libtorrent 2 (BEP 52): who has only a
 * magnet link asks for them.
 *
 * @module
 */
import { createTorrent } from "../../peer/mod.ts";
import { parseMagnet } from "../../protocol/magnet.ts";
import { parseMetainfo } from "../../protocol/metainfo.ts";
import { magnetLink } from "../../shell/arguments/magnet_link.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { digestsOf } from "../support/digests.ts";
import { Libtorrent, libtorrentCreate } from "../support/libtorrent.ts";
import { addressOf, TestEngine } from "../support/swarm.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";

const PIECE = 16384;

/** More pieces than one question may ask for (512), and a file that needs no hashes at all. */
async function makeFolder(folder: TempFolder): Promise<void> {
  await folder.write("source/n/large", patternBytes(1200 * PIECE - 5, 1));
  await folder.write("source/n/small", patternBytes(700, 2));
}

for (const kind of ["hybrid", "v2"] as const) {
  Deno.test(`libtorrent downloads a ${kind} magnet link from vtorrent`, async () => {
    if (!await Libtorrent.isInstalled()) return;
    await using folder = await TempFolder.make();
    await makeFolder(folder);
    const path = folder.at("source/n");
    const { bytes } = await createTorrent({ path, kind, pieceLength: PIECE });
    await using seed = await TestEngine.start({ dir: folder.at("source") });
    await seed.engine.add(bytes);
    await seed.until("torrent-state", (event) => event.state === "seeding");
    const link = magnetLink(parseMetainfo(bytes), [], []);
    const { host, port } = addressOf(seed);
    await using other = await Libtorrent.start(link, folder.at("target"), [
      "--peer",
      `${host}:${port}`,
    ]);
    await other.complete();
    assertEquals(await digestsOf(folder.at("target")), await digestsOf(folder.at("source")));
  });

  Deno.test(`vtorrent downloads a ${kind} magnet link from libtorrent, and remembers`, async () => {
    if (!await Libtorrent.isInstalled()) return;
    await using folder = await TempFolder.make();
    await makeFolder(folder);
    const torrent = folder.at("it.torrent");
    await libtorrentCreate(folder.at("source/n"), torrent, kind, PIECE);
    await using other = await Libtorrent.start(torrent, folder.at("source"));
    await other.complete();
    await Deno.mkdir(folder.at("target"));
    await using leech = await TestEngine.start({
      dir: folder.at("target"),
      stateDir: folder.at("state"),
    });
    const original = await Deno.readFile(torrent);
    const metainfo = parseMetainfo(original);
    const infoHash = leech.engine.addMagnet(parseMagnet(magnetLink(metainfo, [], [])), {
      peers: [{ host: "127.0.0.1", port: await other.port() }],
    });
    await leech.until("torrent-completed");
    assertEquals(await digestsOf(folder.at("target")), await digestsOf(folder.at("source")));
    assert(!other.stdout.some((line) => line.startsWith("error")), other.stdout.join("\n"));
    if (kind === "v2") {
      // Whoever downloads from this .torrent later needs no questions.
      const { pieceLayers } = parseMetainfo(leech.engine.torrentBytes(infoHash));
      assertEquals(pieceLayers, metainfo.pieceLayers);
    }
  });
}
