/**
 * A real peer and a real tracker of ours in a probe: what a student's program meets outside.
 *
 * @module
 */
import { join } from "@std/path";
import { writeContent } from "./seeding.ts";
import type { TorrentOnDisk, Trial } from "./trial.ts";

/** One of our peers in a probe's swarm. */
export interface VtorrentPeer {
  readonly dir: string;
  /** Bytes of payload that it got so far. */
  downloaded(): number;
  /** Whether it has every piece. */
  complete(): boolean;
  /** Whether its tracker has answered an announce of its. */
  announced(): boolean;
}

/** Starts our tracker; its announce URL. */
export async function realTracker(trial: Trial): Promise<string> {
  const { startTracker } = await import("../../tracker/mod.ts");
  const tracker = trial.own(await startTracker({ host: "127.0.0.1", port: 0 }));
  return tracker.urls[0]!;
}

/** Starts one of our peers with everything or nothing of a torrent. */
export async function realPeer(
  trial: Trial,
  torrent: TorrentOnDisk,
  has: "all" | "nothing",
  port = 0,
): Promise<VtorrentPeer> {
  const { Engine } = await import("../../peer/mod.ts");
  const dir = await trial.newFolder(`vtorrent-${has}`);
  if (has === "all") await writeContent(dir, torrent);
  const engine = trial.own(
    await Engine.start({
      ...{ name: "grade", host: "127.0.0.1", port, dir, utp: "off" },
      sources: { tracker: true, pex: false, lsd: false, dht: "off" },
    }),
  );
  engine.subscribe(() => trial.stir());
  const infoHash = await engine.add(torrent.bytes);
  const snapshot = () => engine.snapshot().torrents.find((one) => one.infoHash === infoHash);
  return {
    dir: join(dir, torrent.name),
    downloaded: () => snapshot()?.downloaded ?? 0,
    complete: () => snapshot()?.left === 0,
    announced: () => snapshot()?.trackers.some(({ status }) => status === "working") ?? false,
  };
}
