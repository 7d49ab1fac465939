/**
 * Swarm hashes: a hybrid torrent has two swarms (BEP 52); by which hash it dials and answers.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import type { Handshake } from "../../protocol/handshake.ts";
import { type InfoHashes, swarmHashes } from "../../protocol/info_hash.ts";

/** What our handshake says of the torrent. */
export interface OwnName {
  readonly infoHash: Uint8Array;
  /** Whether the other may go over to the v2 swarm. */
  readonly v2: boolean;
  /** The name that it then answers with. */
  readonly upgrade?: Uint8Array;
}

/** One torrent's names on the wire, 20 bytes each. */
export class SwarmHashes {
  /** All, the v1 name first. */
  readonly all: readonly Uint8Array[];
  readonly #v2: Uint8Array | undefined;
  readonly #isHybrid: boolean;

  constructor(hashes: InfoHashes) {
    this.all = swarmHashes(hashes);
    this.#v2 = hashes.v2 && this.all.at(-1);
    this.#isHybrid = this.all.length > 1;
  }

  /** The one that the torrent goes by here. */
  get primary(): Uint8Array {
    return this.all[0]!;
  }

  isV2(infoHash: Uint8Array): boolean {
    return this.#v2 !== undefined && equalBytes(infoHash, this.#v2);
  }

  /**
   * The name to call a peer with: a hybrid's v1 name with the offer of the other, and the v2 name
   * where that failed, because it may be known there by that one alone.
   */
  toCall(failures: number): OwnName {
    const infoHash = this.all[failures % this.all.length]!;
    if (!this.#isHybrid || this.isV2(infoHash)) return { infoHash, v2: false };
    return { infoHash, v2: true, upgrade: this.#v2! };
  }

  /** The name to answer a caller with: the v2 one, where it offers to go over. */
  toAnswer(theirs: Pick<Handshake, "infoHash" | "v2">): OwnName {
    const infoHash = this.#isHybrid && theirs.v2 ? this.#v2! : theirs.infoHash;
    return { infoHash, v2: this.#isHybrid };
  }
}
