/**
 * Web seed (BEP 19): the state of one web server of one torrent.
 *
 * @module
 */
import type { WebSeedSnapshot } from "../snapshot.ts";
import { Bitfield } from "../../protocol/bitfield.ts";
import { Peer } from "../peers/peer.ts";
import { RateMeter } from "../rate/rate_meter.ts";
import { untilNextTry } from "../rate/server_backoff.ts";

/** Bytes of one request: two seconds of what comes, within these. */
const MIN_REQUEST = 1 << 20;
const MAX_REQUEST = 8 << 20;
/** Longest pause of our own after failures in a row, seconds. */
const MAX_BACK_OFF = 600;

/** A web server, how it performs, and when to ask it again. */
export class WebSeed {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Pieces it may have: all, until a file turns out to be missing there. */
  readonly pieces: Bitfield;
  readonly down: RateMeter = new RateMeter();
  /** Whoever the download knows it as: one for each request. */
  readonly peers: WeakSet<Peer> = new WeakSet();
  /** Requests under way. */
  requests = 0;
  /** The piece after the last one asked for: requests in a row are read in a row there. */
  next: number | undefined;
  #failures = 0;
  #retryAt = 0;
  #trouble: string | undefined;
  #isGivenUp = false;

  constructor(url: string, pieceCount: number) {
    const { hostname, port, protocol } = new URL(url);
    this.url = url;
    this.host = hostname;
    this.port = port === "" ? protocol === "https:" ? 443 : 80 : Number(port);
    this.pieces = Bitfield.full(pieceCount);
  }

  /** It will not be asked again: it proved to be wrong or of no use. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  get requestBytes(): number {
    const rate = Math.max(this.down.rate, this.down.sinceTick);
    return Math.min(MAX_REQUEST, Math.max(MIN_REQUEST, 2 * rate));
  }

  isReady(now: number): boolean {
    return !this.#isGivenUp && now >= this.#retryAt;
  }

  /** A request as the download sees it: a peer that has chosen to give us everything. */
  newRequest(now: number): Peer {
    const peer = new Peer({
      host: this.host.replace(/^\[|\]$/g, ""),
      port: this.port,
      peerId: new Uint8Array(20),
      source: "web seed",
      incoming: false,
      fast: false,
      extended: false,
      client: `web seed ${this.host}`,
      pieceCount: 0,
      now,
    });
    peer.pieces = this.pieces;
    peer.peerChoking = false;
    return peer;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#trouble = undefined;
  }

  /**
   * @param facts `random` uniform in [0, 1); `wish`: seconds that it asked for itself
   */
  failed(reason: string, facts: { now: number; random: number; wish?: number | undefined }): void {
    this.#failures++;
    this.#trouble = reason;
    this.next = undefined;
    const backOff = Math.min(MAX_BACK_OFF, 3 ** this.#failures);
    this.#retryAt = facts.now + untilNextTry(backOff, facts.wish, facts.random) * 1000;
  }

  /** A file is not there: nor are pieces `first` to `last`. */
  lacks(first: number, last: number): void {
    for (let piece = first; piece <= last; piece++) this.pieces.delete(piece);
    this.next = undefined;
  }

  giveUp(reason: string): void {
    this.#isGivenUp = true;
    this.#trouble = reason;
  }

  snapshot(now: number): WebSeedSnapshot {
    return {
      url: this.url,
      address: this.host,
      port: this.port,
      status: this.#status(now),
      downloadRate: this.#isGivenUp ? 0 : this.down.rate,
      downloaded: this.down.total,
      progress: this.pieces.length === 0 ? 1 : this.pieces.count / this.pieces.length,
      requests: this.requests,
    };
  }

  #status(now: number): string {
    if (this.#isGivenUp) return `given up: ${this.#trouble}`;
    if (this.requests > 0) return "sends";
    const wait = Math.ceil((this.#retryAt - now) / 1000);
    return wait > 0 ? `again in ${wait} s: ${this.#trouble}` : "ready";
  }
}
