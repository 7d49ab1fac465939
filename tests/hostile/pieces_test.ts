/**
 * Attackers that say they have the file: what they give is wrong, late, or never comes.
 *
 * @module
 */
import { encodeExtensionHandshake, encodeMetadataMessage } from "../../protocol/extended.ts";
import { encodeHandshake, HANDSHAKE_LENGTH } from "../../protocol/handshake.ts";
import { BLOCK_LENGTH } from "../../protocol/layout.ts";
import type { FakePeer } from "../support/fake_peer.ts";
import type { Attack, Attacker } from "./attack.ts";
import { CONTENT, PIECE_COUNT, PIECE_LENGTH } from "./honest_swarm.ts";
import { testAttackers } from "./zoo.ts";

function blockOf(piece: number, begin: number, length: number): Uint8Array {
  const at = piece * PIECE_LENGTH + begin;
  return CONTENT.slice(at, at + length);
}

function addressOf(index: number): string {
  return `127.0.0.${100 + index}`;
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
    const port = await attack.listen((socket) => {
      let heard = new Uint8Array();
      let theirId: number | undefined;
      let isGreeted = false;
      socket.on("data", (bytes: Uint8Array) => {
        heard = new Uint8Array([...heard, ...bytes]);
        if (!isGreeted) {
          if (heard.length < HANDSHAKE_LENGTH) return;
          heard = heard.slice(HANDSHAKE_LENGTH);
          isGreeted = true;
          const flags = { fast: false, extended: true, dht: false, v2: false };
          const { infoHash } = attack.swarm;
          socket.write(encodeHandshake({ infoHash, peerId: attack.bytes(20), ...flags }));
          socket.write(frameOf(
            0,
            encodeExtensionHandshake({
              messages: { "ut_metadata": 1 },
              metadataSize,
            }),
          ));
          attack.strike();
        }
        for (;;) {
          const length = heard.length < 4 ? Infinity : new DataView(heard.buffer).getUint32(0);
          if (heard.length < 4 + length) return;
          const message = heard.subarray(4, 4 + length);
          heard = heard.slice(4 + length);
          if (message[0] !== 20) continue;
          const text = new TextDecoder("latin1").decode(message.subarray(2));
          if (message[1] === 0) theirId = Number(/ut_metadatai(\d+)e/.exec(text)?.[1] ?? 0);
          else if (theirId !== undefined) {
            const piece = Number(/piecei(\d+)e/.exec(text)?.[1] ?? 0);
            const reply = answer(piece);
            if (reply !== undefined) socket.write(frameOf(theirId, reply));
          }
        }
      });
    }, from);
    await attack.announce({ port }, from);
  });
}

function frameOf(id: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(6 + payload.length);
  new DataView(frame.buffer).setUint32(0, 2 + payload.length);
  frame.set([20, id], 4);
  frame.set(payload, 6);
  return frame;
}

testAttackers("pieces", [...LATE.map((attacker) => ({ ...attacker, isLate: true })), ...EARLY]);
