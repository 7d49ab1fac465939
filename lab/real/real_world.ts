/**
 * The real world: any programs over loopback TCP, with wires in place of the network.
 *
 * @module
 */
import type { RunRecord } from "../run/run_record.ts";
import type { RunOptions, World } from "../run/world.ts";
import type { PlannedMember, RunPlan } from "../scenario/run_plan.ts";
import { Guardian } from "../programs/guardian.ts";
import { PRESETS } from "./presets.ts";
import { RealRun } from "./real_run.ts";
import type { RealWorldOptions } from "./real_options.ts";

/** Most members of a run, and most bytes of its content. */
export const MOST_MEMBERS = 32;
export const MOST_CONTENT = 256 * 2 ** 20;

/** A plan that cannot be played here; the sentence says why and what can be done. */
export class RealWorldError extends Error {
  override name = "RealWorldError";
}

/** See the module. */
export class RealWorld implements World {
  readonly #options: RealWorldOptions;

  constructor(options: RealWorldOptions = {}) {
    this.#options = options;
  }

  /** @throws {RealWorldError} where the plan cannot be played here */
  async run(plan: RunPlan, options: RunOptions = {}): Promise<RunRecord> {
    this.#judge(plan);
    const remarks: string[] = [];
    const members: PlannedMember[] = [];
    for (const member of plan.members) {
      const missing = await missingProgram(member);
      if (missing === undefined) members.push(member);
      else if (member.isOptional) remarks.push(`${member.id} does not take part: ${missing}`);
      else throw new RealWorldError(`${member.id} needs ${member.program}: ${missing}`);
    }
    for (const program of new Set(members.map((member) => member.program))) {
      const remark = PRESETS[program]?.remark;
      if (remark !== undefined) remarks.push(remark);
    }
    await using guardian = await Guardian.start("vtorrent-lab-");
    await using run = new RealRun({ ...plan, members }, {
      ...{ guardian, remarks, world: this.#options, options },
    });
    return await run.play();
  }

  #judge({ members, content, events }: RunPlan): void {
    if (members.length > MOST_MEMBERS) {
      throw new RealWorldError(
        `The plan has ${members.length} members: ${MOST_MEMBERS} can be real on one machine; ` +
          "take --peers or --virtual",
      );
    }
    if (content.size > MOST_CONTENT) {
      throw new RealWorldError(
        `The content has ${content.size} bytes: real runs take up to ${MOST_CONTENT}`,
      );
    }
    for (const { id, program, strategy, policies, command, ...whole } of members) {
      if (whole.isMagnet || whole.utp !== "off") {
        throw new RealWorldError(
          `${id} has "magnet" or "utp", which members have with --virtual and --set depth=engine`,
        );
      }
      const isLimited = whole.uploadLimit !== undefined || whole.downloadLimit !== undefined;
      if (program !== "vtorrent" && isLimited) {
        throw new RealWorldError(
          `${id} has a limit, which ${program} is not told: say it by "up" and "down"`,
        );
      }
      if (program === "vtorrent" && strategy !== "normal") {
        throw new RealWorldError(`${id} is a ${strategy}: strategies are played with --virtual`);
      }
      if (program === "vtorrent" && policies.profile !== "full") {
        throw new RealWorldError(
          `${id} has the profile ${policies.profile}: profiles are played with --virtual`,
        );
      }
      if (program !== "vtorrent" && policies.without.length > 0) {
        throw new RealWorldError(`${id} is no peer of ours: ${program} has no rules to switch off`);
      }
      if (program === "vtorrent" && (!policies.blames || policies.order === "random")) {
        throw new RealWorldError(
          `${id} has ${
            policies.blames ? 'the order "random"' : '"blame": false'
          }: that is played ` +
            "with --virtual",
        );
      }
      if (policies.sources.some((source) => source !== "tracker")) {
        throw new RealWorldError(
          `${id} finds peers by ${policies.sources.join(", ")}: in the real world the tracker ` +
            "alone leads through the wires; take --virtual",
        );
      }
      if (program !== "vtorrent" && command === undefined && PRESETS[program] === undefined) {
        throw new RealWorldError(
          `${id} needs the program ${program}, which is neither described in "programs" nor one ` +
            `of vtorrent, ${Object.keys(PRESETS).join(", ")}`,
        );
      }
    }
    const killed = new Set(
      events.flatMap((event) =>
        needsProcess(event.do) ? (event as { who: readonly string[] }).who : []
      ),
    );
    const { processes = false, ground } = this.#options;
    const told = members.find(({ id, policies }) =>
      policies.without.length > 0 && (processes || ground !== undefined || killed.has(id))
    );
    if (told !== undefined) {
      throw new RealWorldError(
        `${told.id} is a process of its own, which cannot be told to decide without ` +
          `${told.policies.without.join(", ")}: take --virtual`,
      );
    }
    const ours = members.find(({ id, program }) => program === "vtorrent" && killed.has(id));
    if (ours !== undefined && this.#options.vtorrent === undefined) {
      throw new RealWorldError(`${ours.id} is killed: it has to be a process of its own`);
    }
    if (events.some((event) => event.do === "disk full")) {
      throw new RealWorldError("A full disk is played with --virtual");
    }
  }
}

/** Whether a deed is done to a process. */
export function needsProcess(deed: string): deed is "kill" | "pause" | "resume" {
  return deed === "kill" || deed === "pause" || deed === "resume";
}

/** Why a member's program cannot be started; undefined: it is there. */
async function missingProgram({ program, command }: PlannedMember): Promise<string | undefined> {
  if (command !== undefined) {
    return await isProgram(command[0]!) ? undefined : `there is no program ${command[0]}`;
  }
  const preset = PRESETS[program];
  if (preset === undefined) return undefined;
  const [name, ...args] = preset.probe;
  try {
    const { success } = await new Deno.Command(name!, {
      ...{ args, stdin: "null", stdout: "null", stderr: "null" },
    }).output();
    // transmission-cli --version ends with status 1 and is there all the same.
    if (success || program === "transmission") return undefined;
  } catch {
    // It is not there.
  }
  return `it is not installed; get it with ${preset.install}`;
}

/** Whether a command's first word leads to a file, as the system looks for it. */
async function isProgram(word: string): Promise<boolean> {
  // A relative path is looked up where the program is started.
  if (word.includes("/") || word.includes("\\") || Deno.build.os === "windows") return true;
  const { success } = await new Deno.Command("/bin/sh", {
    args: ["-c", 'command -v -- "$1"', "sh", word],
    ...{ stdin: "null", stdout: "null", stderr: "null" },
  }).output();
  return success;
}
