/**
 * Upload slots by the uplink: how many peers are given to at once where the uplink is limited.
 *
 * A peer gives nothing of a piece before it owns all of it. What is weighed:
 *
 * 1. many slots on a slow uplink make each piece slow, so that a swarm that begins stands still until
 *    the first pieces are whole: a slot gives a piece in about eight seconds;
 * 2. two beside the optimistic one, so that tit-for-tat has a choice, and no more than are allowed;
 * 3. those who have the slots may be slower than we are: while the uplink is not used one more peer is
 *    unchoked each round, and one fewer again once it is.
 *
 * @module
 */

/** Seconds in which a slot should give a piece. */
const PIECE_SECONDS = 8;
/** Fewest regular slots. */
const LEAST = 2;
/** Shares of the uplink below which it is not used, and from which on it is. */
const USED = { little: 0.7, fully: 0.9 };

/** An uplink: bytes per second that it is limited to, 0 for not at all, and that are given. */
export interface UplinkFacts {
  readonly limit: number;
  readonly rate: number;
}

/** One torrent's regular slots. */
export class UploadSlots {
  readonly #pieceLength: number;
  /** More than the uplink's speed asks for. */
  #more = 0;

  /** @param pieceLength bytes */
  constructor(pieceLength: number) {
    this.#pieceLength = pieceLength;
  }

  /** How many there are without another round. @param most that are allowed */
  of(most: number, { limit }: Pick<UplinkFacts, "limit">): number {
    if (limit === 0) return most;
    // One slot on top is for the optimistic unchoke.
    const fitting = Math.floor(PIECE_SECONDS * limit / this.#pieceLength) - 1;
    const least = Math.min(most, Math.max(LEAST, fitting));
    this.#more = Math.min(this.#more, most - least);
    return least + this.#more;
  }

  /** A round begins. @param isWaiting somebody is interested and has no slot */
  round(most: number, uplink: UplinkFacts, isWaiting: boolean): number {
    const { limit, rate } = uplink;
    if (rate < USED.little * limit && isWaiting) this.#more++;
    else if (rate >= USED.fully * limit) this.#more = Math.max(0, this.#more - 1);
    return this.of(most, uplink);
  }
}
