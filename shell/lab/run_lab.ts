/**
 * `vtorrent lab`: which of its words was typed, and one run from flags to report.
 *
 * @module
 */
import { join, resolve } from "@std/path";
import { type Verdict, verdictOf } from "../../lab/checks/judge.ts";
import { type Experiment, runExperiment } from "../../lab/experiment/experiment.ts";
import type { RunEvent, RunRecord } from "../../lab/run/run_record.ts";
import { makePlan } from "../../lab/scenario/make_plan.ts";
import type { RunPlan } from "../../lab/scenario/run_plan.ts";
import { VERSION } from "../../protocol/mod.ts";
import { didYouMean } from "../base/did_you_mean.ts";
import type { Environment } from "../base/environment.ts";
import { UsageError } from "../base/errors.ts";
import { ExitStatus } from "../base/exit_status.ts";
import { prepareReportFolder } from "../base/report_folder.ts";
import type { FlagValues } from "../flags/flags.ts";
import type { Screen } from "../terminal/screen.ts";
import { compareReports } from "./compare_reports.ts";
import { type LabCall, readLabCalls } from "./lab_call.ts";
import { greet, tell, tellTexts } from "./lab_words.ts";
import { listNamed, listScenarios, showScenario } from "./list_scenarios.ts";
import { answersFrom, askGuess, cameOut } from "./predict.ts";
import { writeReport } from "./write_report.ts";

const WORDS = ["list", "show", "run", "compare"];

/** Runs it; the exit status. */
export async function runLab(
  args: readonly string[],
  world: Environment,
  screen: Screen,
  flags: FlagValues,
): Promise<number> {
  const [word, ...rest] = args;
  if (word === undefined) {
    throw new UsageError(
      "lab needs one of list, show, run or compare: begin with vtorrent lab list",
    );
  }
  if (word === "play") {
    return await (await import("./play_plan.ts")).playPlan(rest, world, flags.out);
  }
  const most = word === "compare" ? 2 : 1;
  if (rest.length > most) throw new UsageError(`lab ${word} takes no "${rest[most]}"`);
  switch (word) {
    case "list":
      return rest[0] === undefined ? listScenarios(screen) : listNamed(rest[0], screen);
    case "show":
      return showScenario(rest[0], screen);
    case "run":
      return await run(rest[0], world, screen, flags);
    case "compare":
      return await compareReports(rest, world, screen, flags);
    default:
      throw new UsageError(
        `lab takes list, show, run or compare, not "${word}".${didYouMean(word, WORDS)}`,
      );
  }
}

async function run(
  named: string | undefined,
  world: Environment,
  screen: Screen,
  flags: FlagValues,
): Promise<number> {
  if (named === undefined) {
    throw new UsageError(
      "lab run needs a scenario: a name of vtorrent lab list, a file, or all",
    );
  }
  const calls = await readLabCalls(named, world, flags);
  if (flags.pace !== undefined && !flags["watch-board"]) {
    throw new UsageError("--pace is how fast --watch shows a run in virtual time: add --watch");
  }
  const answers = answersFrom(world);
  const out = flags.out === undefined ? undefined : resolve(world.cwd, flags.out);
  if (out !== undefined) await prepareReportFolder(out, flags.out!);
  const verdicts: Verdict[] = [];
  for (const [index, call] of calls.entries()) {
    if (index > 0) screen.say("");
    greet(call, screen);
    const guessed = flags.predict ? await askGuess(call.scenario, answers, screen) : undefined;
    const folder = out === undefined
      ? flags.open ? await Deno.makeTempDir({ prefix: "vtorrent_lab_" }) : undefined
      : calls.length === 1
      ? out
      : join(out, call.scenario.name);
    const experiment = await experimentOf(call, world, screen, flags, folder);
    tell(experiment, screen);
    if (guessed !== undefined) {
      screen.say(`  Your guess: ${guessed}. It came to ${cameOut(experiment)}.`);
    }
    verdicts.push(verdictOf(experiment.judgements));
    if (folder === undefined) continue;
    const page = await writeReport(
      experiment,
      factsOf(named, call, flags, guessed, experiment),
      folder,
    );
    tellTexts(experiment, folder, screen);
    screen.event({ event: "written", ...{ path: page } }, `Written: ${page}`);
    if (flags.open) await world.browse(page);
  }
  if (verdicts.includes("failed")) return ExitStatus.failed;
  return verdicts.includes("cannot tell") ? ExitStatus.cannotTell : ExitStatus.done;
}

