/**
 * `ut_metadata` (BEP 9): gives a torrent's info dictionary to peers that have only its magnet link.
 *
 * Private torrents are no exception: who is in the swarm has been let in by its tracker.
 *
 * @module
 */
import {
  encodeMetadataMessage,
  MAX_METADATA_SIZE,
  METADATA_PIECE_LENGTH,
  type MetadataMessage,
} from "../../protocol/extension_message.ts";
import type { MessageWriter } from "../../protocol/message_writer.ts";
import type { Peer } from "../peers/peer.ts";
import { TokenBucket } from "../rate/token_bucket.ts";

/** How often the whole may be asked for: at once, and again per minute. */
const COPIES = 2;
const REFILL_MS = 60_000;
/** Where so many bytes wait to be sent to a peer already, it has to ask again later. */
const MAX_WAITING = 256 * 1024;

/** Answers requests, each peer's only as often as it can need them. */
export class UtMetadata {
  readonly #bytes: Uint8Array;
  /** Pieces that each peer may still ask for. */
  readonly #buckets = new WeakMap<Peer, TokenBucket>();

  /** @param infoBytes undefined where there is nothing to give yet */
  constructor(infoBytes: Uint8Array | undefined) {
    this.#bytes = infoBytes ?? new Uint8Array();
  }

  /** For the extension handshake; undefined where there is none, or one too large for anybody. */
  get size(): number | undefined {
    const { length } = this.#bytes;
    return length > 0 && length <= MAX_METADATA_SIZE ? length : undefined;
  }

  /** Answers a request with the piece, or with a reject where it asks too much. */
  onRequest(
    peer: Peer,
    writer: MessageWriter,
    message: { readonly type: "request" | "reject"; readonly piece: number },
    now: number,
  ): void {
    const id = peer.extensions["ut_metadata"];
    if (message.type !== "request" || !id || writer.length > 2 * MAX_WAITING) return;
    const { piece } = message;
    const from = piece * METADATA_PIECE_LENGTH;
    const isThere = this.size !== undefined && from < this.#bytes.length;
    const reply: MetadataMessage = isThere && writer.length < MAX_WAITING && this.#allow(peer, now)
      ? {
        type: "data",
        piece,
        totalSize: this.#bytes.length,
        data: this.#bytes.subarray(from, from + METADATA_PIECE_LENGTH),
      }
      : { type: "reject", piece };
    writer.extended(id, encodeMetadataMessage(reply));
  }

  #allow(peer: Peer, now: number): boolean {
    let bucket = this.#buckets.get(peer);
    if (bucket === undefined) {
      const most = COPIES * Math.ceil(this.#bytes.length / METADATA_PIECE_LENGTH);
      this.#buckets.set(peer, bucket = new TokenBucket(most, most * 1000 / REFILL_MS));
    }
    return bucket.take(1, now);
  }
}
