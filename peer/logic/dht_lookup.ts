/**
 * The way through the DHT to the nodes nearest to an ID (BEP 5): each one asked names nearer ones.
 *
 * @module
 */
import type { DhtNodeInfo } from "../../protocol/krpc.ts";
import { isSameHost } from "./address_crowd.ts";
import { compareDistance } from "./dht_id.ts";
import { DHT_K } from "./dht_table.ts";

/** Candidates kept: more than a liar can push out with one answer. */
const MAX_CANDIDATES = 64;
/** Nodes asked in one lookup at most. */
const MAX_ASKED = 200;

interface Candidate {
  readonly node: DhtNodeInfo;
  state: "new" | "asked" | "answered" | "failed";
  token: Uint8Array | undefined;
}

/** One lookup. */
export class DhtLookup {
  readonly target: Uint8Array;
  readonly #candidates: Candidate[] = [];
  readonly #seen = new Set<string>();
  #asked = 0;

  constructor(target: Uint8Array, start: readonly DhtNodeInfo[]) {
    this.target = target;
    this.#add(start);
  }

  /** The next node to ask, noted as asked; undefined while others are awaited, or at the end. */
  next(): DhtNodeInfo | undefined {
    if (this.#asked >= MAX_ASKED) return undefined;
    // Those that may still be among the nearest which answer.
    const hopeful = this.#candidates.filter(({ state }) => state !== "failed").slice(0, DHT_K);
    const candidate = hopeful.find(({ state }) => state === "new");
    if (candidate === undefined) return undefined;
    candidate.state = "asked";
    this.#asked++;
    return candidate.node;
  }

  answered(
    node: DhtNodeInfo,
    answer: { nodes: readonly DhtNodeInfo[]; token?: Uint8Array | undefined },
  ): void {
    const candidate = this.#find(node);
    if (candidate !== undefined) {
      candidate.state = "answered";
      candidate.token = answer.token;
    }
    // One answer names eight; who names more is not believed more.
    this.#add(answer.nodes.slice(0, 2 * DHT_K));
  }

  failed(node: DhtNodeInfo): void {
    const candidate = this.#find(node);
    if (candidate !== undefined) candidate.state = "failed";
  }

  /** The nearest nodes that answered, with what lets us announce there. */
  get closest(): { node: DhtNodeInfo; token: Uint8Array | undefined }[] {
    return this.#candidates.filter(({ state }) => state === "answered").slice(0, DHT_K);
  }

  #find(node: DhtNodeInfo): Candidate | undefined {
    return this.#candidates.find((one) =>
      one.node.host === node.host && one.node.port === node.port
    );
  }

  #add(nodes: readonly DhtNodeInfo[]): void {
    for (const node of nodes) {
      const key = `${node.host} ${node.port}`;
      if (this.#seen.has(key)) continue;
      // One address is one candidate: ports and IDs cost a liar nothing.
      if (this.#candidates.some(({ node: { host } }) => isSameHost(host, node.host))) continue;
      this.#seen.add(key);
      this.#candidates.push({ node, state: "new", token: undefined });
    }
    this.#candidates.sort((a, b) => compareDistance(this.target, a.node.id, b.node.id));
    if (this.#candidates.length > MAX_CANDIDATES) this.#candidates.length = MAX_CANDIDATES;
  }
}
