/**
 * P6: a whole file from several peers, by way of `download`.
 *
 * @module
 */
import { BLOCK_LENGTH } from "../../../protocol/mod.ts";
import { type Fetch, fetchFile, tryFetch } from "../fetch_file.ts";
import { messageWords } from "../message_words.ts";
import type { Block, Manner, ScriptedPeer } from "../scripted_peer.ts";
import type { Probe, Step } from "../step.ts";
import type { TorrentWish } from "../torrents.ts";
import type { TorrentOnDisk, Trial } from "../trial.ts";

const PIECE = 2 * BLOCK_LENGTH;
/** Bytes that the last piece is shorter, as in nearly every file: whole pieces are a probe of their own. */
const SHORTER = 5000;

function fetchOf(torrent: TorrentOnDisk, why: string): Fetch {
  return {
    word: "download",
    torrent,
    values: { torrent: torrent.path },
    content: torrent.content,
    what: "the file",
    why,
  };
}

/** A torrent whose tracker, unless another one is wished, names the scripted peers. */
async function torrentOf(trial: Trial, wish: TorrentWish = {}): Promise<TorrentOnDisk> {
  const announce = wish.announce ?? trial.tracker().url;
  return await trial.torrent({ length: 4 * PIECE - SHORTER, ...wish, announce });
}

/** Has pieces of its own, and takes a request of another one for a fault. */
function peerWith(
  trial: Trial,
  torrent: TorrentOnDisk,
  has: (piece: number) => boolean,
): ScriptedPeer {
  const peer: ScriptedPeer = trial.peer(torrent, {
    has,
    request: (connection, block) => {
      if (has(block.piece)) return peer.give(connection, block);
      const pieces = Array.from({ length: torrent.pieceCount }, (_, piece) => piece).filter(has);
      peer.faults.push({
        expected: `requests of the pieces that this peer has: ${pieces.join(", ")}`,
        seen: messageWords({ type: "request", ...block }),
        why: "BEP 3: a peer is asked for what its bitfield and its HAVEs say that it has",
        filter: "bittorrent.msg.type == 6",
        ...connection.placeOf(connection.heard.at(-1)!, [5, 9]),
      });
    },
  });
  return peer;
}

/** A block with a bit turned. */
function spoiled(torrent: TorrentOnDisk, { piece, begin, length }: Block): Uint8Array {
  const start = piece * torrent.pieceLength + begin;
  const bytes = torrent.content.slice(start, start + length);
  bytes[length >> 1]! ^= 0x10;
  return bytes;
}

const uses = ["download"];

