/**
 * The real world: any programs over loopback TCP, with wires in place of the network.
 *
 * @module
 */
import type { RunRecord } from "../run/run_record.ts";
import type { RunOptions, World } from "../run/world.ts";
import type { PlannedMember, RunPlan } from "../scenario/run_plan.ts";
import { Guardian } from "../programs/guardian.ts";
import { whyNotReal } from "./not_real.ts";
import { PRESETS } from "./presets.ts";
import { RealRun } from "./real_run.ts";
import type { RealWorldOptions } from "./real_options.ts";

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
    const { vtorrent, processes = false, ground } = this.#options;
    const why = whyNotReal(plan, {
      areProcesses: processes || ground !== undefined,
      hasProgram: vtorrent !== undefined,
    });
    if (why !== undefined) throw new RealWorldError(why);
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
