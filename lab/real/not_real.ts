/**
 * What real programs cannot play: the plans that need virtual time, each with its reason.
 *
 * @module
 */
import { MOST_REAL } from "../scenario/keys.ts";
import type { PlannedMember, RunPlan } from "../scenario/run_plan.ts";
import { PRESETS } from "./presets.ts";

/** Most bytes of content: every member has a file of its own. */
const MOST_CONTENT = 256 * 2 ** 20;

/** How our own peers are started. */
export interface OwnPeers {
  /** Whether each is a process of its own, as those that are killed are anyway. */
  readonly areProcesses: boolean;
  /** Whether there is a program to start such processes from. */
  readonly hasProgram: boolean;
}

/** Why a plan cannot be played with real programs, in a sentence; undefined: it can. */
export function whyNotReal(plan: RunPlan, own: OwnPeers): string | undefined {
  const { members, content, tracker, events } = plan;
  if (members.length > MOST_REAL) {
    return `${members.length} members, of which ${MOST_REAL} can be real on one machine: take ` +
      "fewer (--peers or --set), or --virtual";
  }
  if (content.size > MOST_CONTENT) {
    return `The content has ${content.size} bytes, of which real runs take ${MOST_CONTENT}: make it ` +
      "smaller (--set content.size=16MiB), or take --virtual";
  }
  if (tracker.hasBackup) return "The tracker has a backup: that is played with --virtual";
  if (events.some((event) => event.do === "disk full")) {
    return "A full disk is played with --virtual";
  }
  for (const member of members) {
    const why = whyNoMember(member);
    if (why !== undefined) return why;
  }
  return whyNoProcess(plan, own);
}

function whyNoMember(member: PlannedMember): string | undefined {
  const { id, program, strategy, policies: { sources } } = member;
  if (member.isMagnet || member.utp !== "off") {
    return `${id} has "magnet" or "utp", which members have with --virtual and --set depth=engine`;
  }
  if (sources.some((source) => source !== "tracker")) {
    return `${id} finds peers by ${
      sources.join(", ")
    }: in the real world the tracker alone leads ` +
      "through the wires; take --virtual";
  }
  if (program !== "vtorrent") return whyNoForeigner(member);
  if (strategy !== "normal") {
    return `${id} is a ${strategy}: strategies are played with --virtual`;
  }
  const { profile, blames, order } = member.policies;
  if (profile !== "full") {
    return `${id} has the profile ${profile}: profiles are played with --virtual`;
  }
  if (!blames || order === "random") {
    const which = blames ? 'the order "random"' : '"blame": false';
    return `${id} has ${which}: that is played with --virtual`;
  }
}

function whyNoForeigner(member: PlannedMember): string | undefined {
  const { id, program, command, uploadLimit, downloadLimit, policies } = member;
  if (uploadLimit !== undefined || downloadLimit !== undefined) {
    return `${id} has a limit, which ${program} is not told: say it by "up" and "down"`;
  }
  if (policies.without.length > 0) {
    return `${id} is no peer of ours: ${program} has no rules to switch off`;
  }
  if (command === undefined && PRESETS[program] === undefined) {
    return `${id} needs the program ${program}, which is neither described in "programs" nor one ` +
      `of vtorrent, ${Object.keys(PRESETS).join(", ")}`;
  }
}

/** What has to be a process of ours cannot be told everything. */
function whyNoProcess({ members, events }: RunPlan, own: OwnPeers): string | undefined {
  const killed = new Set(
    events.flatMap((event) =>
      needsProcess(event.do) ? (event as { who: readonly string[] }).who : []
    ),
  );
  for (const { id, program, policies: { without } } of members) {
    if (without.length > 0 && (own.areProcesses || killed.has(id))) {
      return `${id} is a process of its own, which cannot be told to decide without ` +
        `${without.join(", ")}: take --virtual`;
    }
    if (program === "vtorrent" && killed.has(id) && !own.hasProgram) {
      return `${id} is killed: it has to be a process of its own`;
    }
  }
}

/** Whether a deed is done to a process. */
function needsProcess(deed: string): deed is "kill" | "pause" | "resume" {
  return deed === "kill" || deed === "pause" || deed === "resume";
}
