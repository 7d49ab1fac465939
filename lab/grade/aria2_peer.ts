/**
 * aria2 in a probe, where it is installed: a peer of another make.
 *
 * @module
 */
import { join } from "@std/path";
import { ARIA2_PROBE, aria2Command } from "../programs/aria2.ts";
import type { TorrentOnDisk, Trial } from "./trial.ts";
import type { VtorrentPeer } from "./vtorrent_peer.ts";

/** Whether it can be started here. */
export async function hasAria2(): Promise<boolean> {
  try {
    const [command, ...args] = ARIA2_PROBE;
    const { success } = await new Deno.Command(command, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

/** Starts it with nothing of a torrent; nothing but the torrent's tracker tells it of peers. */
export async function downloadsWithAria2(
  trial: Trial,
  torrent: TorrentOnDisk,
): Promise<Pick<VtorrentPeer, "downloaded" | "complete">> {
  const port = trial.port();
  const { run, folder } = await trial.startOther("aria2", (dir) => [
    ...aria2Command({ dir, port }),
    "--seed-time=0",
    // In seconds, however long the tracker wants it to wait.
    "--bt-tracker-interval=2",
    torrent.path,
  ]);
  return {
    downloaded: () => sizeOf(join(folder, torrent.name)),
    complete: () => run.end?.code === 0 || /Download complete/.test(run.stdout.text()),
  };
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
