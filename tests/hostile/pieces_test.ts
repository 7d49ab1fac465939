/**
 * Attackers that say they have the file: what they give is wrong, late, or never comes.
 *
 * @module
 */
import {
  encodeExtensionHandshake,
  encodeMetadataMessage,
  parseExtensionHandshake,
  parseMetadataMessage,
} from "../../protocol/extension_message.ts";
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { addressOf, type Attack, type Attacker } from "./attack.ts";
import { CONTENT, PIECE_COUNT, PIECE_LENGTH } from "./honest_swarm.ts";
import { testAttackers } from "./zoo.ts";

function blockOf(piece: number, begin: number, length: number): Uint8Array {
  const at = piece * PIECE_LENGTH + begin;
  return CONTENT.slice(at, at + length);
}

/** Callers from addresses of their own that say they are seeds; `serve` begins after that. */
function seeds(
  attack: Attack,
  size: number,
  serve: (peer: FakePeer, index: number) => Promise<void>,
): void {
  attack.crowd(size, 100, async (index) => {
    using peer = await attack.peer("leech", { from: addressOf(index), fast: true });
    peer.say.haveAll();
    peer.say.unchoke();
    await peer.flush();
    attack.strike();
    await serve(peer, index);
  });
}

/** Answers every request by `answer`. */
function answering(
  size: number,
  answer: (
    peer: FakePeer,
    request: { piece: number; begin: number; length: number },
    attack: Attack,
  ) => Promise<void> | void,
): Attacker["begin"] {
  return (attack) =>
    seeds(attack, size, async (peer) => {
      for (let message; (message = await peer.hear()) !== undefined;) {
        if (message.type !== "request") continue;
        const { piece, begin, length } = message;
        await answer(peer, { piece, begin, length }, attack);
        await peer.flush();
      }
    });
}

/** The leech knows its torrent, and lets its seeds in, when it has begun to download. */
const LATE: Attacker[] = [
  {
    name: "five seeds whose every block is wrong",
    begin: answering(5, (peer, { piece, begin, length }) => {
      peer.say.piece(piece, begin, new Uint8Array(length));
    }),
  },
  {
    name: "forty seeds whose every block is wrong",
    begin: answering(40, (peer, { piece, begin, length }) => {
      peer.say.piece(piece, begin, new Uint8Array(length));
    }),
  },
  {
    name: "seeds of which one byte in fifty blocks is wrong",
    begin: answering(5, (peer, { piece, begin, length }, attack) => {
      const block = blockOf(piece, begin, length);
      if (attack.random() < 0.02) block[0]! ^= 1;
      peer.say.piece(piece, begin, block);
    }),
  },
  {
    name: "fifteen seeds that never answer",
    begin: (attack) => seeds(attack, 15, (peer) => peer.closed()),
  },
  {
    name: "seeds that answer one block every two seconds",
    begin: answering(15, async (peer, { piece, begin, length }, attack) => {
      await attack.pause(2000);
      peer.say.piece(piece, begin, blockOf(piece, begin, length));
    }),
  },
  {
    name: "seeds that reject whatever they are asked for",
    begin: answering(15, (peer, { piece, begin, length }) => {
      peer.say.reject(piece, begin, length);
    }),
  },
  {
    name: "seeds that choke with the first request and unchoke again",
    begin: answering(15, (peer) => {
      peer.say.choke();
      peer.say.unchoke();
    }),
  },
  {
    name: "seeds that hang up with the first request and come back",
    begin: (attack) =>
      seeds(attack, 15, async (peer) => {
        await peer.hearUntil("request");
      }),
  },
  {
    name: "seeds that send another block than was asked for",
    begin: answering(10, (peer, { piece, begin }) => {
      const other = (piece + 1) % PIECE_COUNT;
      peer.say.piece(other, begin, blockOf(other, begin, BLOCK_LENGTH));
    }),
  },
  {
    name: "seeds that send half of each block",
    begin: answering(10, (peer, { piece, begin, length }) => {
      peer.say.piece(piece, begin, blockOf(piece, begin, length / 2));
    }),
  },
  {
    name: "blocks that nobody asked for",
    begin: (attack) =>
      seeds(attack, 10, async (peer) => {
        for (let piece = 0; !attack.isOver; piece = (piece + 1) % PIECE_COUNT) {
          peer.say.piece(piece, 0, new Uint8Array(BLOCK_LENGTH));
          await peer.flush();
          await attack.pause(5);
        }
      }),
  },
];

const EARLY: Attacker[] = [
  {
    name: "seeds whose metadata is wrong",
    way: "link",
    begin: (attack) =>
      metadataPeers(attack, 15, (piece) => {
        const length = piece === 0 ? 6000 : 0;
        const data = attack.bytes(length);
        return encodeMetadataMessage({ type: "data", piece, totalSize: length, data });
      }, 6000),
  },
  {
    name: "seeds whose metadata never comes",
    way: "link",
    begin: (attack) => metadataPeers(attack, 15, () => undefined, 6000),
  },
  {
    name: "seeds that claim metadata of eight mebibytes and send it wrong",
    way: "link",
    begin: (attack) =>
      metadataPeers(attack, 15, (piece) => {
        const data = new Uint8Array(16384);
        return encodeMetadataMessage({ type: "data", piece, totalSize: 8 << 20, data });
      }, 8 << 20),
  },
  {
    name: "seeds that claim metadata of two gibibytes",
    way: "link",
    begin: (attack) => metadataPeers(attack, 15, () => undefined, 2 ** 31 - 1),
  },
];

/**
 * Ports in the tracker's list that answer as seeds of a link: the leech, which knows nothing but the
 * tracker, calls them.
 */
function metadataPeers(
  attack: Attack,
  size: number,
  answer: (piece: number) => Uint8Array | undefined,
  metadataSize: number,
): void {
  attack.crowd(size, 5000, async (index, round) => {
    if (round > 0) return;
    const from = addressOf(index);
    const port = await attack.listen(async (stream) => {
      using peer = new FakePeer(stream);
      await peer.handshake(attack.swarm.infoHash, { extended: true });
      attack.strike();
      const messages = { "ut_metadata": 1 };
      peer.say.extended(0, encodeExtensionHandshake({ messages, metadataSize }));
      await peer.flush();
      let theirId = 0;
      for (let message; (message = await peer.hear()) !== undefined;) {
        if (message.type !== "extended") continue;
        if (message.id === 0) {
          theirId = parseExtensionHandshake(message.payload).messages["ut_metadata"]!;
          continue;
        }
        const question = parseMetadataMessage(message.payload);
        const reply = question?.type === "request" ? answer(question.piece) : undefined;
        if (reply === undefined) continue;
        peer.say.extended(theirId, reply);
        await peer.flush();
      }
    }, from);
    await attack.announce({ port }, from);
  });
}

testAttackers("pieces", [...LATE.map((attacker) => ({ ...attacker, isLate: true })), ...EARLY]);
