/**
 * Which of our peer's rules a member decides by.
 *
 * @module
 */
import { ALL_RULES, type CrowdRules } from "../../peer/crowd_rules.ts";
import type { Policies } from "../scenario/run_plan.ts";

/** What BEP 3 does not say and the client of its time did, too: it called 40 of 80. */
const TEXTBOOK: CrowdRules = new Set(["caller-places"] as const);

/** All but those that were switched off; textbook: none that came later. */
export function rulesOf({ profile, without }: Policies): CrowdRules {
  return (profile === "textbook" ? TEXTBOOK : ALL_RULES).difference(new Set(without));
}
