/**
 * Attackers that say too much, or what is wrong, on a connection with a good handshake.
 *
 * @module
 */
import {
  encodeExtensionHandshake,
  encodeMetadataMessage,
} from "../../protocol/extension_message.ts";
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import type { FakePeer } from "../support/fake_peer.ts";
import { type Attack, type Attacker, victim } from "./attack.ts";
import { PIECE_COUNT, PIECE_LENGTH } from "./honest_swarm.ts";
import { testAttackers } from "./zoo.ts";

/** Most messages that are said at once. */
const MANY = 2000;

/** Says a lot in one go, again and again until it is cut off; both peers, two callers each. */
function saying(
  say: (peer: FakePeer, attack: Attack, round: number) => void,
  { size = 4, every = 50 } = {},
): Attacker["begin"] {
  return (attack) =>
    attack.crowd(size, every, async (index) => {
      using peer = await attack.peer(victim(index), { fast: true, extended: true, v2: true });
      const heard = peer.closed();
      for (let round = 0; !attack.isOver; round++) {
        say(peer, attack, round);
        await peer.flush();
        attack.strike();
        await attack.pause(every);
      }
      await heard;
    });
}

const times = (count: number, act: (i: number) => void) => {
  for (let i = 0; i < count; i++) act(i);
};

const anyPiece = (attack: Attack) => Math.floor(attack.random() * PIECE_COUNT);

/** A frame's length and ID, without the frame. */
function frame(length: number, id: number, ...rest: number[]): Uint8Array {
  return Uint8Array.of(length >>> 24, length >> 16, length >> 8, length, id, ...rest);
}

const ATTACKERS: Attacker[] = [
  { name: "a length prefix of 4 GiB", begin: saying((peer) => peer.say.raw(frame(0xffffffff, 7))) },
  {
    name: "messages of a mebibyte of a kind that nobody knows",
    begin: saying((peer) => {
      peer.say.raw(frame((1 << 20) - 1, 200));
      peer.say.raw(new Uint8Array((1 << 20) - 2));
    }),
  },
  {
    name: "a piece message that is announced and then comes by the byte",
    begin: saying((peer, _attack, round) => {
      peer.say.raw(round === 0 ? frame(9 + BLOCK_LENGTH, 7) : Uint8Array.of(1));
    }, { size: 40 }),
  },
  {
    name: "bitfields of a wrong length",
    begin: saying((peer) => peer.say.bitfield(new Uint8Array(500_000))),
  },
  {
    name: "floods of have",
    begin: saying((peer, attack) => times(MANY, () => peer.say.have(anyPiece(attack)))),
  },
  {
    name: "have for pieces that there are not",
    begin: saying((peer) => times(100, (i) => peer.say.have(2 ** 31 + i))),
  },
  {
    name: "floods of keep-alives",
    begin: saying((peer) => times(MANY, () => peer.say.keepAlive())),
  },
  {
    name: "floods of choke and unchoke",
    begin: saying((peer) =>
      times(MANY, (i) => i % 2 === 0 ? peer.say.unchoke() : peer.say.choke())
    ),
  },
  {
    name: "floods of interested and not interested",
    begin: saying((peer) =>
      times(MANY, (i) => i % 2 === 0 ? peer.say.interested() : peer.say.notInterested())
    ),
  },
  {
    name: "have all, have none, a bitfield, and all again",
    begin: saying((peer) =>
      times(MANY / 4, () => {
        peer.say.haveAll();
        peer.say.haveNone();
        peer.say.bitfield(new Uint8Array(Math.ceil(PIECE_COUNT / 8)));
      })
    ),
  },
  {
    name: "requests by the thousand, whether choked or not",
    begin: saying((peer, attack) => {
      peer.say.interested();
      times(MANY, () => peer.say.request(anyPiece(attack), 0, BLOCK_LENGTH));
    }),
  },
  {
    name: "requests for what cannot be",
    begin: saying((peer) => {
      peer.say.interested();
      peer.say.request(2 ** 31, 0, BLOCK_LENGTH);
      peer.say.request(0, PIECE_LENGTH - 1, BLOCK_LENGTH);
      peer.say.request(0, 0, 2 ** 31);
      peer.say.request(0, 0, 0);
    }),
  },
  {
    name: "requests that are taken back at once",
    begin: saying((peer, attack) => {
      peer.say.interested();
      times(MANY / 2, () => {
        const piece = anyPiece(attack);
        peer.say.request(piece, 0, BLOCK_LENGTH);
        peer.say.cancel(piece, 0, BLOCK_LENGTH);
      });
    }),
  },
  {
    name: "floods of suggestions and grants",
    begin: saying((peer, attack) => times(MANY, () => peer.say.allowedFast(anyPiece(attack)))),
  },
  {
    name: "rejects of what nobody asked for",
    begin: saying((peer, attack) =>
      times(MANY, () => peer.say.reject(anyPiece(attack), 0, BLOCK_LENGTH))
    ),
  },
  {
    name: "extension handshakes with ten thousand extensions, again and again",
    begin: saying((peer) => {
      const names = Array.from({ length: 4000 }, (_, i) => [`x_${i}`, i % 256]);
      peer.say.extended(0, encodeExtensionHandshake({ messages: Object.fromEntries(names) }));
    }),
  },
  {
    name: "extension handshakes a hundred thousand lists deep",
    begin: saying((peer) => peer.say.extended(0, new Uint8Array(100_000).fill(0x6c))),
  },
  {
    name: "questions for metadata by the thousand",
    begin: saying((peer) =>
      times(MANY, (i) => {
        peer.say.extended(2, encodeMetadataMessage({ type: "request", piece: i % 3 }));
        peer.say.extended(3, encodeMetadataMessage({ type: "request", piece: i % 3 }));
      })
    ),
  },
  {
    name: "questions for hashes by the thousand",
    begin: saying((peer, attack) => {
      const root = attack.bytes(32);
      times(
        MANY,
        (i) =>
          peer.say.hashRequest({ root, base: 0, index: 512 * i, length: 512, proofLayers: 20 }),
      );
    }),
  },
  {
    name: "six downloaders that ask for everything and read nothing",
    begin: (attack) =>
      // Fewer than there are slots: whoever takes blocks is a downloader like any other.
      attack.crowd(6, 100, async () => {
        using peer = await attack.peer("seed", { fast: true });
        peer.say.interested();
        for (let piece = 0; piece < PIECE_COUNT; piece++) peer.say.request(piece, 0, BLOCK_LENGTH);
        await peer.flush();
        attack.strike();
        await attack.pause(20_000);
      }),
  },
];

testAttackers("messages", ATTACKERS);
