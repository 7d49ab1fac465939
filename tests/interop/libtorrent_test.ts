/**
 * v1, hybrid and v2 torrents move both ways between vtorrent and libtorrent 2 (BEP 52).
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { createTorrent } from "../../peer/mod.ts";
import { digestsOf } from "../support/digests.ts";
import { Libtorrent, libtorrentCreate } from "../support/libtorrent.ts";
import { addressOf, TestEngine } from "../support/swarm.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";

const KINDS = ["v1", "hybrid", "v2"] as const;
const PIECE = 32768;

/**
 * Files that trip up whoever counts wrong: shorter than a block, than a piece, exactly one, several;
 * empty ones; equal ones, which share their tree; names that sort differently as paths.
 */
async function makeFolder(folder: TempFolder): Promise<void> {
  await folder.write("source/n/a/block.bin", patternBytes(16384, 1));
  await folder.write("source/n/a/pieces.bin", patternBytes(4 * PIECE, 2));
  await folder.write("source/n/a.txt", patternBytes(10, 3));
  await folder.write("source/n/aa empty", "");
  await folder.write("source/n/B/Ümlaut.bin", patternBytes(3 * PIECE + 16385, 4));
  await folder.write("source/n/B/same", patternBytes(1_000_001, 5));
  await folder.write("source/n/same", patternBytes(1_000_001, 5));
  await folder.write("source/n/z empty", "");
}

const SHAPES: readonly { name: string; make: (folder: TempFolder) => Promise<void> }[] = [
  { name: "a folder", make: makeFolder },
  {
    name: "a file",
    make: async (folder) => void await folder.write("source/n", patternBytes(3_000_001, 6)),
  },
  {
    name: "a tiny file",
    make: async (folder) => void await folder.write("source/n", patternBytes(5, 7)),
  },
  {
    name: "a folder of one file",
    make: async (folder) => void await folder.write("source/n/x", patternBytes(100_000, 8)),
  },
];

/** A .torrent of `source/n`. Ours for a v1 one: libtorrent takes files as the folder has them. */
async function makeTorrent(folder: TempFolder, kind: (typeof KINDS)[number]): Promise<string> {
  const torrent = folder.at("it.torrent");
  if (kind === "v1") {
    const { bytes } = await createTorrent({ path: folder.at("source/n"), pieceLength: PIECE });
    await Deno.writeFile(torrent, bytes);
  } else {
    await libtorrentCreate(folder.at("source/n"), torrent, kind, PIECE);
  }
  return torrent;
}

/** What is at `path`: a file or a folder. */
async function contentOf(path: string): Promise<unknown> {
  const { isFile } = await Deno.stat(path);
  return isFile ? (await Deno.readFile(path)).toHex() : await digestsOf(path);
}

for (const kind of KINDS) {
  for (const { name, make } of SHAPES) {
    if (kind !== "v1") {
      Deno.test(`create: the ${kind} torrent of ${name} is libtorrent's`, async () => {
        if (!await Libtorrent.isInstalled()) return;
        await using folder = await TempFolder.make();
        await make(folder);
        const theirs = await libtorrentCreate(
          folder.at("source/n"),
          folder.at("it.torrent"),
          kind,
          PIECE,
        );
        const ours = await createTorrent({
          path: folder.at("source/n"),
          kind,
          pieceLength: PIECE,
        });
        assertEquals(ours.infoHashV2?.toHex(), theirs.v2 ?? undefined);
        assertEquals(
          ours.infoHash.toHex(),
          kind === "v2" ? theirs.v2?.slice(0, 40) : theirs.v1,
        );
      });
    }

    Deno.test(`libtorrent downloads ${name} (${kind}) from vtorrent`, async () => {
      if (!await Libtorrent.isInstalled()) return;
      await using folder = await TempFolder.make();
      await make(folder);
      const torrent = await makeTorrent(folder, kind);
      await using seed = await TestEngine.start({ dir: folder.at("source") });
      await seed.engine.add(await Deno.readFile(torrent));
      await seed.until("torrent-state", (event) => event.state === "seeding");
      const { host, port } = addressOf(seed);
      await using other = await Libtorrent.start(torrent, folder.at("target"), [
        "--peer",
        `${host}:${port}`,
      ]);
      await other.complete();
      // libtorrent 2.0 takes a v2 folder of one file for the file (as BEP 52 allows).
      const target = kind === "v2" && name === "a folder of one file" ? "target/x" : "target/n";
      const source = target === "target/x" ? "source/n/x" : "source/n";
      assertEquals(await contentOf(folder.at(target)), await contentOf(folder.at(source)));
    });

    Deno.test(`vtorrent downloads ${name} (${kind}) from libtorrent`, async () => {
      if (!await Libtorrent.isInstalled()) return;
      await using folder = await TempFolder.make();
      await make(folder);
      const torrent = await makeTorrent(folder, kind);
      const lies = kind === "v2" && name === "a folder of one file" ? "source/n" : "source";
      await using other = await Libtorrent.start(torrent, folder.at(lies));
      await other.complete();
      await Deno.mkdir(folder.at("target"));
      await using leech = await TestEngine.start({ dir: folder.at("target") });
      const infoHash = await leech.engine.add(await Deno.readFile(torrent));
      leech.engine.addPeer(infoHash, { host: "127.0.0.1", port: await other.port() });
      await leech.until("torrent-completed");
      assertEquals(
        await contentOf(folder.at("target/n")),
        await contentOf(folder.at("source/n")),
      );
      assert(!other.stdout.some((line) => line.startsWith("error")), other.stdout.join("\n"));
    });
  }
}
