/**
 * T6: the tracker over UDP (BEP 15), at the port of its HTTP.
 *
 * @module
 */
import {
  type AnnounceRequest,
  encodeConnectRequest,
  encodeUdpAnnounce,
  encodeUdpScrape,
} from "../../../protocol/mod.ts";
import { expectPeers } from "../expected_peers.ts";
import { Failure, NotOffered, type Probe, type Step } from "../step.ts";
import { StudentTracker } from "../student_tracker.ts";
import type { Announcer } from "../tracker_request.ts";
import { UdpExchange } from "../udp_exchange.ts";
import type { Trial } from "../trial.ts";

const uses = ["tracker"];

const WHY_ANNOUNCE = "BEP 15: an announce of 98 bytes is answered by action 1, transaction ID, " +
  "interval, leechers, seeders (4 bytes each), and 6 bytes for each peer";
const WHY_ID = "BEP 15: only who has a connection ID that was given to it is served, so that " +
  "nobody announces in another's name";

function announceOf(torrent: Uint8Array, peer: Announcer): AnnounceRequest {
  return {
    infoHash: torrent,
    peerId: peer.id,
    port: peer.port,
    uploaded: 0,
    downloaded: 0,
    left: 1000,
    event: "started",
    numwant: -1,
    key: undefined,
    compact: true,
    noPeerId: true,
  };
}

/** Announces over UDP. */
async function announce(
  udp: UdpExchange,
  connectionId: bigint,
  torrent: Uint8Array,
  peer: Announcer,
) {
  const transactionId = udp.tracker.trial.random.below(0x7fffffff);
  const request = encodeUdpAnnounce(connectionId, transactionId, announceOf(torrent, peer));
  return await udp.ask(request, "an announce", "announce", WHY_ANNOUNCE);
}

