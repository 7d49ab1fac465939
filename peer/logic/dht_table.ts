/**
 * The nodes of the DHT that we know, many near us and few far away (BEP 5).
 *
 * @module
 */
import { parseIp } from "../../protocol/compact.ts";
import { type DhtNodeInfo, NODE_ID_LENGTH } from "../../protocol/krpc.ts";
import { isSameHost, networkKey } from "./address_crowd.ts";
import { compareDistance, fitsIp, sharedBits } from "./dht_id.ts";

/** BEP 5: K, the nodes of a bucket and of an answer. */
export const DHT_K = 8;
/** Answers missed in a row after which a node gives way to another. */
const MAX_FAILURES = 2;
/** Nodes of one network (a /24, a /48 of IPv6) in the table, and in one bucket. */
const MAX_OF_NETWORK = 8;
const MAX_IN_BUCKET = 2;
/** ms after which a node that said nothing is to be asked again. */
const STALE_MS = 900_000;

interface Entry extends DhtNodeInfo {
  /** When it was last heard of, ms. */
  seenAt: number;
  failures: number;
}

/** Buckets by how many leading bits an ID shares with ours. */
export class DhtTable {
  readonly ownId: Uint8Array;
  readonly #buckets: Entry[][] = Array.from({ length: 8 * NODE_ID_LENGTH + 1 }, () => []);

  constructor(ownId: Uint8Array) {
    this.ownId = ownId;
  }

  get size(): number {
    return this.#buckets.reduce((sum, bucket) => sum + bucket.length, 0);
  }

  /** All nodes, those near us last. */
  get nodes(): DhtNodeInfo[] {
    return this.#buckets.flat();
  }

  /** A node answered or asked: it is there. Whether it is kept. */
  add(node: DhtNodeInfo, now: number): boolean {
    const shared = sharedBits(node.id, this.ownId);
    if (shared === 8 * NODE_ID_LENGTH) return false;
    const bucket = this.#buckets[shared]!;
    const known = bucket.find((entry) => sharedBits(entry.id, node.id) === 160);
    if (known !== undefined) {
      // Nobody takes over another's ID while that one answers.
      if (known.host !== node.host || known.port !== node.port) {
        if (known.failures === 0) return false;
        bucket.splice(bucket.indexOf(known), 1);
        return this.add(node, now);
      }
      known.seenAt = now;
      known.failures = 0;
      return true;
    }
    if (this.#isCrowded(node, bucket)) return false;
    const { id, host, port } = node;
    const entry = { id, host, port, seenAt: now, failures: 0 };
    if (bucket.length < DHT_K) return bucket.push(entry) > 0;
    const isWorse = (other: Entry) =>
      other.failures >= MAX_FAILURES || (isProven(node) && !isProven(other));
    const worse = bucket.findIndex(isWorse);
    if (worse < 0) return false;
    bucket[worse] = entry;
    return true;
  }

  /** It did not answer. */
  failed(node: DhtNodeInfo): void {
    const bucket = this.#buckets[sharedBits(node.id, this.ownId)]!;
    const index = bucket.findIndex(({ host, port }) => host === node.host && port === node.port);
    const entry = bucket[index];
    if (entry !== undefined && ++entry.failures > 2 * MAX_FAILURES) bucket.splice(index, 1);
  }

  /** The nodes nearest to `target`, the nearest first. */
  closest(target: Uint8Array, count = DHT_K): DhtNodeInfo[] {
    return this.#buckets.flat().filter(({ failures }) => failures < MAX_FAILURES)
      .sort((a, b) => compareDistance(target, a.id, b.id)).slice(0, count);
  }

  /** A node that was silent for long, to be asked whether it is there. */
  stale(now: number): DhtNodeInfo | undefined {
    return this.#buckets.flat().find(({ seenAt }) => now - seenAt > STALE_MS);
  }

  /**
   * One node for each public address, and a few for each network: who owns many ports, or a network,
   * must not fill the table.
   */
  #isCrowded({ host }: DhtNodeInfo, bucket: readonly Entry[]): boolean {
    const network = networkKey(host);
    if (network === undefined) return false;
    const near = this.#buckets.flat().filter((entry) => networkKey(entry.host) === network);
    return near.length >= MAX_OF_NETWORK || near.some((entry) => isSameHost(entry.host, host)) ||
      near.filter((entry) => bucket.includes(entry)).length >= MAX_IN_BUCKET;
  }
}

/** BEP 42. */
function isProven({ id, host }: DhtNodeInfo): boolean {
  const ip = parseIp(host);
  return ip !== undefined && fitsIp(id, ip);
}
