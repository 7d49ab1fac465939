/**
 * T3: who is in a swarm, who left it, and who has the whole.
 *
 * @module
 */
import { countsOf, expectCounts, isTold } from "../swarm_counts.ts";
import { expectPeers } from "../expected_peers.ts";
import { NotOffered, type Probe, type Step } from "../step.ts";
import { StudentTracker } from "../student_tracker.ts";
import type { Announcer } from "../tracker_request.ts";

const uses = ["tracker"];

const WHY_STOPPED = "BEP 3: event=stopped says goodbye; whoever is told of that peer later calls " +
  "nobody";
const WHY_COUNTS = "BEP 3, 48: complete are the peers with left=0, incomplete all others, " +
  "downloaded is how often one became complete";

const PROBES: readonly Probe[] = [
  {
    id: "T3.1",
    title: "Each of four peers is told of all that came before it",
    points: 3,
    plain: true,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      const before: Announcer[] = [];
      for (let index = 0; index < 4; index++) {
        const peer = tracker.newPeer();
        const reply = await tracker.announce({ torrent, peer });
        expectPeers(reply, {
          has: before,
          as: `one of ${before.length} peers that announced before`,
          why: "BEP 3: a tracker names the other peers of the torrent, not only the last one",
        });
        before.push(peer);
      }
    },
  },
  {
    id: "T3.2",
    title: "event=stopped: it is not named any more",
    points: 3,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      const [gone, stays] = [tracker.newPeer(), tracker.newPeer()];
      await tracker.announce({ torrent, peer: gone });
      await tracker.announce({ torrent, peer: stays });
      const request = tracker.announceRequest({ torrent, peer: gone, event: "stopped" });
      // What is said to somebody who leaves matters to nobody, if only it is a reply.
      tracker.read(await tracker.ask(request, WHY_STOPPED), "a bencoded dictionary", request);
      const reply = await tracker.announce({ torrent, peer: tracker.newPeer() });
      expectPeers(reply, { has: [stays], as: "the peer that stayed", why: WHY_STOPPED });
      expectPeers(reply, {
        hasNot: [gone],
        as: "the peer that said event=stopped",
        why: WHY_STOPPED,
      });
    },
  },
  {
    id: "T3.3",
    title: "A goodbye of a peer that was never there changes nothing",
    points: 1,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      const [stranger, stays] = [tracker.newPeer(), tracker.newPeer()];
      await tracker.announce({ torrent, peer: stays });
      for (const event of ["stopped", "stopped"]) {
        const request = tracker.announceRequest({ torrent, peer: stranger, event });
        tracker.read(await tracker.ask(request, WHY_STOPPED), "a bencoded dictionary", request);
      }
      const reply = await tracker.announce({ torrent, peer: tracker.newPeer() }, WHY_STOPPED);
      expectPeers(reply, { has: [stays], as: "the peer that stayed", why: WHY_STOPPED });
    },
  },
  {
    id: "T3.4",
    title: "Announces without an event: newcomers are taken in, old ones stay",
    points: 2,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      const [old, newcomer, empty] = [tracker.newPeer(), tracker.newPeer(), tracker.newPeer()];
      const why = "BEP 3: event is left out or empty in the announces that come each interval; a " +
        "tracker that was started anew hears these first";
      await tracker.announce({ torrent, peer: old });
      await tracker.announce({ torrent, peer: old, event: "" }, why);
      await tracker.announce({ torrent, peer: newcomer, event: "" }, why);
      await tracker.announce({ torrent, peer: empty, event: "", query: { event: "" } }, why);
      const reply = await tracker.announce({ torrent, peer: tracker.newPeer() });
      expectPeers(reply, { has: [old], as: "the peer that announced again", why });
      expectPeers(reply, { has: [newcomer], as: "the peer that never said started", why });
      expectPeers(reply, { has: [empty], as: "the peer whose event was empty", why });
    },
  },
  {
    id: "T3.5",
    title: "complete and incomplete: seeds by left=0, whatever they said before",
    points: 2,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      const [seed, one, other] = [tracker.newPeer(), tracker.newPeer(), tracker.newPeer()];
      await tracker.announce({ torrent, peer: seed, left: 0 });
      await tracker.announce({ torrent, peer: one });
      const last = await tracker.announce({ torrent, peer: other });
      const counts = await countsOf(tracker, torrent, last, WHY_COUNTS);
      expectCounts(counts, { complete: 1, incomplete: 2 }, "a seed and two others", WHY_COUNTS);
      await tracker.announce({ torrent, peer: one, left: 0, event: "completed" });
      // This one does not say that it has completed.
      const now = await tracker.announce({ torrent, peer: other, left: 0, event: "" });
      expectCounts(
        await countsOf(tracker, torrent, now, WHY_COUNTS),
        { complete: 3, incomplete: 0 },
        "all three with left=0",
        WHY_COUNTS,
      );
      await tracker.announce({ torrent, peer: seed, left: 0, event: "stopped" });
      const end = await tracker.announce({ torrent, peer: other, left: 0, event: "" });
      expectCounts(
        await countsOf(tracker, torrent, end, WHY_COUNTS),
        { complete: 2, incomplete: 0 },
        "one of them said stopped",
        WHY_COUNTS,
      );
    },
  },
  {
    id: "T3.6",
    title: "event=completed counts once",
    points: 2,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      const [one, other, seed] = [tracker.newPeer(), tracker.newPeer(), tracker.newPeer()];
      await tracker.announce({ torrent, peer: one });
      await tracker.announce({ torrent, peer: other });
      // It had everything when it came.
      await tracker.announce({ torrent, peer: seed, left: 0 });
      await tracker.announce({ torrent, peer: one, left: 0, event: "completed" });
      // The reply was lost, so it says it again.
      await tracker.announce({ torrent, peer: one, left: 0, event: "completed" });
      const last = await tracker.announce({ torrent, peer: one, left: 0, event: "" });
      const counts = await countsOf(tracker, torrent, last, WHY_COUNTS);
      if (!isTold(counts, "downloaded")) {
        throw new NotOffered("it tells nowhere how often a torrent was downloaded", {
          expected: "downloaded: 1, in its scrape (BEP 48)",
          seen: "no such number",
          why: WHY_COUNTS,
        });
      }
      expectCounts(
        counts,
        { downloaded: 1 },
        "one peer completed and said so twice, a seed never did",
        WHY_COUNTS,
      );
    },
  },
];

export const T3: Step = {
  id: "T3",
  of: "tracker",
  title: "The swarm",
  needs: ["T2"],
  probes: PROBES,
};
