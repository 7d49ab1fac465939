/**
 * `vtorrent link <FILE>`: the magnet link of a .torrent.
 *
 * @module
 */
import { formatMagnet, parseInfoHash } from "../../protocol/mod.ts";
import type { ProgramCall } from "../program_table.ts";
import { readTorrent } from "../torrent_file.ts";

export async function run({ args, flags, world, screen }: ProgramCall): Promise<number> {
  const { metainfo, infoHash } = await readTorrent(args[0]!, world);
  const magnet = formatMagnet({
    infoHash: parseInfoHash(infoHash)!,
    name: metainfo.info.name,
    trackers: metainfo.trackers.flat(),
    webSeeds: metainfo.webSeeds,
    peers: [...flags.peer ?? []],
    select: undefined,
  });
  const { name } = metainfo.info;
  if (screen.json) {
    const row = { name, "info_hash": infoHash, magnet };
    screen.show({ view: "facts", event: "link", columns: [], row });
  } else {
    // In one line, however narrow the terminal is: it is to be copied.
    world.stdout.write(`${magnet}\n`);
  }
  return 0;
}
