/**
 * Downlink queue: what all peers together were asked for and have not sent, measured by what our own
 * line takes.
 *
 * Each peer's window is right for that peer alone. The windows of a dozen peers are minutes of a slow
 * line: a block then comes late because others come before it, not because its sender is slow, and
 * whoever asks another peer for it gets it twice. What is weighed:
 *
 * 1. all peers together are asked for ten seconds of what comes;
 * 2. each is asked for one block all the same, and a peer whose blocks come within two seconds for all
 *    that its window takes: nothing waits before it;
 * 3. before anything came the line is unknown, and a megabyte is asked for;
 * 4. nobody is given up before what the others were asked for could have come.
 *
 * @module
 */
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import type { Peer } from "../peers/peer.ts";
import { RateMeter } from "../rate/rate_meter.ts";

/** Seconds of what comes that all peers are asked for together. */
const SECONDS = 10;
/** ms from request to block that no full line allows. */
const SOON_MS = 2000;
/** Blocks that are asked for while nothing comes, and at least. */
const BLOCKS = { unknown: 64, least: 4 };
/** More blocks than all windows are likely to ask for: that many are no limit. */
const PLENTY = 4096;

/** One torrent's. */
export class DownlinkQueue {
  readonly #peers: { keys(): Iterable<Peer> };
  readonly #meter = new RateMeter();
  /** Blocks that peers were asked for and have not sent. */
  #outstanding = 0;
  /** Blocks that were likely to come when the last second was over. */
  #waiting = 0;
  #isFull = false;
  /** Told where our line becomes full, or has room again. @param rate bytes per second that come */
  onFull: ((isFull: boolean, rate: number) => void) | undefined;

  /** @param peers all that are connected */
  constructor(peers: { keys(): Iterable<Peer> }) {
    this.#peers = peers;
  }

  /** Bytes per second that come. */
  get rate(): number {
    return Math.max(this.#meter.rate, this.#meter.sinceTick);
  }

  /** Something came: bytes. */
  came(bytes: number): void {
    this.#meter.add(bytes);
  }

  /** A peer was asked for one block more. */
  add(peer: Peer): void {
    if (!isWebSeed(peer)) this.#outstanding++;
  }

  /** A peer is no longer asked for so many blocks: they came, were refused or are not waited for. */
  strike(peer: Peer, blocks: number): void {
    if (!isWebSeed(peer)) this.#outstanding -= blocks;
  }

  /** A second has passed. */
  tick(): void {
    this.#meter.tick();
    this.#waiting = 0;
    let asked = 0;
    for (const peer of this.#peers.keys()) {
      this.#waiting += likely(peer);
      asked += peer.requests.size;
    }
    this.#tell(asked);
  }

  #tell(asked: number): void {
    const { rate } = this;
    const most = rate === 0 ? Infinity : SECONDS * rate / BLOCK_LENGTH;
    // One block more or less is no news.
    const isFull = most < PLENTY && asked >= (this.#isFull ? most / 2 : most);
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.onFull?.(isFull, rate);
  }

  /** How many more blocks a peer may be asked for, whatever its own window is. */
  roomFor(peer: Peer): number {
    const { rate } = this;
    const most = rate === 0
      ? BLOCKS.unknown
      : Math.max(BLOCKS.least, Math.ceil(SECONDS * rate / BLOCK_LENGTH));
    if (most >= PLENTY) return Infinity;
    // Whatever the others were asked for, its own share stays.
    return Math.max(most - this.#outstanding, ownShare(peer) - peer.requests.size);
  }

  /** ms in which everything comes that others were asked for and are likely to send. */
  waitFor(peer: Peer): number {
    const { rate } = this;
    if (rate === 0) return 0;
    return 1000 * Math.max(0, this.#waiting - likely(peer)) * BLOCK_LENGTH / rate;
  }
}

/** A web server is asked for whole pieces in one request: its window is not our line's. */
function isWebSeed({ source }: Peer): boolean {
  return source === "web seed";
}

/** Blocks that a peer may be asked for, whatever the others were asked for. */
function ownShare({ answers: { latency = Infinity } }: Peer): number {
  return latency < SOON_MS ? Infinity : 1;
}

/** Blocks that a peer is likely to send: one, before it has sent any. */
function likely({ snubbed, down, requests: { size } }: Peer): number {
  return size === 0 || snubbed ? 0 : down.total > 0 ? size : 1;
}
