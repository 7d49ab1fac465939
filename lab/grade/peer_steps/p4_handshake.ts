/**
 * P4: the handshake, by way of `handshake` and of a download.
 *
 * @module
 */
import { ask } from "../ask.ts";
import { tryFetch } from "../fetch_file.ts";
import { messageWords } from "../message_words.ts";
import type { Manner, ScriptedPeer } from "../scripted_peer.ts";
import { percentBytes, placeIn } from "../scripted_tracker.ts";
import type { Probe, Step } from "../step.ts";
import { pieceOf } from "../torrents.ts";
import type { Trial } from "../trial.ts";

const WHY =
  "BEP 3: a connection begins with 68 bytes from each side: 19, `BitTorrent protocol`, 8 " +
  "reserved bytes, the info hash, the peer ID";

/** A peer ID as text where it is one, otherwise in hexadecimal. */
function idText(id: Uint8Array): string {
  const isText = id.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText ? new TextDecoder().decode(id) : id.toHex();
}

/** ms that a program may take to see that it talks to itself, when it has said more. */
const SELF_TIME = 3000;

/** Nobody listens there. */
const ANNOUNCE = "http://127.0.0.1:9/announce";

/** Asks `handshake`, which prints the other side's peer ID. */
async function shakes(trial: Trial, manner: Manner, why = WHY): Promise<ScriptedPeer> {
  const torrent = await trial.torrent({ announce: ANNOUNCE });
  const peer = trial.peer(torrent, manner);
  const judge = () => judgeHandshake(trial, peer);
  try {
    await ask(trial, {
      word: "handshake",
      values: { torrent: torrent.path, peer: peer.address },
      wanted: [{
        name: "peer_id",
        label: "Peer ID",
        value: peer.peerId.toHex(),
        instead: /id\W{0,4}([0-9a-f]{20,})/i,
      }],
      why,
    });
  } catch (failure) {
    // What it said comes before what it printed.
    judge();
    throw failure;
  }
  judge();
  return peer;
}

/** What is wrong with a handshake by itself; none at all is told by whoever waited for it. */
function judgeHandshake(trial: Trial, peer: ScriptedPeer): void {
  trial.judgeFaults();
  const [connection] = peer.connections;
  if (connection === undefined) {
    trial.fail({ expected: `a connection to ${peer.address}`, seen: "none", why: WHY });
  }
  const [heard] = connection.heard;
  if (heard?.said.type !== "handshake") {
    trial.fail({ expected: "a handshake of 68 bytes", seen: "nothing", why: WHY });
  }
  const { infoHash } = heard.said.handshake;
  const wanted = peer.torrent.infoHash;
  if (infoHash.toHex() === wanted.toHex()) return;
  trial.fail({
    expected: `the info hash ${wanted.toHex()} in bytes 28 to 47`,
    seen: infoHash.toHex(),
    why: "BEP 3: a peer hangs up on an info hash that it does not have",
    filter: "bittorrent",
    ...connection.placeOf(heard, [28, 48]),
  });
}

const uses = ["handshake"];

