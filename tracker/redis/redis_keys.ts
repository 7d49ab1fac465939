/**
 * Which keys of the store in Redis lie together.
 *
 * A script changes a swarm and what is kept of all swarms (`swarm_scripts.ts`) in one step, and a
 * Redis Cluster runs it only where all its keys have one hash slot. So a cluster has 256 partitions,
 * by the first byte of the info hash: each has its swarms, and its own lists and totals of them. One
 * server has a single partition.
 *
 * @module
 */

/** Where the keys of a store begin. */
export interface RedisKeys {
  /** Of each partition. */
  readonly roots: readonly string[];
  /** Of the catalogue. */
  readonly catalogue: string;
}

/** By which addresses each tracker's host is known: one key, wherever it lies. */
export const HOSTS_KEY = "vt:2:hosts";

export const SERVER_KEYS: RedisKeys = { roots: ["vt:2:"], catalogue: "vt:catalogue" };

/** What stands in braces decides of the slot. */
export const CLUSTER_KEYS: RedisKeys = {
  roots: Array.from({ length: 256 }, (_, byte) => `vt:2:{${Uint8Array.of(byte).toHex()}}:`),
  catalogue: "{vt:catalogue}",
};

/** Of the partition of a swarm. */
export function rootOf(keys: RedisKeys, infoHash: Uint8Array): string {
  return keys.roots[infoHash[0]! % keys.roots.length]!;
}

/**
 * The names that a script is given, which a cluster goes by. Neither is ever there, and there are
 * two: while their slot is moved a cluster would run a script of one such key at the new place, before
 * the swarms came over, but refuses one of two.
 */
export function scriptKeys(root: string): [string, string] {
  return [root, `${root}n`];
}
