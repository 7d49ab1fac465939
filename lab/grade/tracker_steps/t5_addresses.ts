/**
 * T5: peers that are gone without a goodbye, and peers with IPv6.
 *
 * @module
 */
import { PEER_ID_PREFIX } from "../../../protocol/mod.ts";
import { expectPeers } from "../expected_peers.ts";
import { isListening } from "../listening.ts";
import { NotOffered, type Probe, type Step } from "../step.ts";
import { StudentTracker } from "../student_tracker.ts";
import { countIn, listedPeers, placeInBody, placeOfKey } from "../tracker_reply.ts";
import type { Trial } from "../trial.ts";

/** Seconds of the interval that is asked for. */
const INTERVAL = 4;
/** Longest interval that is waited for, in seconds. */
const LONGEST_INTERVAL = 20;
/** Intervals after which a peer that did not announce again has to be gone, and s for looking. */
const INTERVALS = 3;
const GRACE = 5;

const WHY_EXPIRY = "BEP 3: a peer announces each interval; who did not for three of them is gone " +
  "without a goodbye, and whoever is told of it calls nobody";
const WHY_SIX = "BEP 7: peers with IPv6 are in peers6, 16 bytes of address and two of port each, " +
  "or in the list of dictionaries";

/** Waits, and looks meanwhile whether the run is to end. */
async function wait(trial: Trial, delay: number): Promise<void> {
  const end = performance.now() + delay;
  while (performance.now() < end) {
    trial.check();
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(1, Math.min(200, end - performance.now())))
    );
  }
}

/** Starts it so that it listens on ::1, too. @throws {NotOffered} where it does not */
async function startWithSix(trial: Trial): Promise<StudentTracker> {
  const tracker = await StudentTracker.start(trial);
  if (!await isListening(tracker.port, "::1")) {
    throw new NotOffered(`it does not listen at [::1]:${tracker.port}`, {
      expected: `it takes calls at [::1]:${tracker.port}, too`,
      seen: "nobody listens there",
      why: WHY_SIX,
      at: trial.now(),
    });
  }
  return tracker;
}

const PROBES: readonly Probe[] = [
  {
    id: "T5.1",
    title: "A peer that falls silent is not named for ever",
    points: 3,
    slow: true,
    timed: true,
    uses: ["expiring_tracker"],
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial, {
        word: "expiring_tracker",
        values: { interval: INTERVAL },
      });
      const torrent = tracker.newTorrent();
      // A peer that comes when it is told to: there are trackers that know who does.
      const promising = () => {
        const peer = tracker.newPeer();
        peer.id.set(new TextEncoder().encode(PEER_ID_PREFIX));
        return peer;
      };
      const [gone, stays] = [promising(), promising()];
      const first = await tracker.announce({ torrent, peer: gone });
      const interval = countIn(first.dict, "interval") ?? 0;
      if (interval > LONGEST_INTERVAL) {
        throw new NotOffered(
          `its interval is ${interval} s, and this is marked where it is at most ` +
            `${LONGEST_INTERVAL} s: take it as the second word of the command line`,
          {
            expected: `interval: at most ${LONGEST_INTERVAL}, for a tracker started with ` +
              `${INTERVAL} behind its port`,
            seen: `interval: ${interval}`,
            why: "Peers can be seen to expire only where the interval is short",
            ...placeInBody(first.http, placeOfKey(first, "interval")),
          },
        );
      }
      await tracker.announce({ torrent, peer: stays });
      const end = performance.now() + (INTERVALS * interval + GRACE) * 1000;
      // Half an interval after it announced it has to be there still.
      await wait(trial, interval * 500);
      const early = await tracker.announce({ torrent, peer: stays, event: "" });
      expectPeers(early, {
        has: [gone],
        as: "a peer whose interval is not over yet",
        why: WHY_EXPIRY,
      });
      while (performance.now() < end) {
        await wait(trial, Math.min(interval * 1000, Math.max(100, end - performance.now())));
        await tracker.announce({ torrent, peer: stays, event: "" });
      }
      const late = await tracker.announce({ torrent, peer: tracker.newPeer() });
      expectPeers(late, {
        has: [stays],
        as: "a peer that announced every interval",
        why: WHY_EXPIRY,
      });
      expectPeers(late, {
        hasNot: [gone],
        as: `a peer that fell silent ${INTERVALS * interval + GRACE} s ago (interval: ${interval})`,
        why: WHY_EXPIRY,
      });
    },
  },
  {
    id: "T5.2",
    title: "Over IPv6 it answers, and names peers with IPv6",
    points: 2,
    uses: ["tracker"],
    run: async (trial) => {
      const tracker = await startWithSix(trial);
      const torrent = tracker.newTorrent();
      const [first, second] = [tracker.newPeer(), tracker.newPeer()];
      await tracker.announce({ torrent, peer: first, overIPv6: true }, WHY_SIX);
      const reply = await tracker.announce({ torrent, peer: second, overIPv6: true }, WHY_SIX);
      const inList = reply.dict.has("peers") && !reply.dict.has("peers6") &&
        listedPeers(reply).form === "list";
      expectPeers(reply, {
        has: [first],
        as: "the first peer",
        why: WHY_SIX,
        host: "::1",
        key: inList ? "peers" : "peers6",
      });
    },
  },
  {
    id: "T5.3",
    title: "Peers with IPv4 and IPv6 in one swarm, each family in its own key",
    points: 1,
    uses: ["tracker"],
    run: async (trial: Trial) => {
      const tracker = await startWithSix(trial);
      const torrent = tracker.newTorrent();
      const [four, six, asker] = [tracker.newPeer(), tracker.newPeer(), tracker.newPeer()];
      await tracker.announce({ torrent, peer: four });
      await tracker.announce({ torrent, peer: six, overIPv6: true }, WHY_SIX);
      const reply = await tracker.announce({ torrent, peer: asker }, WHY_SIX);
      // Throws where 18 bytes for each were put among the six for each.
      const { peers } = listedPeers(reply);
      expectPeers(reply, { has: [four], as: "the peer with IPv4", why: WHY_SIX });
      const stray = peers.find(({ host, port }) => port === six.port && host !== "::1");
      if (stray !== undefined) {
        trial.fail({
          expected: `the peer with IPv6 as [::1]:${six.port}, or not at all`,
          seen: `${stray.host}:${stray.port}`,
          why: WHY_SIX,
          ...placeInBody(reply.http, stray.place),
        });
      }
    },
  },
];

export const T5: Step = {
  id: "T5",
  of: "tracker",
  title: "Expiry and IPv6",
  needs: ["T3"],
  probes: PROBES,
};
