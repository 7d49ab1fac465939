/**
 * T7: two hundred peers at once, and real swarms that complete by the student's tracker.
 *
 * @module
 */
import { downloadsWithAria2, hasAria2 } from "../aria2_peer.ts";
import { Failure, NotOffered, type Probe, type Step } from "../step.ts";
import { StudentTracker } from "../student_tracker.ts";
import { makeTorrent, withAnnounce } from "../torrents.ts";
import { asked } from "../tracker_request.ts";
import { listedPeers, placeInBody } from "../tracker_reply.ts";
import type { TorrentOnDisk, Trial } from "../trial.ts";
import { realPeer, type VtorrentPeer } from "../vtorrent_peer.ts";

const uses = ["tracker"];

/** Peers that call at once. */
const CROWD = 200;
/** Of these it has to name so many where 200 are wanted: common trackers give 50. */
const NAMED = 30;
const PIECE = 65_536;

/** ms that a swarm may make no progress. */
function standstill(trial: Trial): number {
  return Math.max(trial.patience, 15_000);
}

/** Starts the tracker, and writes a torrent that names it. */
async function realTorrent(trial: Trial): Promise<[StudentTracker, TorrentOnDisk]> {
  const wish = { pieceLength: PIECE, length: 12 * PIECE + 4711 };
  // The info hash is known before the tracker is started, its port only after.
  const made = makeTorrent(trial.random, wish);
  const tracker = await StudentTracker.start(trial, { torrents: [made.infoHash], udp: true });
  const torrent = withAnnounce(made, tracker.announceUrl.href);
  return [tracker, await trial.onDisk(torrent)];
}

/** Starts a seed, and waits for its announce: peers that ask before it are told of nobody. */
async function announcedSeed(trial: Trial, torrent: TorrentOnDisk): Promise<void> {
  const seed = await realPeer(trial, torrent, "all", trial.port(isAscii));
  const limit = performance.now() + standstill(trial);
  while (!seed.announced() && performance.now() < limit) {
    trial.check();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until all have everything; fails where nothing comes any more. */
async function untilComplete(
  trial: Trial,
  tracker: StudentTracker,
  peers: readonly Pick<VtorrentPeer, "downloaded" | "complete">[],
  who: string,
): Promise<void> {
  const sum = () => peers.reduce((sum, peer) => sum + peer.downloaded(), 0);
  const isComplete = () => peers.every((peer) => peer.complete());
  let last = sum();
  let since = performance.now();
  while (!isComplete()) {
    trial.check();
    const now = sum();
    if (now > last) [last, since] = [now, performance.now()];
    if (performance.now() - since > standstill(trial)) {
      await tracker.run?.ended(0);
      const done = peers.filter((peer) => peer.complete()).length;
      throw new Failure({
        expected: `${who} have all of it, by what ${tracker.announceUrl.href} tells them`,
        seen: `${done} of ${peers.length} have; then nothing came for ` +
          `${Math.round(standstill(trial) / 1000)} s${tracker.howItEnded()}`,
        why: "BEP 3: peers find each other by their tracker; a right reply is enough for any peer",
        at: trial.now(),
        filter: `tcp.port == ${tracker.port}`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Whether both bytes of a port are ASCII: what becomes of others is told by T2.7. */
function isAscii(port: number): boolean {
  return (port & 0x8080) === 0;
}

const PROBES: readonly Probe[] = [
  {
    id: "T7.1",
    title: "A swarm of three vtorrent peers, one of them a seed, completes by it",
    points: 4,
    plain: true,
    uses,
    run: async (trial) => {
      const [tracker, torrent] = await realTorrent(trial);
      await announcedSeed(trial, torrent);
      const peers = [
        await realPeer(trial, torrent, "nothing", trial.port(isAscii)),
        await realPeer(trial, torrent, "nothing", trial.port(isAscii)),
      ];
      await untilComplete(trial, tracker, peers, "both peers");
    },
  },
  {
    id: "T7.2",
    title: `${CROWD} peers call at the same moment, and each is answered`,
    points: 3,
    timed: true,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      const why =
        `A class starts together: ${CROWD} peers call at once, and each waits for a reply`;
      const peers = Array.from({ length: CROWD }, () => tracker.newPeer());
      const requests = peers.map(
        (_, index) => tracker.announceRequest({ torrent, peer: peers[index]! }),
      );
      const replies = await Promise.all(
        requests.map(async (request) => await tracker.ask(request, why)),
      );
      const unanswered = replies.filter(({ bytes }) => bytes.length === 0);
      if (unanswered.length > 0) {
        const [first] = unanswered;
        trial.fail({
          expected: `${CROWD} replies`,
          seen: `${CROWD - unanswered.length} replies; ${unanswered.length} calls ended without ` +
            `one${tracker.howItEnded()}`,
          why,
          at: first!.at,
          connection: first!.connection,
          filter: "http",
        });
      }
      for (const [index, reply] of replies.entries()) tracker.accept(reply, requests[index]!, why);
      const request = tracker.announceRequest({
        torrent,
        peer: tracker.newPeer(),
        numwant: CROWD,
      });
      const last = tracker.accept(await tracker.ask(request, why), request, why);
      const listed = listedPeers(last);
      const ports = new Set(peers.map(({ port }) => port));
      const known = new Set(listed.peers.map(({ port }) => port).filter((port) => ports.has(port)));
      if (known.size >= NAMED) return;
      trial.fail({
        expected:
          `at least ${NAMED} of the ${CROWD} peers that were answered, for numwant=${CROWD}`,
        seen: `${known.size} of them, after ${asked(request)}`,
        why: "Who was answered is in the swarm: requests at the same time must not overwrite " +
          "each other's peers",
        ...placeInBody(last.http, listed.place),
      });
    },
  },
  {
    id: "T7.3",
    title: "aria2 downloads from a vtorrent seed that it finds by it",
    points: 2,
    uses,
    run: async (trial) => {
      if (!await hasAria2()) throw new NotOffered("aria2 is not installed here");
      const [tracker, torrent] = await realTorrent(trial);
      await announcedSeed(trial, torrent);
      const peer = await downloadsWithAria2(trial, torrent);
      await untilComplete(trial, tracker, [peer], "aria2 does");
    },
  },
];

export const T7: Step = {
  id: "T7",
  of: "tracker",
  title: "A crowd, and real swarms",
  needs: ["T3"],
  probes: PROBES,
};
