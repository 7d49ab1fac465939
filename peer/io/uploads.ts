/**
 * Serves the blocks that peers asked for, from whole pieces, many to one write.
 *
 * @module
 */
import type { MessageWriter } from "../../protocol/message_writer.ts";
import type { Layout } from "../../protocol/layout.ts";
import type { Peer } from "../logic/peer.ts";
import type { RateLimit } from "../logic/rate_limit.ts";
import type { RateMeter } from "../logic/rate_meter.ts";
import type { PieceStore } from "../ports.ts";
import type { PieceCache } from "./piece_cache.ts";

/** Bytes encoded ahead of the socket: one write of up to this many. */
const CORK = 1 << 18;

/** One torrent's serving side. */
export class Uploads {
  readonly #store: PieceStore;
  readonly #layout: Layout;
  readonly #cache: PieceCache;
  readonly #limit: RateLimit;
  readonly #meter: RateMeter;
  readonly #onError: (error: unknown) => void;
  readonly #waiting = new Set<Peer>();

  /**
   * @param options.meter counts what is sent in all
   * @param options.onError a piece could not be read: the torrent's business
   */
  constructor(options: {
    store: PieceStore;
    layout: Layout;
    cache: PieceCache;
    limit: RateLimit;
    meter: RateMeter;
    onError: (error: unknown) => void;
  }) {
    this.#store = options.store;
    this.#layout = options.layout;
    this.#cache = options.cache;
    this.#limit = options.limit;
    this.#meter = options.meter;
    this.#onError = options.onError;
  }

  /**
   * Encodes as many of a peer's requested blocks as the cork and the rate limit take. Goes on by
   * itself when a piece had to be read first; is to be called again when output has drained.
   */
  pump(peer: Peer, writer: MessageWriter, now: number): void {
    if (this.#waiting.has(peer) || peer.uploads.length === 0) return;
    let sent = 0;
    let budget = this.#limit.available(now);
    let done = 0;
    for (; done < peer.uploads.length && writer.length < CORK && budget > 0; done++) {
      const { piece, begin, length } = peer.uploads[done]!;
      const bytes = this.#cache.get(this.#store, piece);
      if (bytes === undefined) {
        this.#load(peer, writer, piece);
        break;
      }
      writer.piece(piece, begin, bytes.subarray(begin, begin + length));
      sent += length;
      budget -= length;
    }
    peer.uploads.splice(0, done);
    if (sent === 0) return;
    this.#limit.spend(sent);
    this.#meter.add(sent);
    peer.up.add(sent);
    peer.lastSaidAt = now;
    this.#readAhead(peer);
  }

  /** The next other piece that a peer waits for is read while this one is sent. */
  #readAhead(peer: Peer): void {
    const first = peer.uploads[0]?.piece;
    const next = peer.uploads.find((request) => request.piece !== first)?.piece ?? first;
    if (next === undefined || this.#cache.get(this.#store, next) !== undefined) return;
    this.#cache.load(this.#store, next, this.#layout.pieceSize(next)).catch(this.#onError);
  }

  #load(peer: Peer, writer: MessageWriter, piece: number): void {
    this.#waiting.add(peer);
    this.#cache.load(this.#store, piece, this.#layout.pieceSize(piece))
      .then(() => {
        this.#waiting.delete(peer);
        this.pump(peer, writer, peer.lastHeardAt);
      }, (error) => {
        this.#waiting.delete(peer);
        peer.uploads.length = 0;
        this.#onError(error);
      });
  }
}
