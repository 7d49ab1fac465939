/**
 * Connection ID of a UDP tracker (BEP 15): proof that the client can be reached at the address that
 * it seems to ask from. Nothing is kept per client: an ID is a keyed hash of that address and the
 * time.
 *
 * @module
 */

/** A window of time, in ms. An ID is good for this long at least, and twice as long at most. */
export const CONNECTION_WINDOW = 120_000;

/** A hash (at least 8 bytes) that nobody can compute who does not know the key inside it. */
export type KeyedHash = (message: Uint8Array) => Uint8Array;

/** The ID to give to `address` (4 or 16 bytes) at `now` (ms). */
export function connectionId(address: Uint8Array, now: number, hash: KeyedHash): bigint {
  return idOf(address, windowAt(now), hash);
}

/** Whether `id` was given to `address` in this window of time or in the one before. */
export function isConnectionId(
  id: bigint,
  address: Uint8Array,
  now: number,
  hash: KeyedHash,
): boolean {
  const window = windowAt(now);
  return id === idOf(address, window, hash) || id === idOf(address, window - 1, hash);
}

function windowAt(now: number): number {
  return Math.floor(now / CONNECTION_WINDOW);
}

function idOf(address: Uint8Array, window: number, hash: KeyedHash): bigint {
  // The two lengths of addresses keep messages apart: no IPv4 one is an IPv6 one too.
  const message = new Uint8Array(address.length + 4);
  message.set(address);
  new DataView(message.buffer).setInt32(address.length, window);
  const digest = hash(message);
  return new DataView(digest.buffer, digest.byteOffset, digest.byteLength).getBigUint64(0);
}
