/**
 * What a peer says over one connection, damaged in part and in no order: the same for the same random
 * source.
 *
 * @module
 */
import { encodeBencode } from "../../protocol/bencode.ts";
import { concatBytes } from "../../protocol/concat_bytes.ts";
import {
  encodeExtensionHandshake,
  encodeMetadataMessage,
} from "../../protocol/extension_message.ts";
import { encodeHandshake } from "../../protocol/handshake.ts";
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import { MessageWriter } from "../../protocol/message_writer.ts";
import { mutate } from "./mutate.ts";

/** The swarm that it is said in. */
export interface DamagedSwarm {
  readonly infoHash: Uint8Array;
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** What the torrent holds. */
  readonly content: Uint8Array;
  /** Its info dictionary. */
  readonly infoBytes: Uint8Array;
  /** The root of a file's hash tree, where there are some. */
  readonly root: Uint8Array;
}

/** Longest frame that is damaged in every way; in longer ones only bytes are changed. */
const SHORT = 1024;

/** Makes connections' worth of bytes. */
export class DamagedStream {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** A handshake and so many messages. One handshake of ten is damaged, and half the messages are. */
  next(swarm: DamagedSwarm, count: number): Uint8Array {
    const { infoHash } = swarm;
    const peerId = Uint8Array.from({ length: 20 }, () => this.#below(256));
    const [fast, extended, v2, dht] = Array.from({ length: 4 }, () => this.#random() < 0.7);
    const hello = encodeHandshake({
      infoHash,
      peerId,
      fast: fast!,
      extended: extended!,
      v2: v2!,
      dht: dht!,
    });
    const parts = [this.#random() < 0.1 ? mutate(hello, this.#random) : hello];
    for (let i = 0; i < count; i++) {
      const frame = this.#message(swarm);
      parts.push(this.#random() < 0.5 ? this.#damage(frame) : frame);
    }
    return concatBytes(parts);
  }

  /** Mostly in the body, so that what follows can still be read; sometimes in the length, too. */
  #damage(frame: Uint8Array): Uint8Array {
    const way = this.#random();
    if (way < 0.5 || frame.length > SHORT) {
      const damaged = frame.slice();
      for (let n = 1 + this.#below(3); n > 0 && frame.length > 4; n--) {
        damaged[4 + this.#below(frame.length - 4)]! ^= 1 << this.#below(8);
      }
      return damaged;
    }
    if (way > 0.9) return mutate(frame, this.#random);
    const body = mutate(frame.subarray(4), this.#random);
    const damaged = new Uint8Array(4 + body.length);
    new DataView(damaged.buffer).setUint32(0, body.length);
    damaged.set(body, 4);
    return damaged;
  }

  #message(swarm: DamagedSwarm): Uint8Array {
    const { pieceLength, pieceCount, content, infoBytes, root } = swarm;
    const say = new MessageWriter(() => {});
    const piece = this.#below(pieceCount);
    const begin = this.#below(pieceLength / BLOCK_LENGTH) * BLOCK_LENGTH;
    const at = piece * pieceLength + begin;
    const block = content.subarray(at, at + BLOCK_LENGTH);
    const range = { root, base: this.#below(3), index: 0, length: 2, proofLayers: this.#below(4) };
    const kinds: (() => void)[] = [
      () => say.keepAlive(),
      () => say.choke(),
      () => say.unchoke(),
      () => say.interested(),
      () => say.notInterested(),
      () => say.haveAll(),
      () => say.haveNone(),
      () => say.have(piece),
      () => say.bitfield(new Uint8Array(Math.ceil(pieceCount / 8)).fill(0xf0)),
      () => say.request(piece, begin, block.length),
      () => say.cancel(piece, begin, block.length),
      () => say.reject(piece, begin, block.length),
      () => say.piece(piece, begin, block),
      () => say.allowedFast(piece),
      () => say.raw(new Uint8Array([0, 0, 0, 5, 13, 0, 0, 0, piece & 0xff])), // suggest
      () => say.port(1),
      () => say.hashRequest(range),
      () => say.hashReject(range),
      () => say.hashes(range, new Uint8Array(64)),
      // No port and no addresses: whoever reads them damaged would call anywhere.
      () =>
        say.extended(
          0,
          encodeExtensionHandshake({
            messages: { "ut_metadata": 2, "lt_donthave": 3 },
            client: "µTorrent 1.2",
            reqq: 250,
            metadataSize: infoBytes.length,
            yourIp: new Uint8Array([127, 0, 0, 1]),
            uploadOnly: false,
            name: "Übung",
          }),
        ),
      () => say.extended(2, encodeMetadataMessage({ type: "request", piece: 0 })),
      () => say.extended(2, encodeMetadataMessage({ type: "reject", piece: 0 })),
      () => {
        const data = infoBytes.subarray(0, 16384);
        const totalSize = infoBytes.length;
        say.extended(2, encodeMetadataMessage({ type: "data", piece: 0, totalSize, data }));
      },
      () => say.extended(3, new Uint8Array([0, 0, 0, piece & 0xff])),
      () => say.extended(9, encodeBencode({ x: ["y", 1] })),
    ];
    kinds[this.#below(kinds.length)]!();
    return say.take();
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
