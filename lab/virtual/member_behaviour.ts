/**
 * What a planned member is in the virtual world.
 *
 * @module
 */
import { rulesOf } from "../run/rules_of.ts";
import type { PlannedMember } from "../scenario/run_plan.ts";
import { PropShare } from "../strategies/prop_share.ts";
import { Tyrant } from "../strategies/tyrant.ts";
import type { Behaviour } from "./behaviour.ts";

/** Regular unchokes of the engine where nobody says otherwise. */
const ENGINE_SLOTS = 8;
/** ms by which "slow last block" holds back the end of each piece. */
const LATE_MS = 10_000;

/** @param random uniform in [0, 1): which pieces a member has that has some */
export function behaviourOf(
  member: PlannedMember,
  pieceCount: number,
  random: () => number,
): Behaviour {
  const { up, down, haveAtStart, lacks, strategy, policies } = member;
  const { order, slots, isSuperSeed, blames, corrupt } = policies;
  const rules = rulesOf(policies);
  return {
    ...up === undefined ? { up: Infinity } : { up },
    ...down === undefined ? {} : { down },
    ...haveAtStart === 1 && lacks.length === 0
      ? { seed: true }
      : { pieces: piecesOf(haveAtStart, lacks, pieceCount, random) },
    slots: slots === undefined ? ENGINE_SLOTS : Math.max(1, slots - 1),
    slotsFollowUplink: slots === undefined && rules.has("uplink-slots"),
    rules,
    blames,
    superSeed: isSuperSeed,
    corrupt,
    ...order === "random" ? { order: "random" } : {},
    sequential: order === "sequential",
    ...strategy === "free rider" ? { freeRider: true } : {},
    ...strategy === "silent" ? { loses: Infinity } : {},
    ...strategy === "slow last block" ? { lastBlockLate: LATE_MS } : {},
    ...strategy === "tyrant" ? { newChoker: (...how) => new Tyrant(...how) } : {},
    ...strategy === "prop share" ? { newChoker: (slots) => new PropShare(slots) } : {},
  };
}

/** So many of all pieces by chance, without those that it lacks. */
function piecesOf(
  share: number,
  lacks: readonly number[],
  pieceCount: number,
  random: () => number,
): number[] {
  const all = Array.from({ length: pieceCount }, (_, piece) => piece);
  const wanted = Math.round(share * pieceCount);
  for (let i = 0; i < wanted && i < all.length - 1; i++) {
    const at = i + Math.floor(random() * (all.length - i));
    [all[i], all[at]] = [all[at]!, all[i]!];
  }
  return all.slice(0, wanted).filter((piece) => !lacks.includes(piece)).sort((a, b) => a - b);
}
