/**
 * Allowed fast (BEP 6): offers a choked newcomer some pieces that it may request, so that it soon
 * has something to trade.
 *
 * @module
 */
import { allowedFastSet } from "../../protocol/allowed_fast.ts";
import { parseIp } from "../../protocol/address.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import type { Connection } from "../connections/connection.ts";
import { grant, grantCount, isNewcomer } from "./allowed_fast_quota.ts";
import type { Peer } from "../peers/peer.ts";
import type { Hasher } from "../ports.ts";

/** One torrent's grants. */
export class AllowedFastOffer {
  readonly #hasher: Hasher;
  readonly #infoHash: Uint8Array;
  readonly #layout: Layout;
  readonly #isGiving: () => boolean;

  /** @param isGiving whether pieces are given at all at the moment */
  constructor(
    { hasher }: { readonly hasher: Hasher },
    torrent: { infoHash: Uint8Array; layout: Layout; isGiving: () => boolean },
  ) {
    this.#hasher = hasher;
    this.#infoHash = torrent.infoHash;
    this.#layout = torrent.layout;
    this.#isGiving = torrent.isGiving;
  }

  /** It is known what a peer has: a choked newcomer is told what it may ask for. */
  async offer(peer: Peer, connection: Connection): Promise<void> {
    const count = grantCount(this.#layout);
    const isDue = () => peer.amChoking && isNewcomer(peer) && this.#isGiving();
    const ip = parseIp(peer.host);
    if (!peer.fast || peer.grants.size > 0 || count === 0 || ip === undefined || !isDue()) return;
    const { pieceCount } = this.#layout;
    const set = await allowedFastSet(
      { infoHash: this.#infoHash, ip, pieceCount, count },
      (bytes) => this.#hasher.sha1(bytes),
    );
    // Meanwhile it may have a slot, or be gone.
    if (connection.closeReason !== undefined || !isDue()) return;
    const lacking = set.filter((piece) => !peer.pieces.has(piece));
    grant(peer, lacking, this.#layout);
    for (const piece of lacking) connection.writer.allowedFast(piece);
  }
}