const PROBES: readonly Probe[] = [
  {
    id: "P6.1",
    title: "A file of four pieces from one peer, the last one shorter",
    points: 6,
    plain: true,
    timed: true,
    uses,
    run: async (trial) => {
      const torrent = await torrentOf(trial);
      trial.peer(torrent);
      await fetchFile(trial, fetchOf(torrent, "BEP 3: piece by piece, each checked by its hash"));
    },
  },
  {
    id: "P6.2",
    title: "Thirty pieces, the last one as long as the others",
    points: 2,
    uses,
    run: async (trial) => {
      const torrent = await torrentOf(trial, { length: 30 * PIECE });
      trial.peer(torrent);
      await fetchFile(
        trial,
        fetchOf(
          torrent,
          "BEP 3: the last piece is what is left of the file. The remainder of length divided by " +
            "piece length is 0 where that is a whole piece",
        ),
      );
    },
  },
  {
    id: "P6.3",
    title: "Two peers with half of the pieces each",
    points: 3,
    uses,
    run: async (trial) => {
      const torrent = await torrentOf(trial, { length: 8 * PIECE - SHORTER });
      for (const rest of [0, 1]) peerWith(trial, torrent, (piece) => piece % 2 === rest);
      await fetchFile(
        trial,
        fetchOf(torrent, "BEP 3: peers have different pieces; together they have the file"),
      );
    },
  },
  {
    id: "P6.4",
    title: "Three peers with a third each, one of them hangs up in the middle",
    points: 3,
    uses,
    run: async (trial) => {
      const torrent = await torrentOf(trial, { length: 12 * PIECE - SHORTER });
      const third = (rest: number) => (piece: number) => piece % 3 === rest;
      peerWith(trial, torrent, third(1));
      peerWith(trial, torrent, third(2));
      let calls = 0;
      const leaving: ScriptedPeer = trial.peer(torrent, {
        has: third(0),
        connected: () => void calls++,
        request: (connection, block, count) => {
          // It comes back, as peers do, and stays.
          if (calls === 1 && count > 3) void connection.close();
          else leaving.give(connection, block);
        },
      });
      // Somebody else has that third, too: nobody has to call again.
      peerWith(trial, torrent, third(0));
      await fetchFile(
        trial,
        fetchOf(
          torrent,
          "Peers leave at any time: the others continue, and outstanding requests go to " +
            "another",
        ),
      );
    },
  },
  {
    id: "P6.5",
    title: "The first address does not answer",
    points: 3,
    uses,
    run: async (trial) => {
      const dead = [trial.port()];
      const { url } = trial.tracker((asked) => trial.introduce(asked, dead));
      const torrent = await torrentOf(trial, { announce: url });
      trial.peer(torrent);
      await fetchFile(
        trial,
        fetchOf(
          torrent,
          "A tracker's list is up to half an hour old: many addresses are dead. Try " +
            "the next one",
        ),
      );
    },
  },
  {
    id: "P6.6",
    title: "The first peer hangs up after three blocks",
    points: 2,
    uses,
    run: async (trial) => {
      const torrent = await torrentOf(trial);
      const first: ScriptedPeer = trial.peer(torrent, {
        request: (connection, block, count) => {
          if (count > 3) void connection.close();
          else first.give(connection, block);
        },
      });
      trial.peer(torrent);
      await fetchFile(
        trial,
        fetchOf(torrent, "Peers leave at any time: outstanding requests go to other peers"),
      );
    },
  },
  {
    id: "P6.7",
    title: "The first peer unchokes and then gives nothing",
    points: 2,
    timed: true,
    uses,
    run: async (trial) => {
      const torrent = await torrentOf(trial);
      trial.peer(torrent, { request: () => {} });
      trial.peer(torrent);
      await fetchFile(
        trial,
        fetchOf(
          torrent,
          "Some peers stall: a program that waits for one peer alone waits for ever",
        ),
      );
    },
  },
  {
    id: "P6.8",
    title: "The first peer sends wrong blocks",
    points: 2,
    uses,
    run: async (trial) => {
      const torrent = await torrentOf(trial);
      const liar: ScriptedPeer = trial.peer(torrent, {
        request: (connection, block) => liar.give(connection, block, spoiled(torrent, block)),
      });
      trial.peer(torrent);
      await fetchFile(
        trial,
        fetchOf(torrent, "BEP 3: a piece whose hash is wrong is fetched again, better elsewhere"),
      );
    },
  },
  {
    id: "P6.9",
    title: "Several sources at a time",
    points: 3,
    uses,
    run: async (trial) => {
      const torrent = await torrentOf(trial, { length: 24 * PIECE - SHORTER });
      const slow = (peer: () => ScriptedPeer): Manner => ({
        request: (connection, block) => trial.later(60, () => peer().give(connection, block)),
      });
      const peers = Array.from({ length: 3 }, () => {
        const peer: ScriptedPeer = trial.peer(torrent, slow(() => peer));
        return peer;
      });
      await fetchFile(
        trial,
        fetchOf(torrent, "BEP 3: pieces come from many peers at the same time"),
      );
      const gave = peers.filter((peer) => peer.requests > 2).length;
      if (gave < 2) {
        trial.fail({
          expected: "blocks from at least two of three peers, which all have everything",
          seen: peers.map((peer, index) => `peer ${index + 1}: ${peer.requests} requests`).join(
            ", ",
          ),
          why: "The rates of peers add up; that is what a swarm is for",
        });
      }
    },
  },
  {
    id: "P6.10",
    title: "Ended in the middle, started again: what is there is not fetched again",
    points: 2,
    timed: true,
    uses,
    run: async (trial) => {
      const torrent = await torrentOf(trial, { length: 16 * PIECE - SHORTER });
      const half = torrent.pieceCount;
      let resumed = false;
      const peer: ScriptedPeer = trial.peer(torrent, {
        request: (connection, block, count) => {
          if (resumed || count <= half + 4) peer.give(connection, block);
        },
      });
      const folder = await trial.newFolder("run");
      const output = trial.path("output");
      const why =
        "What was checked and written needs no second download: read the file at the start " +
        "and hash its pieces";
      const fetch = { ...fetchOf(torrent, why), folder, output };
      // Pieces that were asked for whole before the peer fell silent.
      const { run } = await tryFetch(
        trial,
        fetch,
        () => peer.requests > half + 4 && trial.isSilent(700),
      );
      trial.judgeFaults();
      if (peer.requests <= half) {
        trial.fail({ expected: `${half} requests and more`, seen: `${peer.requests}`, why });
      }
      await run.stop();
      const before = peer.requests;
      resumed = true;
      await fetchFile(trial, fetch);
      const again = (peer.requests - before) * BLOCK_LENGTH;
      // The last pieces may not have been whole, nor written.
      const most = torrent.length - (half * BLOCK_LENGTH) + 4 * PIECE;
      if (again > most) {
        trial.fail({
          expected: `requests for at most ${most} bytes after the second start`,
          seen: `requests for ${again} bytes of ${torrent.length}`,
          why,
        });
      }
    },
  },
];

export const P6: Step = {
  id: "P6",
  of: "peer",
  title: "A file from several peers",
  needs: ["P5"],
  probes: PROBES,
};
