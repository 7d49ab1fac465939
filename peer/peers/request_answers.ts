/**
 * Request answers: how one peer answers requests for blocks: when one that was not answered is
 * given up, and how many it keeps at once.
 *
 * Requests are lost where nobody says so: a queue is full and drops the rest, a choke forgets what
 * waited (BEP 3 has no word for it), a client reads one request while it answers another. What is
 * weighed:
 *
 * 1. peers answer in order, more or less: a request is lost when one that was said later was answered
 *    and it has waited three times as long as this peer's requests take;
 * 2. where nothing comes at all, only time can tell: 20 s, or three times as long as this peer takes
 *    from block to block, and twice as long after each time that it was in vain; 2 s near the end,
 *    where somebody else would give it at once; and never before what others were asked for could
 *    have come over our own line twice;
 * 3. a peer that is silent for seconds is asked for one block more, so that 1 can tell what became of
 *    those before;
 * 4. who lost a request keeps no more at once than were out before that one. More are tried after
 *    some blocks, after twice as many each time that it went wrong;
 * 5. what comes after it was given up was slow, not lost: this peer is given more time.
 *
 * @module
 */

/** ms after which a request that later ones overtook is lost: at least, at most. */
const OVERTAKEN_MS = { floor: 5_000, ceiling: 60_000 };
/** ms without a block after which nothing of what is out is waited for: at least, at most. */
const SILENT_MS = { floor: 20_000, ceiling: 120_000 };
/** The same where somebody else would give them at once. */
const REPLACED_MS = 2_000;
/** ms without a block after which one block more is asked for; before the first one came. */
const PROBE_MS = { floor: 2_000, first: 3_000 };
/** How often what others were asked for could have come over our line before silence counts. */
const WAITS = 2;
/** How much longer than usual may be taken. */
const SLACK = 3;
const MAX_SLACK = 24;
/** Blocks in a row after which one more is tried than a peer is known to keep. */
const CALM = { first: 8, most: 1024 };
/** More than any peer is asked for at once: that many are no limit. */
const PLENTY = 512;
/** Seconds that a peer is left alone which refused the only request that it had. */
const MAX_REST = 30;

/** What is to be known of a request. */
export interface Asked {
  /** When, ms. */
  readonly at: number;
  /** Its place in the order in which the peer was asked. */
  readonly turn: number;
  /** Requests that were out to the peer before it. */
  readonly ahead: number;
}

/** One peer's. */
export class Answers {
  #turn = 0;
  #answeredTurn = -1;
  #answeredAt: number | undefined;
  #latency = 0;
  /** ms from block to block, the longest of late. */
  #gap: number | undefined;
  #slack = SLACK;
  #capacity = Infinity;
  #calm = 0;
  #losses = 0;
  #refusals = 0;
  #rest = 0;
  #silences = 0;
  #probes = 0;

  /** Requests that it keeps at once, as far as is known. */
  get capacity(): number {
    return this.#rest > 0 ? 0 : this.#capacity;
  }

  /** Smoothed ms from request to block; undefined before the first. */
  get latency(): number | undefined {
    return this.#answeredAt === undefined ? undefined : this.#latency;
  }

  /** How often in a row all that was out was given up. */
  get silences(): number {
    return this.#silences;
  }

  /** Requests that it was sent so far. */
  get turns(): number {
    return this.#turn;
  }

  /** The place of the next request. */
  nextTurn(): number {
    return this.#turn++;
  }

  /** A block came that was asked for. */
  answered({ at, turn }: Asked, now: number): void {
    const took = now - at;
    const since = this.#answeredAt === undefined ? took : Math.min(took, now - this.#answeredAt);
    this.#latency = this.#answeredAt === undefined
      ? took
      : this.#latency + (took - this.#latency) / 16;
    this.#gap = Math.max(since, 0.9 * (this.#gap ?? 0));
    this.#answeredAt = now;
    this.#answeredTurn = Math.max(this.#answeredTurn, turn);
    this.#silences = 0;
    this.#refusals = 0;
    this.#probes = 0;
    if (this.#capacity !== Infinity) this.#grow();
  }

  /** A block came that was given up already. */
  wasSlow(): void {
    this.#slack = Math.min(MAX_SLACK, 2 * this.#slack);
  }

  /** Whether a request is lost, since later ones were answered. */
  isOvertaken({ at, turn }: Asked, now: number): boolean {
    if (turn >= this.#answeredTurn) return false;
    const { floor, ceiling } = OVERTAKEN_MS;
    return now - at >= Math.min(ceiling, Math.max(floor, this.#slack * this.#latency));
  }

  /**
   * Whether nothing of what is out is to be waited for.
   *
   * @param since ms of the last sign of life
   * @param facts.isReplaced somebody else would give it at once
   * @param facts.wait ms in which what others were asked for comes over our line
   */
  isSilent(
    since: number,
    now: number,
    { isReplaced = false, wait = 0 }: { isReplaced?: boolean; wait?: number } = {},
  ): boolean {
    const gap = this.#slack * (this.#gap ?? 0);
    if (isReplaced && now - since >= Math.max(REPLACED_MS, gap)) return true;
    const { floor, ceiling } = SILENT_MS;
    const usual = Math.max(floor, gap) * 2 ** Math.min(8, this.#silences);
    return now - since >= Math.max(WAITS * wait, Math.min(ceiling, usual));
  }

  /** All that was out was given up. */
  fellSilent(): void {
    this.#silences++;
  }

  /**
   * Whether to ask for more blocks than it should have at once: so often in each silence, the next
   * time as much later as the first was late.
   */
  mayProbe(since: number, now: number, most = 1): boolean {
    if (this.#probes >= most) return false;
    const wait = this.#gap === undefined
      ? PROBE_MS.first
      : Math.max(PROBE_MS.floor, this.#slack * this.#gap);
    if (now - since < wait * (this.#probes + 1)) return false;
    this.#probes++;
    return true;
  }

  /** A request was lost, or refused by a peer that does not choke us. */
  lost({ ahead }: Asked): void {
    if (ahead >= this.#capacity) return;
    // Of those that were lost together the first one says what it keeps.
    if (this.#calm > 0 || this.#losses === 0) this.#losses++;
    this.#capacity = Math.max(1, ahead);
    this.#calm = 0;
  }

  /** It refused a request (BEP 6), though it does not choke us. @param isIdle no other is out */
  refused(asked: Asked, isIdle: boolean): void {
    this.lost(asked);
    // Asked again at once it would refuse again at once, and so on.
    if (isIdle) this.#rest = Math.min(MAX_REST, 2 ** Math.min(8, this.#refusals++));
  }

  /** A second has passed. */
  tick(): void {
    if (this.#rest > 0) this.#rest--;
  }

  #grow(): void {
    if (++this.#calm < Math.min(CALM.most, CALM.first * 2 ** (this.#losses - 1))) return;
    this.#calm = 0;
    this.#capacity = Math.ceil(1.5 * this.#capacity);
    if (this.#capacity < PLENTY) return;
    this.#capacity = Infinity;
    this.#losses = 0;
  }
}