const PROBES: readonly Probe[] = [
  {
    id: "P4.1",
    title: "A handshake, and the other side's peer ID",
    points: 5,
    plain: true,
    uses,
    run: async (trial) => void await shakes(trial, { greet: () => {} }),
  },
  {
    id: "P4.2",
    title: "The answer comes byte by byte",
    points: 2,
    uses,
    run: async (trial) =>
      void await shakes(
        trial,
        { greet: () => {}, cutting: 1 },
        "TCP is a stream: one read may give one byte of the 68. Read on until all are there",
      ),
  },
  {
    id: "P4.3",
    title: "The bitfield in the same packet as the handshake",
    points: 1,
    uses,
    run: async (trial) =>
      void await shakes(
        trial,
        { cutting: "joined" },
        "TCP is a stream: one read may give more than the 68 bytes. What is behind them are messages",
      ),
  },
  {
    id: "P4.4",
    title: "Reserved bits that it does not know",
    points: 1,
    uses,
    run: async (trial) =>
      void await shakes(
        trial,
        { greet: () => {}, handshake: { fast: true, extended: true, dht: true, v2: true } },
        "BEP 3, 4: reserved bits offer extensions; a peer ignores those that it does not know",
      ),
  },
  {
    id: "P4.5",
    title: "Another info hash in the answer: it hangs up",
    points: 2,
    uses: ["download_piece"],
    run: async (trial: Trial) => {
      const tracker = trial.tracker();
      const torrent = await trial.torrent({ announce: tracker.url });
      const peer = trial.peer(torrent, { handshake: { infoHash: trial.random.bytes(20) } });
      const why = "BEP 3: if both sides do not send the same info hash, they sever the connection";
      const last = () => peer.connections[0];
      const { run } = await tryFetch(
        trial,
        {
          word: "download_piece",
          torrent,
          values: { torrent: torrent.path, piece: 0 },
          content: pieceOf(torrent, 0),
          what: "nothing",
          why,
        },
        () => (last()?.heard.length ?? 0) > 1 || last()?.closed === true,
      );
      const connection = last();
      trial.judgeFaults();
      // Who is called need not answer a handshake that asks for something else.
      if (trial.program.called && connection?.closed === true && connection.heard.length === 0) {
        return;
      }
      if (connection?.handshake === undefined) {
        trial.fail({ expected: "a handshake", seen: "none", why: WHY });
      }
      const next = connection.heard[1];
      if (next !== undefined && next.said.type !== "garbage" && next.said.type !== "handshake") {
        trial.fail({
          expected: "it closes the connection",
          seen: messageWords(next.said),
          why,
          filter: "bittorrent",
          ...connection.placeOf(next),
        });
      }
      if (!connection.closed && run.end === undefined) {
        trial.fail({
          expected: "it closes the connection",
          seen: "the connection stays open",
          why,
        });
      }
      await run.stop();
    },
  },
  {
    id: "P4.6",
    title: "The same peer ID to the tracker and to the peer",
    points: 1,
    uses: ["download_piece"],
    run: async (trial: Trial) => {
      const tracker = trial.tracker();
      const torrent = await trial.torrent({ announce: tracker.url });
      const peer = trial.peer(torrent);
      const { run } = await tryFetch(
        trial,
        {
          word: "download_piece",
          torrent,
          values: { torrent: torrent.path, piece: 0 },
          content: pieceOf(torrent, 0),
          what: "piece 0",
          why: WHY,
        },
        () => peer.connections[0]?.handshake !== undefined,
      );
      trial.judgeFaults();
      const asked = tracker.announces()[0];
      const connection = peer.connections[0];
      const told = asked?.query.get("peer_id");
      const inHandshake = connection?.handshake?.peerId;
      if (asked === undefined || told === undefined || inHandshake === undefined) {
        trial.fail({
          expected: "an announce with a peer_id, then a handshake",
          seen: asked === undefined
            ? "no announce"
            : told === undefined
            ? "no peer_id"
            : "no handshake",
          why: WHY,
          ...(asked === undefined ? {} : placeIn(asked)),
        });
      }
      if (percentBytes(told)?.toHex() !== inHandshake.toHex()) {
        trial.fail({
          expected: `the peer ID of the announce in bytes 48 to 67 of the handshake: ${told}`,
          seen: idText(inHandshake),
          why: "BEP 3: the peer ID is the one that was told to the tracker; peers may hang up on " +
            "another one",
          ...connection!.placeOf(connection!.heard[0]!, [48, 68]),
        });
      }
      await run.stop();
    },
  },
  {
    id: "P4.7",
    title: "Its own peer ID in the answer: it has called itself, and hangs up",
    points: 1,
    uses: ["download_piece"],
    run: async (trial: Trial) => {
      const tracker = trial.tracker();
      const torrent = await trial.torrent({ announce: tracker.url });
      const peer = trial.peer(torrent, { mirrors: true, interested: () => {} });
      const why =
        "A tracker names every peer, the one that asks included: who meets its own peer ID in a " +
        "handshake talks to itself and closes the connection";
      const last = () => peer.connections[0];
      const saysMore = () => (last()?.heard.length ?? 0) > 1;
      const { run } = await tryFetch(
        trial,
        {
          word: "download_piece",
          torrent,
          values: { torrent: torrent.path, piece: 0 },
          content: pieceOf(torrent, 0),
          what: "nothing",
          why,
        },
        () => last()?.closed === true || (saysMore() && trial.isSilent(SELF_TIME)),
      );
      const connection = last();
      trial.judgeFaults();
      if (connection?.handshake === undefined) {
        trial.fail({ expected: "a handshake", seen: "none", why: WHY });
      }
      if (!connection.closed && run.end === undefined) {
        trial.fail({
          expected: "it closes the connection: the peer ID in the answer was its own",
          seen: `the connection stays open; it said last: ${connection.lastHeardWords()}`,
          why,
          filter: "bittorrent",
          ...connection.placeOf(connection.heard[0]!, [48, 68]),
        });
      }
      await run.stop();
    },
  },
];

export const P4: Step = {
  id: "P4",
  of: "peer",
  title: "The handshake",
  needs: ["P2"],
  probes: PROBES,
};
