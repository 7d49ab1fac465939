/**
 * Peer sampling: an announce is answered with random peers of the swarm, with a share for each host.
 *
 * @module
 */
import type { AnnounceRequest } from "../../protocol/announce.ts";
import { classifyIp } from "../../protocol/address.ts";
import { ByteArena } from "./byte_arena.ts";
import { type Crowds, crowdShares, someOf } from "./crowds.ts";
import type { CrowdPicks } from "./crowd_picks.ts";
import { ownAddressFor } from "./own_address.ts";
import type { PeerLists } from "./peer_lists.ts";
import { KIND, LOCAL, type PeerRows, SIX } from "./peer_rows.ts";
import { NONE } from "./slot_pool.ts";
import { type Asker, wantsLeechersOnly } from "./swarm_store.ts";
import type { SwarmRows } from "./swarm_rows.ts";

/** What peers are looked up in. */
export interface SamplingParts {
  readonly swarms: SwarmRows;
  readonly rows: PeerRows;
  readonly crowds: Crowds;
  readonly picks: CrowdPicks;
  /** The lists of a kind of address. */
  readonly lists: (kind: number) => PeerLists;
  /** Who has the asker's ID and key, or {@linkcode NONE}. */
  readonly findIdentity: (swarm: number, kind: number, request: AnnounceRequest) => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Who asks for how many peers of which swarm. */
export interface Question {
  readonly swarm: number;
  readonly wanted: number;
  readonly request: AnnounceRequest;
  readonly asker: Asker;
  /** Who asks, or {@linkcode NONE}. */
  readonly peer: number;
}

/** One host's list, and who asks: it is never named. */
interface Crowd {
  readonly list: number;
  readonly kind: number;
  readonly self: number;
}

/** An empty list. */
export const NOBODY: Uint8Array = new Uint8Array();

/** Chooses peers for replies. */
export class PeerSampling {
  readonly #parts: SamplingParts;
  readonly #slab = new ByteArena();

  constructor(parts: SamplingParts) {
    this.#parts = parts;
  }

  /**
   * Compact peers of one family: those elsewhere as they are, those on this host as loopback for
   * askers on this host, and as this host's own address for all others.
   *
   * @param family 0 for IPv4, SIX for IPv6
   */
  sample(family: number, question: Question): Uint8Array {
    const { swarm, wanted, asker } = question;
    const lists = this.#parts.lists(family);
    const { recordLength } = lists;
    let isNear = this.#has(swarm, family | LOCAL);
    let own: Uint8Array | undefined;
    if (isNear && (kindOf(asker.address) & LOCAL) === 0) {
      if (asker.address.length === recordLength - 2) own = ownAddressFor(asker.address, asker.own);
      isNear = own !== undefined;
    }
    if (!isNear && !this.#has(swarm, family)) return NOBODY;
    const room = Math.min(wanted, this.#parts.swarms.peers(swarm));
    const into = this.#slab.take(room * recordLength);
    const near = isNear ? this.#choose(family | LOCAL, question, into, 0) : 0;
    if (own !== undefined) { for (let i = 0; i < near; i++) into.set(own, i * recordLength); }
    const count = near + this.#choose(family, question, into, near);
    return count === room ? into : into.subarray(0, count * recordLength);
  }

  #has(swarm: number, kind: number): boolean {
    return this.#parts.swarms.list(swarm, kind) !== NONE ||
      this.#parts.crowds.of(swarm, kind).length > 0;
  }

  /** Puts peers of one kind into what of `into` is free behind `taken` records: how many. */
  #choose(kind: number, question: Question, into: Uint8Array, taken: number): number {
    const { swarm, request, peer } = question;
    const list = this.#parts.swarms.list(swarm, kind);
    const all = this.#parts.crowds.of(swarm, kind);
    if (list === NONE && all.length === 0) return 0;
    const lists = this.#parts.lists(kind);
    const self = peer !== NONE && (this.#parts.rows.flags(peer) & KIND) === kind
      ? peer
      : this.#parts.findIdentity(swarm, kind, request);
    const home = self === NONE ? NONE : this.#parts.rows.list(self);
    const leechersOnly = wantsLeechersOnly(request);
    const { random } = this.#parts;
    const only = all.length === 0 ? list : list === NONE && all.length === 1 ? all[0]! : NONE;
    const hidden = self === NONE ? NONE : this.#parts.rows.position(self);
    if (only !== NONE) {
      const choice = { leechersOnly, hidden: only === home ? hidden : NONE, random };
      const count = lists.sample(only, into, taken, choice);
      if (only !== list) {
        this.#name({ list: only, kind, self }, leechersOnly, into, [taken, taken + count]);
      }
      return count;
    }
    const available = (from: number): number => {
      const done = lists.done(from);
      const isSelf = from === home && !(leechersOnly && hidden < done);
      return lists.size(from) - (leechersOnly ? done : 0) - (isSelf ? 1 : 0);
    };
    const some = someOf(all, random);
    const width = lists.recordLength;
    const room = into.length / width - taken;
    const alone = list === NONE ? 0 : available(list);
    const sizes = some.map(available);
    const shares = crowdShares(room, alone, sizes, all.length - some.length, random());
    const ours = room - shares.reduce((sum, share) => sum + share, 0);
    let end = taken;
    for (const [i, from] of [list, ...some].entries()) {
      const share = i === 0 ? ours : shares[i - 1]!;
      if (from !== NONE && share > 0) {
        const choice = { leechersOnly, hidden: from === home ? hidden : NONE, random };
        const start = end;
        end += lists.sample(from, into.subarray(0, (end + share) * width), end, choice);
        if (i > 0) this.#name({ list: from, kind, self }, leechersOnly, into, [start, end]);
      }
    }
    return end - taken;
  }

  /** Names the picks of a crowd among those that were taken from it, in half of their places. */
  #name(
    { list, kind, self }: Crowd,
    leechersOnly: boolean,
    into: Uint8Array,
    range: readonly [number, number],
  ): void {
    const { picks, random } = this.#parts;
    const lists = this.#parts.lists(kind);
    const [first, end] = range;
    const count = end - first;
    if (lists.size(list) <= count) return;
    const done = leechersOnly ? lists.done(list) : 0;
    const places: number[] = [];
    const missing: number[] = [];
    for (const position of picks.of(lists.picks(list), self)) {
      if (places.length + missing.length >= count / 2) break;
      if (position < done) continue;
      const at = lists.sampledAt(position);
      if (at === NONE) missing.push(position);
      else places.push(at);
    }
    // Seeds, which are at the front, are no more likely to give way than all others.
    let place = Math.floor(random() * count);
    for (const position of missing) {
      while (places.includes(place)) place = (place + 1) % count;
      places.push(place);
      lists.copyRecord(list, position, into, (first + place) * lists.recordLength);
    }
  }
}

/** Peers on the tracker's own host are kept apart: other hosts know them by another address. */
export function kindOf(address: Uint8Array): number {
  return (address.length === 4 ? 0 : SIX) | (classifyIp(address) === "loopback" ? LOCAL : 0);
}
