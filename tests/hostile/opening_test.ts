/**
 * Torrents of many files that come to a peer by each way: how long the loop of the real program stands still
 * until they are open, in CPU time of its thread.
 *
 * @module
 */
import { TempFolder } from "../support/temp_folder.ts";
import { Program } from "./honest_swarm.ts";
import { requireNoStall, SHAPES } from "./wide_torrents.ts";

/** A peer with a page and a store that it keeps. */
class Victim extends Program {
  constructor(folder: TempFolder, { page }: { page: boolean }) {
    const args = ["peer", "victim", "--host", "127.0.0.1", "--port", "0"];
    if (page) args.push("--web-port", "0");
    // Nobody answers there.
    super([...args, "--tracker", "http://127.0.0.1:1/announce"], folder.path, "victim");
  }
}

/** Ways on which a torrent comes to a running peer. */
const WAYS: readonly [
  way: string,
  give: (
    victim: Victim,
    folder: TempFolder,
    torrent: Uint8Array,
  ) => Promise<void>,
][] = [
  ["its page", async (victim, _folder, torrent) => {
    const url = new URL(String((await victim.event("page"))["url"]));
    const reply = await fetch(`${url.origin}/api/v1/torrents`, {
      method: "POST",
      headers: {
        "Authorization": `Bearer ${url.hash.replace(/^#(token=)?/, "")}`,
        "Content-Type": "application/x-bittorrent",
      },
      body: torrent as Uint8Array<ArrayBuffer>,
    });
    await reply.body?.cancel();
  }],
  ["the command line", async (victim, folder, torrent) => {
    await folder.write("wide.torrent", torrent);
    await victim.type("torrent -mode download wide.torrent");
  }],
];

for (const [what, make] of SHAPES.filter(([what]) => what.endsWith("100,000 files"))) {
  for (const [way, give] of WAYS) {
    Deno.test(`a peer's loop goes on while ${what} come by ${way}, and at the next start`, async () => {
      await using folder = await TempFolder.make();
      {
        await using victim = new Victim(folder, { page: true });
        await victim.event("started");
        await victim.event("page");
        victim.forgetStalls();
        await give(victim, folder, make());
        await victim.event("torrent-checked");
        await requireNoStall(victim, way);
        victim.kill("SIGTERM");
        await victim.ended();
      }
      await using again = new Victim(folder, { page: false });
      // Starting has stalls of its own.
      await again.event("started");
      again.forgetStalls();
      await again.event("torrent-checked");
      await requireNoStall(again, "restored");
    });
  }
}
