/**
 * The allowed fast set (BEP 6): pieces that a peer may ask for while it is choked, so that it has
 * something to trade soon.
 *
 * @module
 */

/** How many pieces a peer is given. */
export const ALLOWED_FAST_COUNT = 10;

/**
 * Piece indexes for the peer at `ip`, in BEP 6's order. They hang on the /24 of its address, not on
 * what it says, so that reconnecting earns nothing. Empty for IPv6, which BEP 6 leaves out.
 *
 * @param sha1 digests; hashing is an effect
 */
export async function allowedFastSet(
  options: { infoHash: Uint8Array; ip: Uint8Array; pieceCount: number; count?: number },
  sha1: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array | PromiseLike<Uint8Array>,
): Promise<number[]> {
  const { infoHash, ip, pieceCount } = options;
  if (ip.length !== 4) return [];
  const wanted = Math.min(options.count ?? ALLOWED_FAST_COUNT, pieceCount);
  const set = new Set<number>();
  let state = Uint8Array.of(ip[0]!, ip[1]!, ip[2]!, 0, ...infoHash);
  while (set.size < wanted) {
    state = Uint8Array.from(await sha1(state));
    const view = new DataView(state.buffer);
    for (let at = 0; at < 20 && set.size < wanted; at += 4) {
      set.add(view.getUint32(at) % pieceCount);
    }
  }
  return [...set];
}
