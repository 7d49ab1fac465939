/**
 * `vtorrent link <FILE>`: the magnet link of a .torrent.
 *
 * @module
 */
import { magnetLink } from "../arguments/magnet_link.ts";
import type { ProgramCall } from "../help/program_table.ts";
import { readTorrent } from "../arguments/torrent_file.ts";

export async function run({ args, flags, world, screen }: ProgramCall): Promise<number> {
  const { metainfo, infoHash } = await readTorrent(args[0]!, world);
  const magnet = magnetLink(
    metainfo,
    metainfo.trackers.flat(),
    metainfo.webSeeds,
    flags.peer,
  );
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