const PROBES: readonly Probe[] = [
  {
    id: "T6.1",
    title: "A connect request is answered by a connection ID",
    points: 2,
    plain: true,
    uses,
    run: async (trial) => {
      const udp = new UdpExchange(await StudentTracker.start(trial, { udp: true }));
      const one = await udp.connect();
      if (one === 0n) trial.remark("its connection ID is 0: anybody can guess it");
    },
  },
  {
    id: "T6.2",
    title: "A second peer is told where the first is",
    points: 3,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial, { udp: true });
      const udp = new UdpExchange(tracker);
      const torrent = tracker.newTorrent();
      const [first, second] = [tracker.newPeer(), tracker.newPeer()];
      const connectionId = await udp.connect();
      await announce(udp, connectionId, torrent, first);
      const { reply, packet } = await announce(udp, connectionId, torrent, second);
      const expected = `the first peer at 127.0.0.1:${first.port} among the peers`;
      if (reply.reply.interval === 0) {
        trial.fail({
          expected: "interval: the seconds to the next announce",
          seen: "interval: 0",
          why: WHY_ANNOUNCE,
          ...udp.place(packet, [8, 12]),
        });
      }
      if ((packet.bytes.length - 20) % 6 !== 0) {
        trial.fail({
          expected: "20 bytes, and 6 for each peer",
          seen: `${packet.bytes.length} bytes`,
          why: WHY_ANNOUNCE,
          ...udp.place(packet, [20, packet.bytes.length]),
        });
      }
      const { peers } = reply.reply;
      if (peers.some(({ host, port }) => host === "127.0.0.1" && port === first.port)) return;
      trial.fail({
        expected,
        seen: peers.length === 0
          ? "no peers"
          : `only ${peers.map(({ host, port }) => `${host}:${port}`).join(", ")}`,
        why: WHY_ANNOUNCE,
        ...udp.place(packet, packet.bytes.length > 20 ? [20, packet.bytes.length] : undefined),
      });
    },
  },
  {
    id: "T6.3",
    title: "Peers over UDP and over HTTP are one swarm",
    points: 1,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial, { udp: true });
      if (tracker.announceUrl.protocol === "udp:") throw new NotOffered("it has no HTTP");
      const udp = new UdpExchange(tracker);
      const torrent = tracker.newTorrent();
      const first = tracker.newPeer();
      await announce(udp, await udp.connect(), torrent, first);
      const reply = await tracker.announce({ torrent, peer: tracker.newPeer() });
      expectPeers(reply, {
        has: [first],
        as: "the peer that announced over UDP",
        why: "The info hash says which swarm is meant, whatever the request came over",
      });
    },
  },
  {
    id: "T6.4",
    title: "A connection ID that it never gave is not served",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial, { udp: true });
      const udp = new UdpExchange(tracker);
      const torrent = tracker.newTorrent();
      const given = await udp.connect();
      const first = tracker.newPeer();
      await announce(udp, given, torrent, first);
      const wrong = given ^ 0x5aa55aa5_12345678n;
      const request = encodeUdpAnnounce(wrong, 77, announceOf(torrent, tracker.newPeer()));
      await udp.send(request);
      const limit = trial.fairTime + 700;
      let packet = await udp.packet(700);
      while (packet === undefined && trial.fairTime < limit) packet = await udp.packet(100);
      if (packet === undefined) return;
      const reply = udp.read(packet, "an error packet, or nothing", WHY_ID);
      if (reply.action === "error") return;
      trial.fail({
        expected: "an error packet (action 3), or nothing",
        seen: reply.action === "announce"
          ? `an announce reply with ${reply.reply.peers.length} peers`
          : `a reply of kind ${reply.action}`,
        why: WHY_ID,
        ...udp.place(packet, [0, 4]),
      });
    },
  },
  {
    id: "T6.5",
    title: "Scrape: seeders, completed and leechers of two torrents, in their order",
    points: 1,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial, { udp: true });
      const udp = new UdpExchange(tracker);
      const [one, two] = [tracker.newTorrent(), tracker.newTorrent()];
      const connectionId = await udp.connect();
      await announce(udp, connectionId, two, tracker.newPeer());
      await announce(udp, connectionId, two, tracker.newPeer());
      await announce(udp, connectionId, one, tracker.newPeer());
      const why = "BEP 15: a scrape is answered by action 2, transaction ID, and for each info " +
        "hash seeders, completed and leechers, 4 bytes each";
      const request = encodeUdpScrape(connectionId, 4711, [one, two]);
      const { reply, packet } = await udp.ask(request, "a scrape", "scrape", why);
      for (const [index, leechers] of [1, 2].entries()) {
        const entry = reply.entries[index];
        if (entry?.leechers === leechers) continue;
        const from = 8 + 12 * index;
        trial.fail({
          expected: `leechers: ${leechers} for info hash ${index + 1}`,
          seen: entry === undefined
            ? `${packet.bytes.length} bytes, ${reply.entries.length} entries`
            : `leechers: ${entry.leechers}`,
          why,
          ...udp.place(packet, entry === undefined ? undefined : [from + 8, from + 12]),
        });
      }
    },
  },
  {
    id: "T6.6",
    title: "Packets that are short, or garbage, end nothing",
    points: 2,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial, { udp: true });
      const udp = new UdpExchange(tracker);
      const connectionId = await udp.connect();
      const whole = encodeUdpAnnounce(
        connectionId,
        1,
        announceOf(tracker.newTorrent(), tracker.newPeer()),
      );
      const unknown = whole.slice(0, 16);
      unknown[11] = 9;
      const packets = [
        new Uint8Array(0),
        Uint8Array.of(0),
        encodeConnectRequest(1).subarray(0, 12),
        whole.subarray(0, 16),
        whole.subarray(0, 97),
        unknown,
        trial.random.bytes(1400),
      ];
      for (const bytes of packets) await udp.send(bytes);
      // What it says to these is its own affair.
      while (await udp.packet(300) !== undefined);
      const why = "Anybody can send a packet: after one that is too short it serves the next one";
      try {
        await new UdpExchange(tracker).connect();
      } catch (error) {
        if (!(error instanceof NotOffered) || error.finding === undefined) throw error;
        throw new Failure({ ...error.finding, why });
      }
    },
  },
];

export const T6: Step = {
  id: "T6",
  of: "tracker",
  title: "UDP",
  needs: ["T3"],
  probes: PROBES,
};
