/**
 * P5: one piece from one peer, by way of `download_piece`: plain first, then in every cutting.
 *
 * @module
 */
import { BLOCK_LENGTH, HANDSHAKE_LENGTH } from "../../../protocol/mod.ts";
import { fetchFile, findingOf, tryFetch } from "../fetch_file.ts";
import { messageWords } from "../message_words.ts";
import type { PeerConnection } from "../peer_connection.ts";
import type { Block, Manner, ScriptedPeer } from "../scripted_peer.ts";
import { Failure, type Probe, type Step } from "../step.ts";
import { pieceOf, type TorrentWish } from "../torrents.ts";
import type { TorrentOnDisk, Trial } from "../trial.ts";

const STREAM =
  "TCP is a stream: messages are told apart by their length, not by reads. Collect bytes; " +
  "while a whole message is there, take it and leave the rest";

/** A peer and a torrent, and one piece of it. */
interface Scene {
  readonly torrent: TorrentOnDisk;
  readonly peer: ScriptedPeer;
  readonly fetch: Parameters<typeof fetchFile>[1];
}

interface Wishes {
  readonly wish?: TorrentWish;
  /** What the peer does; it is told of the peer, which does not exist before. */
  readonly manner?: (peer: () => ScriptedPeer) => Manner;
  /** The piece, by default one in the middle. */
  readonly piece?: (torrent: TorrentOnDisk) => number;
  readonly why: string;
}

async function setUp(trial: Trial, { wish, manner, piece, why }: Wishes): Promise<Scene> {
  const tracker = trial.tracker();
  const torrent = await trial.torrent({ announce: tracker.url, ...wish });
  const peer: ScriptedPeer = trial.peer(torrent, manner?.(() => peer) ?? {});
  const number = piece?.(torrent) ?? 1;
  return {
    torrent,
    peer,
    fetch: {
      word: "download_piece",
      torrent,
      values: { torrent: torrent.path, piece: number },
      content: pieceOf(torrent, number),
      what: `piece ${number}`,
      offset: number * torrent.pieceLength,
      why,
    },
  };
}

/**
 * The same where messages share packets: a program that stands still afterwards is shown the packet,
 * and where in it the message begins that it has passed over.
 */
async function getsJoined(trial: Trial, wishes: Wishes, next: number): Promise<void> {
  const scene = await setUp(trial, wishes);
  try {
    await fetchFile(trial, scene.fetch);
  } catch (failure) {
    const connection = scene.peer.connections[0];
    const isStill = !connection?.heard.some(({ said }) => said.type === "request");
    if (!(failure instanceof Failure) || connection?.handshake === undefined || !isStill) {
      throw failure;
    }
    const bytes = connection.lastPacket;
    trial.fail({
      ...failure.finding,
      expected: `what stands behind the handshake's 68 bytes is read, too: ` +
        `${failure.finding.expected}`,
      marked: { bytes, wrong: [next, bytes.length], offset: 0 },
    });
  }
}

/** Sets the scene, and wants the piece. */
async function gets(trial: Trial, wishes: Wishes): Promise<Scene> {
  const scene = await setUp(trial, wishes);
  await fetchFile(trial, scene.fetch);
  return scene;
}

/** ms after which another peer unchokes whoever has not asked the first one. */
const OTHER_TIME = 2000;

/** Another peer, which unchokes later: with two of them it would be chance which one is asked. */
function laterPeer(trial: Trial, { torrent }: Scene): void {
  const other: ScriptedPeer = trial.peer(torrent, {
    interested: (connection) => trial.later(OTHER_TIME, () => other.unchoke(connection)),
  });
}

const lastPiece = (torrent: TorrentOnDisk) => torrent.pieceCount - 1;

/** A block with a bit turned. */
function spoiled(peer: ScriptedPeer, { piece, begin, length }: Block): Uint8Array {
  const start = piece * peer.torrent.pieceLength + begin;
  const bytes = peer.torrent.content.slice(start, start + length);
  bytes[length >> 1]! ^= 0x10;
  return bytes;
}

