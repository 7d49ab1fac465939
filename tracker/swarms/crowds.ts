/**
 * Hosts that have more than a few peers in one swarm: a classroom behind one address, or somebody who
 * announces ports by the hundred. Each has a list of its own, so that a reply can share its room
 * between hosts. Most swarms have none.
 *
 * @module
 */
import { NONE } from "./slot_pool.ts";
import { KINDS } from "./swarm_rows.ts";

/** Peers of one host that are listed with all others; with one more the host is a crowd. */
export const MAX_ALONE = 4;
/** Peers of one host in a swarm that lengthen its interval. */
export const MAX_COUNTED = 40;
/** Peers of one host in a swarm: whoever was not heard of for long gives way to one more. */
export const MAX_PER_HOST = 1024;
/** Hosts looked at for one reply. */
export const MAX_LOOKED = 64;

const NOBODY: readonly number[] = [];

/** The lists of all crowds, by swarm and by host. */
export class Crowds {
  /** By swarm and kind of address. */
  readonly #bySwarm = new Map<number, number[]>();
  /** By the hash of swarm, kind and host. Two with the same hash are rare: no array for one. */
  readonly #byHost = new Map<number, number | number[]>();
  /** How many there are of each kind. */
  readonly #counts = new Int32Array(KINDS);

  /** There is no crowd of a kind in any swarm. */
  hasNone(kind: number): boolean {
    return this.#counts[kind] === 0;
  }

  /** The lists of a swarm's crowds of one kind. */
  of(swarm: number, kind: number): readonly number[] {
    return this.hasNone(kind) ? NOBODY : this.#bySwarm.get(swarm * KINDS + kind) ?? NOBODY;
  }

  /** The {@linkcode crowdKey} of the host that has this hash, or those of all hosts, or {@linkcode NONE}. */
  ofHash(hash: number): number | readonly number[] {
    return this.#byHost.get(hash) ?? NONE;
  }

  add(swarm: number, kind: number, hash: number, list: number): void {
    this.#counts[kind]!++;
    put(this.#bySwarm, swarm * KINDS + kind, list);
    const key = crowdKey(list, kind);
    const there = this.#byHost.get(hash);
    if (there === undefined) this.#byHost.set(hash, key);
    else this.#byHost.set(hash, [there, key].flat());
  }

  delete(swarm: number, kind: number, hash: number, list: number): void {
    this.#counts[kind]!--;
    take(this.#bySwarm, swarm * KINDS + kind, list);
    const key = crowdKey(list, kind);
    const rest = [this.#byHost.get(hash)!].flat().filter((other) => other !== key);
    if (rest.length === 0) this.#byHost.delete(hash);
    else this.#byHost.set(hash, rest.length === 1 ? rest[0]! : rest);
  }
}

/** Some of the crowds, beginning at any: a reply looks at no more. */
export function someOf(crowds: readonly number[], random: () => number): readonly number[] {
  if (crowds.length <= 1) return crowds;
  const begin = Math.floor(random() * crowds.length);
  const some = crowds.slice(begin, begin + MAX_LOOKED);
  return [...some, ...crowds.slice(0, Math.min(begin, MAX_LOOKED - some.length))];
}

/**
 * How many of each crowd a reply names, so that every host has the same share as far as it has peers.
 *
 * @param room peers in the reply
 * @param alone peers of hosts that are no crowds: they come first where there is room for all
 * @param crowds peers of each crowd that was looked at
 * @param rest crowds that were not
 * @param random uniform in [0, 1)
 */
export function crowdShares(
  room: number,
  alone: number,
  crowds: readonly number[],
  rest: number,
  random: number,
): number[] {
  const first = crowds.map((size) => Math.min(size, MAX_ALONE));
  const named = first.reduce((sum, size) => sum + size, 0);
  const all = named + rest * MAX_ALONE;
  if (alone + all >= room) {
    let open = Math.max(room - alone, Math.floor(room * all / (alone + all) + random));
    return first.map((size) => {
      const share = Math.min(size, open);
      open -= share;
      return share;
    });
  }
  // The smallest first: what they leave is the others'.
  const shares = crowds.map(() => 0);
  const order = crowds.map((_, i) => i).sort((a, b) => crowds[a]! - crowds[b]!);
  let open = room - alone;
  for (const [done, i] of order.entries()) {
    const share = Math.ceil(open / (order.length - done));
    shares[i] = Math.min(crowds[i]!, share);
    open -= shares[i];
  }
  return shares;
}

/** A list and its kind of address in one number: lists of different families may have the same. */
export function crowdKey(list: number, kind: number): number {
  return list * KINDS + kind;
}

/** The list in a {@linkcode crowdKey}. */
export function crowdList(key: number): number {
  return Math.floor(key / KINDS);
}

function put(lists: Map<number, number[]>, key: number, list: number): void {
  const there = lists.get(key);
  if (there === undefined) lists.set(key, [list]);
  else there.push(list);
}

function take(lists: Map<number, number[]>, key: number, list: number): void {
  const there = lists.get(key)!;
  const last = there.pop()!;
  if (there.length === 0) lists.delete(key);
  else if (last !== list) there[there.indexOf(list)] = last;
}
