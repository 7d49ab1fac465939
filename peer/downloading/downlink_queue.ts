/**
 * Downlink queue: what all peers together were asked for and have not sent, measured by what our own
 * line takes.
 *
 * Each peer's window is right for that peer alone. The windows of a dozen peers are minutes of a slow
 * line: a block then comes late because others come before it, not because its sender is slow, and
 * whoever asks another peer for it gets it twice. What is weighed:
 *
 * 1. all peers together are asked for ten seconds of what comes, and each for one block at least, so
 *    that none is idle;
 * 2. before anything came the line is unknown, and a megabyte is asked for;
 * 3. nobody is given up before what the others were asked for could have come.
 *
 * @module
 */
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import type { Peer } from "../peers/peer.ts";
import { RateMeter } from "../rate/rate_meter.ts";

/** Seconds of our line that are asked for. */
const SECONDS = 10;
/** Blocks that are asked for while nothing comes, and at least. */
const BLOCKS = { unknown: 64, least: 4 };
/** More blocks than all windows are likely to ask for: that many are no limit. */
const PLENTY = 4096;

/** One torrent's. */
export class DownlinkQueue {
  readonly #peers: { keys(): Iterable<Peer> };
  readonly #meter = new RateMeter();
  /** Blocks that peers who deliver were asked for when the last second was over. */
  #waiting = 0;

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

  /** A second has passed. */
  tick(): void {
    this.#meter.tick();
    this.#waiting = 0;
    for (const peer of this.#peers.keys()) {
      if (peer.down.rate > 0) this.#waiting += peer.requests.size;
    }
  }

  /** How many more blocks a peer may be asked for, whatever its own window is. */
  roomFor(peer: Peer): number {
    const { rate } = this;
    const most = rate === 0
      ? BLOCKS.unknown
      : Math.max(BLOCKS.least, Math.ceil(SECONDS * rate / BLOCK_LENGTH));
    if (most >= PLENTY) return Infinity;
    let out = 0;
    for (const { requests } of this.#peers.keys()) out += requests.size;
    return Math.max(most - out, peer.requests.size === 0 ? 1 : 0);
  }

  /** ms in which everything comes that others who deliver were asked for. */
  waitFor(peer: Peer): number {
    const { rate } = this;
    if (rate === 0) return 0;
    const own = peer.down.rate > 0 ? peer.requests.size : 0;
    return 1000 * Math.max(0, this.#waiting - own) * BLOCK_LENGTH / rate;
  }
}
