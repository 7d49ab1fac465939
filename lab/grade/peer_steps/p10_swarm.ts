/**
 * P10: a swarm with a real tracker and real peers of ours.
 *
 * @module
 */
import { fetchFile } from "../fetch_file.ts";
import { howItEnded } from "../ask.ts";
import { untilListening, writeContent } from "../seeding.ts";
import type { Probe, Step } from "../step.ts";
import type { TorrentOnDisk, Trial } from "../trial.ts";
import { realPeer, realTracker } from "../vtorrent_peer.ts";

const PIECE = 65536;

/** A torrent of some size, announced to a tracker of ours. */
async function realTorrent(trial: Trial): Promise<TorrentOnDisk> {
  const announce = await realTracker(trial);
  const length = 30 * PIECE + 12_345 + trial.random.below(20_000);
  return await trial.torrent({ announce, pieceLength: PIECE, length });
}

const PROBES: readonly Probe[] = [
  {
    id: "P10.1",
    title: "A file from a vtorrent peer",
    points: 5,
    plain: true,
    uses: ["download"],
    run: async (trial) => {
      const torrent = await realTorrent(trial);
      await realPeer(trial, torrent, "all");
      await fetchFile(trial, {
        word: "download",
        torrent,
        values: { torrent: torrent.path },
        content: torrent.content,
        what: "the file",
        why: "The protocol is the same whoever wrote the other side",
      });
    },
  },
  {
    id: "P10.2",
    title: "A file to a vtorrent peer, which finds it by the tracker",
    points: 5,
    timed: true,
    uses: ["seed"],
    run: async (trial: Trial) => {
      const torrent = await realTorrent(trial);
      const dir = await trial.newFolder("content");
      await writeContent(dir, torrent);
      const port = trial.port();
      const run = await trial.start("seed", { torrent: torrent.path, dir, port });
      await untilListening(trial, run, port);
      const peer = await realPeer(trial, torrent, "nothing");
      // Progress of the transfer is no event by itself.
      while (!peer.complete()) {
        const before = peer.downloaded();
        await trial.until(() => peer.complete() || peer.downloaded() > before || undefined, run);
        if (peer.downloaded() === before && !peer.complete()) break;
      }
      if (peer.complete()) return;
      await run.ended(0);
      trial.fail({
        expected: `all of ${torrent.length} bytes at the other peer`,
        seen: `${peer.downloaded()} bytes of it, and then nothing for ` +
          `${Math.round(trial.patience / 1000)} s${howItEnded(run)}`,
        why: "BEP 3: a seed announces itself, takes calls and gives what is asked for",
      });
    },
  },
  {
    id: "P10.3",
    title: "A file in a swarm of three vtorrent peers, one of them a seed",
    points: 5,
    uses: ["download"],
    run: async (trial) => {
      const torrent = await realTorrent(trial);
      await realPeer(trial, torrent, "all");
      for (let i = 0; i < 2; i++) await realPeer(trial, torrent, "nothing");
      await fetchFile(trial, {
        word: "download",
        torrent,
        values: { torrent: torrent.path },
        content: torrent.content,
        what: "the file",
        why: "In a swarm peers come, go, have part of it, choke and unchoke",
      });
    },
  },
];

export const P10: Step = {
  id: "P10",
  of: "peer",
  title: "In a swarm with vtorrent",
  needs: ["P5"],
  probes: PROBES,
};
