/**
 * Which of our peer's rules a member decides by.
 *
 * @module
 */
import { ALL_RULES, type CrowdRules } from "../../peer/crowd_rules.ts";
import type { Policies } from "../scenario/run_plan.ts";

/** All but those that were switched off; textbook: none. */
export function rulesOf({ profile, without }: Policies): CrowdRules {
  return profile === "textbook" ? new Set() : ALL_RULES.difference(new Set(without));
}
