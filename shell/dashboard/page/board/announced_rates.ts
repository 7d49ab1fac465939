/**
 * Announced rates: how fast a peer is by two of its announces, where it tells nothing more. Pure.
 *
 * @module
 */
import type { SwarmMember } from "../api_types.ts";

/** Bytes per second, the mean between two announces. */
export interface AnnouncedRate {
  readonly up: number;
  readonly down: number;
}

/** ms without an announce after which nothing is said any more. */
const STALE_MS = 60_000;

interface Announce {
  readonly at: number;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly rate: AnnouncedRate | undefined;
}

/** Compares each peer's announce with the one before. Peers that leave are forgotten. */
export class AnnouncedRates {
  #last = new Map<string, Announce>();

  clear(): void {
    this.#last.clear();
  }

  /** Rates by peer ID; `now` is in ms of the clock that dates the announces. */
  update(members: readonly SwarmMember[], now: number): ReadonlyMap<string, AnnouncedRate> {
    const last = new Map<string, Announce>();
    const rates = new Map<string, AnnouncedRate>();
    for (const member of members) {
      const announce = next(this.#last.get(member.peer_id), member);
      last.set(member.peer_id, announce);
      if (announce.rate === undefined || now - announce.at > STALE_MS) continue;
      rates.set(member.peer_id, announce.rate);
    }
    this.#last = last;
    return rates;
  }
}

function next(before: Announce | undefined, member: SwarmMember): Announce {
  const { last_seen: at, uploaded, downloaded } = member;
  if (before === undefined) return { at, uploaded, downloaded, rate: undefined };
  if (at <= before.at) return before;
  const seconds = (at - before.at) / 1000;
  // A peer that was started anew counts from zero again.
  const perSecond = (later: number, earlier: number) =>
    Math.round(Math.max(0, later - earlier) / seconds);
  const rate = {
    up: perSecond(uploaded, before.uploaded),
    down: perSecond(downloaded, before.downloaded),
  };
  return { at, uploaded, downloaded, rate };
}