/** Runs one scenario, with a line that says how far it is. */
async function experimentOf(
  { scenario, seeds, variants }: LabCall,
  world: Environment,
  screen: Screen,
  flags: FlagValues,
  out: string | undefined,
): Promise<Experiment> {
  await using board = flags["watch-board"]
    ? await (await import("./swarm_board.ts")).SwarmBoard.start()
    : undefined;
  if (board !== undefined) {
    const isMade = [...scenario.variants.values()].some(({ world }) => world === "virtual");
    const when = isMade ? ", which shows each variant's first run once it is open" : "";
    screen.event({ event: "lab-board", ...{ url: board.url } }, `  Board: ${board.url}${when}`);
    if (flags.open) await world.browse(board.url);
  }
  let plan: RunPlan | undefined;
  let running = { variant: "", seed: 0, done: 0, of: 1 };
  using _ = screen.progress("running", {
    line: () =>
      `${scenario.name}${running.variant === "" ? "" : `, ${running.variant}`}, seed ` +
      `${running.seed}: run ${running.done + 1} of ${running.of}`,
    facts: () => ({ scenario: scenario.name, ...running }),
  });
  return await runExperiment(scenario, {
    worlds: {
      virtual: async () => new (await import("../../lab/virtual/virtual_world.ts")).VirtualWorld(),
      engines: async () => new (await import("../../lab/engines/engine_world.ts")).EngineWorld(),
      real: async () => {
        const { namespaceWorld, realWorld } = await import("./real_runs.ts");
        return flags.netns
          ? namespaceWorld(world, out)
          : realWorld(world, { out, processes: flags.processes ?? false });
      },
    },
    seeds,
    ...(variants === undefined ? {} : { variants }),
    signal: world.stop,
    onRun: (variant, seed, done, of) => {
      running = { variant, seed, done, of };
      plan = makePlan(scenario, variant, seed);
      if (plan.world === "real") board?.begin(plan);
    },
    ...(board === undefined ? {} : {
      onEvent: (event: RunEvent) => {
        if (plan?.world === "real") board.add(event);
      },
      onRecord: async (record: RunRecord) => {
        if (record.world !== "virtual" || record.seed !== seeds[0]) return;
        await board.show(plan!, record, { pace: flags.pace, signal: world.stop });
        world.stop.throwIfAborted();
      },
    }),
  });
}

function factsOf(
  named: string,
  { scenario, seeds, variants }: LabCall,
  flags: FlagValues,
  guessed: string | undefined,
  experiment: Experiment,
) {
  const quoted = (text: string) => /^[\w.,=/:-]+$/.test(text) ? text : `'${text}'`;
  const command = [
    `vtorrent lab run ${quoted(named === "all" ? scenario.name : named)}`,
    `--seeds ${seeds[0]}-${seeds.at(-1)}`,
    ...scenario.settings.map((one) => `--set ${quoted(one)}`),
    ...(variants ?? []).map((one) => `--only ${quoted(one)}`),
    ...(flags.processes ? ["--processes"] : []),
    ...(flags.netns ? ["--netns"] : []),
    ...(flags.with === undefined ? [] : [`--with ${quoted(flags.with)}`]),
  ].join(" ");
  return {
    version: VERSION,
    command,
    ...(guessed === undefined ? {} : {
      guess: { ask: scenario.predict!.ask, guessed, came: cameOut(experiment) },
    }),
  };
}