function sayUnknown(connection: PeerConnection): void {
  connection.say(
    "a message with ID 99",
    Uint8Array.of(0, 0, 0, 6, 99, 1, 2, 3, 4, 5),
  );
}

function sayHave(connection: PeerConnection, piece: number): void {
  connection.say(`have: piece ${piece}`, (writer) => writer.have(piece));
}

function sayKeepAlive(connection: PeerConnection): void {
  connection.say("a keep-alive", (writer) => writer.keepAlive());
}

const uses = ["download_piece"];

const PROBES: readonly Probe[] = [
  {
    id: "P5.1",
    title: "A piece of two blocks",
    points: 6,
    plain: true,
    timed: true,
    uses,
    run: async (trial: Trial) => {
      await gets(trial, {
        why:
          "BEP 3: handshake, bitfield, interested, unchoke; then a request for each block of 16 " +
          "KiB",
      });
    },
  },
  {
    id: "P5.2",
    title: "The last block of a file is shorter",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const length = 3 * 65536 + 2 * BLOCK_LENGTH + 1 + trial.random.below(BLOCK_LENGTH - 2);
      await gets(trial, {
        wish: { pieceLength: 65536, length },
        piece: lastPiece,
        why: "BEP 3: the last piece is shorter, and so is its last block",
      });
    },
  },
  {
    id: "P5.3",
    title: "A last piece of exactly one block, and of one byte",
    points: 1,
    uses,
    run: async (trial: Trial) => {
      for (const rest of [BLOCK_LENGTH, 1]) {
        await gets(trial, {
          wish: { length: 3 * 2 * BLOCK_LENGTH + rest },
          piece: lastPiece,
          why: "BEP 3: the last piece is what is left of the file",
        });
      }
    },
  },
  {
    id: "P5.4",
    title: "Handshake, bitfield, unchoke and HAVE in one packet",
    points: 3,
    uses,
    run: async (trial: Trial) => {
      await getsJoined(trial, {
        manner: (peer) => ({
          cutting: "joined",
          greet: (connection) => {
            peer().sayBitfield(connection);
            peer().unchoke(connection);
            sayHave(connection, 0);
          },
          interested: () => {},
        }),
        why: STREAM,
      }, HANDSHAKE_LENGTH);
    },
  },
  {
    id: "P5.5",
    title: "HAVEs in the same packet as each block",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      await gets(trial, {
        manner: (peer) => ({
          request: (connection, block) => {
            connection.cutting = "joined";
            sayHave(connection, 0);
            peer().give(connection, block);
            sayHave(connection, 1);
          },
        }),
        why: STREAM,
      });
    },
  },
  {
    id: "P5.6",
    title: "One byte a packet",
    points: 3,
    uses,
    run: async (trial: Trial) => {
      await gets(trial, { manner: () => ({ cutting: "bytes" }), why: STREAM });
    },
  },
  {
    id: "P5.7",
    title: "Packets that end in the middle of a message",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      await gets(trial, { manner: () => ({ cutting: 1000 }), why: STREAM });
    },
  },
  {
    id: "P5.8",
    title: "Keep-alives",
    points: 1,
    uses,
    run: async (trial: Trial) => {
      await gets(trial, {
        manner: (peer) => ({
          greet: (connection) => {
            for (let i = 0; i < 3; i++) sayKeepAlive(connection);
            peer().sayBitfield(connection);
          },
          request: (connection, block) => {
            sayKeepAlive(connection);
            peer().give(connection, block);
          },
        }),
        why:
          "BEP 3: a message of length 0 is a keep-alive: no ID follows, and nothing is to be done",
      });
    },
  },
  {
    id: "P5.9",
    title: "Messages that it does not know or does not wait for",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      await gets(trial, {
        manner: (peer) => ({
          // Without these bits a peer may take the messages behind them for an error.
          handshake: { extended: true, dht: true },
          greet: (connection) => {
            peer().sayBitfield(connection);
            connection.say("port: 6881", (writer) => writer.port(6881));
            if (connection.handshake?.extended) {
              const payload = new TextEncoder().encode("d1:mdee");
              connection.say("an extended handshake", (writer) => writer.extended(0, payload));
            }
            sayHave(connection, 0);
          },
        }),
        why: "BEP 3, 4: peers send what they have to say when they have it; what is of no use is " +
          "passed over by its length",
      });
      const scene = await setUp(trial, {
        manner: (peer) => ({
          greet: (connection) => {
            peer().sayBitfield(connection);
            sayUnknown(connection);
          },
          request: (connection, block) => {
            sayUnknown(connection);
            peer().give(connection, block);
          },
        }),
        why: "BEP 4: new IDs come. One that is not known is passed over by its length, or the " +
          "piece comes from the next peer",
      });
      // Common clients hang up on what is no ID of theirs, and go to another peer.
      trial.peer(scene.torrent);
      await fetchFile(trial, scene.fetch);
    },
  },
  {
    id: "P5.10",
    title: "No bitfield: HAVEs say what is there",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      await gets(trial, {
        manner: (peer) => ({
          greet: (connection) => {
            for (let piece = 0; piece < peer().torrent.pieceCount; piece++) {
              sayHave(connection, piece);
            }
          },
        }),
        why:
          "BEP 3: the bitfield is optional: a peer without pieces sends none, and tells of those " +
          "that it gets by HAVE",
      });
    },
  },
  {
    id: "P5.11",
    title: "A peer that gets the piece a second later",
    points: 2,
    timed: true,
    uses,
    run: async (trial: Trial) => {
      let told = false;
      await gets(trial, {
        manner: (peer) => ({
          has: () => false,
          greet: (connection) => {
            trial.later(1200, () => {
              told = true;
              // A program that fetches the whole file needs them all.
              for (const piece of [1, 0, 2, 3]) sayHave(connection, piece);
            });
          },
          request: (connection, block) => {
            if (told) return peer().give(connection, block);
            const heard = connection.heard.at(-1)!;
            peer().faults.push({
              expected: "no request until the peer has said HAVE",
              seen: messageWords({ type: "request", ...block }),
              why: "BEP 3: a peer is asked for what it said that it has",
              ...connection.placeOf(heard),
            });
          },
        }),
        why: "BEP 3: HAVE announces one more piece: a peer that had nothing for us may have now",
      });
    },
  },
  {
    id: "P5.12",
    title: "Nothing is asked for before the unchoke, two seconds later",
    points: 2,
    timed: true,
    uses,
    run: async (trial: Trial) => {
      let unchoked = false;
      await gets(trial, {
        manner: (peer) => ({
          interested: (connection) => {
            trial.later(2000, () => {
              unchoked = true;
              peer().unchoke(connection);
            });
          },
          request: (connection, block) => {
            if (unchoked) return peer().give(connection, block);
            peer().faults.push({
              expected: "no request until the peer has said unchoke",
              seen: messageWords({ type: "request", ...block }),
              why: "BEP 3: connections begin choked, and a peer that chokes drops requests",
              filter: "bittorrent.msg.type == 6",
              ...connection.placeOf(connection.heard.at(-1)!, [4, 5]),
            });
          },
        }),
        why: "BEP 3: a peer unchokes when it has a place; a program waits for that",
      });
    },
  },
  {
    id: "P5.13",
    title: "Choked in the middle of a piece, unchoked later",
    points: 3,
    timed: true,
    uses,
    run: async (trial: Trial) => {
      let state: "open" | "choked" | "known" | "again" = "open";
      await gets(trial, {
        wish: { pieceLength: 8 * BLOCK_LENGTH },
        manner: (peer) => ({
          request: (connection, block, count) => {
            if (state === "again" || count <= 2) peer().give(connection, block);
            if (count === 2) {
              state = "choked";
              connection.say("choke", (writer) => writer.choke());
              // What it asked for before it had read that is no fault.
              trial.whenRested(300, () => {
                state = "known";
                trial.later(900, () => {
                  state = "again";
                  peer().unchoke(connection);
                });
              });
            } else if (state === "known") {
              peer().faults.push({
                expected: "no requests while it is choked",
                seen: messageWords({ type: "request", ...block }),
                why: "BEP 3: a choked peer's requests are dropped",
                filter: "bittorrent.msg.type == 6",
                ...connection.placeOf(connection.heard.at(-1)!, [4, 5]),
              });
            }
          },
        }),
        why:
          "BEP 3: what was asked for and has not come is dropped with a choke. After the unchoke " +
          "it is asked for again",
      });
    },
  },
  {
    id: "P5.14",
    title: "Blocks come in another order than they were asked for",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const waiting: { connection: PeerConnection; block: Block }[] = [];
      await gets(trial, {
        wish: { pieceLength: 4 * BLOCK_LENGTH },
        manner: (peer) => ({
          request: (connection, block) => {
            waiting.push({ connection, block });
            if (waiting.length > 1) return;
            trial.later(150, () => {
              for (const { connection, block } of waiting.reverse()) peer().give(connection, block);
              waiting.length = 0;
            });
          },
        }),
        why: "BEP 3: a piece message says with piece and begin where its block belongs",
      });
    },
  },
  {
    id: "P5.15",
    title: "A wrong block is noticed",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const scene = await setUp(trial, {
        manner: (peer) => ({
          request: (connection, block, count) =>
            peer().give(connection, block, count === 1 ? spoiled(peer(), block) : undefined),
        }),
        why: "BEP 3: a piece counts only if its SHA-1 is the one in `pieces`",
      });
      const fetched = await tryFetch(trial, scene.fetch);
      trial.judgeFaults();
      const { run, right, file } = fetched;
      // What still runs has given up nothing: a file of another length is one that it goes on with.
      const isGiven = run.end === undefined
        ? file?.length === scene.fetch.content.length
        : file !== undefined && run.end.code === 0;
      if (!right && isGiven) {
        trial.fail(findingOf(trial, scene.fetch, fetched));
      }
      if (!right && run.end?.code === 0) {
        trial.fail({
          ...findingOf(trial, scene.fetch, fetched),
          expected: "the right piece, or a sentence and another exit status than 0",
        });
      }
      await run.stop();
    },
  },
  {
    id: "P5.16",
    title: "…and asked for again",
    points: 2,
    uses,
    run: async (trial) => {
      const scene = await setUp(trial, {
        manner: (peer) => ({
          request: (connection, block, count) =>
            peer().give(connection, block, count === 1 ? spoiled(peer(), block) : undefined),
        }),
        why: "BEP 3: a piece whose hash is wrong is thrown away and fetched again",
      });
      // Who asks no liar again finds another peer.
      laterPeer(trial, scene);
      await fetchFile(trial, scene.fetch);
    },
  },
  {
    id: "P5.17",
    title: "HAVE of a piece that there is not",
    points: 1,
    uses,
    run: async (trial: Trial) => {
      const scene = await setUp(trial, {
        manner: (peer) => ({
          greet: (connection) => {
            peer().sayBitfield(connection);
            sayHave(connection, 0xffff_ffff);
          },
        }),
        why:
          "Numbers of others are checked before they are used: take no notice, or hang up and go " +
          "to the next peer",
      });
      // Who hangs up finds another peer.
      laterPeer(trial, scene);
      await fetchFile(trial, scene.fetch);
    },
  },
];

export const P5: Step = {
  id: "P5",
  of: "peer",
  title: "A piece from a peer",
  needs: ["P3", "P4"],
  probes: PROBES,
};
