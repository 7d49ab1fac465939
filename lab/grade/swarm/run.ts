/**
 * A run: every check in a world of its own, failed ones twice more, until verdicts stand.
 *
 * @module
 */
import { join, resolve } from "@std/path";
import type { Check, Finding, Part, Verdict } from "./check.ts";
import { CHECKS } from "./checks/mod.ts";
import { type Attempt, gather } from "./evidence.ts";
import type { Guardian } from "../../programs/guardian.ts";
import { copyAsIs, copyProgram } from "./program_copy.ts";
import { ProgramFault, TemplateFault } from "./fault.ts";
import { endingWords } from "./running.ts";
import { type Deed, Stage } from "./stage.ts";
import { watchForStalls, within } from "./timing.ts";
import { helpsOf, type Template } from "./template.ts";
import type { World, WorldPlan } from "./world.ts";

/** ms: a download's limit before the first one was measured, and its least afterwards. */
const FIRST_LIMIT = 60_000;
const LEAST_LIMIT = 30_000;
/** Default for `limits.overall`, in ms. */
const OVERALL = 20 * 60_000;
const BUILD_TIMEOUT = 5 * 60_000;
const ATTEMPTS = 3;
/** ms without a look at anything, beyond which a failure may be this machine's. */
const BUSY = 2000;

/** A program that cannot be marked at all, e.g. since its build fails. */
export class GradeError extends Error {
  override name = "GradeError";
}

/** What a run works with. */
export interface RunSetup {
  readonly template: Template;
  /** Folder that `folder` of the template starts from. */
  readonly base: string;
  readonly guardian: Guardian;
  readonly kind: World["kind"];
  readonly makeWorld: (plan: WorldPlan) => Promise<World>;
  /** bits a second */
  readonly rate: number;
  /** Hosts at most. */
  readonly hosts: number;
  /** IDs of checks to run; empty for all. */
  readonly only: readonly string[];
  readonly pcap: boolean;
  /** Whether checks run that take long. */
  readonly isSlow?: boolean;
  /** Checks that run at once, each in a world of its own. What fails so is run again alone. */
  readonly lanes: number;
  readonly signal: AbortSignal;
  /** Copies the folders of an attempt's hosts away before they are removed. */
  readonly keep?: (check: Check, attempt: number, folder: string) => Promise<void>;
  readonly onDeed?: (deed: Deed) => void;
  readonly onCheck?: (check: Check, attempt: number) => void;
  readonly onResult?: (result: CheckResult) => void;
  /** What this system cannot show, beyond what no run of this kind shows. */
  readonly unseen?: readonly string[];
  /** Whether failed checks are not run again. */
  readonly once?: boolean;
}

/** What came of one part. */
export interface PartResult {
  readonly part: Part;
  readonly verdict: Verdict;
  /** The finding that stands for it: of the first attempt that came out so. */
  readonly finding: Finding | undefined;
  readonly attempt: number;
  /** How often it came out as failed, of how many attempts. */
  readonly fails: number;
  readonly tries: number;
}

/** What came of one check. */
export interface CheckResult {
  readonly check: Check;
  readonly parts: readonly PartResult[];
  readonly attempts: readonly Attempt[];
}

/** What came of all. */
export interface RunResult {
  readonly program: string;
  readonly kind: World["kind"];
  readonly rate: number;
  readonly helps: readonly string[];
  readonly unseen: readonly string[];
  readonly checks: readonly CheckResult[];
  readonly seconds: number;
}

/**
 * Runs the checks.
 *
 * @throws {GradeError} {@linkcode WorldError} {@linkcode CopyError}
 */
export async function runChecks(setup: RunSetup): Promise<RunResult> {
  return await new Run(setup).all();
}

class Run {
  readonly #setup: RunSetup;
  readonly #proven = new Set<number>();
  readonly #started = performance.now();
  #limit: number;
  #master = "";
  /** Why no more checks are run. */
  #reason = "";
  #number = 0;

  constructor(setup: RunSetup) {
    this.#setup = setup;
    this.#limit = setup.template.limits.download ?? FIRST_LIMIT;
  }

  async all(): Promise<RunResult> {
    const { template, base, only, kind, rate, isSlow } = this.#setup;
    this.#master = await this.#build();
    const asked = CHECKS.filter((check) =>
      only.length === 0 ? isSlow || !check.isSlow : only.some((id) => isAsked(check, id))
    );
    const checks: CheckResult[] = [];
    for (const batch of batches(asked, this.#setup.lanes)) checks.push(...await this.#batch(batch));
    return {
      program: template.program ?? resolve(base, template.folder).split(/[\\/]/).at(-1)!,
      kind,
      rate,
      helps: helpsOf(template),
      unseen: this.#setup.unseen ?? [],
      checks,
      seconds: (performance.now() - this.#started) / 1000,
    };
  }

  /** Runs some checks, told in their order. */
  async #batch(checks: readonly Check[]): Promise<CheckResult[]> {
    const results = new Map<Check, CheckResult>();
    let told = 0;
    const settle = (check: Check, result: CheckResult): void => {
      results.set(check, result);
      for (let next = checks[told]; next !== undefined && results.has(next);) {
        this.#setup.onResult?.(results.get(next)!);
        next = checks[++told];
      }
    };
    const waiting = [...checks];
    const failedBeside: Check[] = [];
    const lane = async (): Promise<void> => {
      for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
        const without = this.#withoutRun(check);
        if (without !== undefined) {
          settle(check, without);
          continue;
        }
        if (checks.length === 1) {
          settle(check, await this.#check(check));
          continue;
        }
        this.#setup.onCheck?.(check, 1);
        const attempt = await this.#attempt(check, 1, true);
        if (isPassed(attempt)) settle(check, resultOf(check, [attempt]));
        else failedBeside.push(check);
      }
    };
    const lanes = await Promise.allSettled(
      Array.from({ length: Math.min(this.#setup.lanes, checks.length) }, lane),
    );
    const broken = lanes.find((one) => one.status === "rejected");
    if (broken !== undefined) throw broken.reason;
    // Two at once may have been too much for this machine: what failed beside another does not count.
    for (const check of checks.filter((one) => failedBeside.includes(one))) {
      settle(check, this.#withoutRun(check) ?? await this.#check(check));
    }
    const [first] = checks;
    if (first?.id === "S1" && this.#reason === "") {
      const { verdict } = results.get(first)!.parts[0]!;
      if (verdict === "failed" || verdict === "cannot tell") this.#reason = "S1 is its ground";
    }
    return checks.map((check) => results.get(check)!);
  }

  /** What comes of a check that is not run; undefined where it is. */
  #withoutRun(check: Check): CheckResult | undefined {
    const { template, kind, hosts } = this.#setup;
    const overall = template.limits.overall ?? OVERALL;
    if (this.#reason === "" && performance.now() - this.#started > overall) {
      this.#reason = `the time was over (${overall / 60_000} min)`;
    }
    if (this.#reason !== "") return notReached(check, this.#reason);
    if (kind === "one-host" && check.needsBytes && check.oneHost === undefined) {
      return untold(check, "cannot be seen on one host: nobody counts who sent what");
    }
    if (check.hosts <= hosts) return undefined;
    return untold(check, `needs ${check.hosts} hosts, --hosts gives ${hosts}`);
  }

  /** The program's folder, copied and built. */
  async #build(): Promise<string> {
    const { template, base, guardian } = this.#setup;
    const source = resolve(base, template.folder);
    if (template.build === undefined) {
      const master = join(guardian.folder, "program");
      await copyProgram(source, master, join(guardian.folder, "shared"));
      return master;
    }
    await using world = await this.#world(1, this.#setup.rate, "build");
    await copyProgram(source, world.folder(1), join(guardian.folder, "shared"));
    const running = await world.start(1, {
      command: template.build,
      env: { LANG: "C.UTF-8", ...template.env },
      pty: false,
    });
    const ending = await within(running.ended, BUILD_TIMEOUT);
    if (ending === undefined || ending.code !== 0) {
      const last = running.screen.last(5).join(" | ");
      const how = ending === undefined ? "it did not end" : endingWords(ending);
      throw new GradeError(
        `The program could not be built (${template.build}): ${how}${last && `: ${last}`}`,
      );
    }
    return world.folder(1);
  }

  async #world(hosts: number, rate: number, name: string): Promise<World> {
    const { template, guardian, pcap, makeWorld } = this.#setup;
    return await makeWorld({
      hosts,
      rate,
      root: guardian.folder,
      folder: join(guardian.folder, name),
      localhost: template.localhost,
      addresses: template.addresses,
      redirect: template.redirect,
      pcap,
    });
  }

  async #check(check: Check): Promise<CheckResult> {
    const attempts: Attempt[] = [];
    for (let number = 1; number <= ATTEMPTS; number++) {
      this.#setup.signal.throwIfAborted();
      this.#setup.onCheck?.(check, number);
      attempts.push(await this.#attempt(check, number));
      if (this.#setup.once || stands(check, attempts)) break;
    }
    return resultOf(check, attempts);
  }

  /** @param beside whether another check runs meanwhile: only what passed is kept */
  async #attempt(check: Check, number: number, beside = false): Promise<Attempt> {
    const { template, rate, keep, onDeed, signal } = this.#setup;
    const name = `${check.id}-${++this.#number}`;
    const started = performance.now();
    const folder = join(this.#setup.guardian.folder, name);
    using stalls = watchForStalls();
    let result: { findings: Finding[]; line?: number };
    await using worlds = new AsyncDisposableStack();
    const open = async (folder: string): Promise<Stage> => {
      const alone = this.#setup.kind === "one-host" ? check.oneHost : undefined;
      const hosts = alone?.hosts ?? check.hosts;
      const world = await this.#world(hosts, Math.round(rate * check.rate), folder);
      worlds.use(world);
      return new Stage({
        template,
        world,
        master: this.#master,
        proven: this.#proven,
        copy: copyAsIs,
        ...(onDeed === undefined ? {} : { onDeed }),
      });
    };
    let stage = await open(name);
    const anew = async () => {
      // What still runs in the first would take time from the second.
      await stage.world[Symbol.asyncDispose]();
      return stage = await open(`${name}/second`);
    };
    const interrupted = Promise.withResolvers<never>();
    const onAbort = () => interrupted.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      result = await Promise.race([this.#findings(check, stage, anew), interrupted.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
    const gap = Math.max(stalls.longest, stage.world.traffic?.longestGap ?? 0);
    if (gap > BUSY) result = { ...result, findings: result.findings.map(inDoubt(gap)) };
    const evidence = await gather(stage);
    await worlds.disposeAsync();
    const attempt: Attempt = {
      findings: result.findings,
      ...(result.line === undefined ? {} : { templateLine: result.line }),
      evidence,
      seconds: (performance.now() - started) / 1000,
    };
    if (!beside || isPassed(attempt)) await keep?.(check, number, folder);
    await removeFolder(folder);
    return attempt;
  }

  async #findings(
    check: Check,
    stage: Stage,
    anew: () => Promise<Stage>,
  ): Promise<{ findings: Finding[]; line?: number }> {
    const all = (verdict: Verdict, seen: string) =>
      check.parts.map((part): Finding => ({ part: part.id, verdict, expected: part.title, seen }));
    try {
      const began = performance.now();
      const run = stage.world.kind === "one-host" ? check.oneHost?.run ?? check.run : check.run;
      const findings = await run({
        stage,
        anew,
        limit: this.#limit,
        settle: this.#setup.template.limits.settle,
      });
      if (check.id === "S1" && this.#setup.template.limits.download === undefined) {
        this.#limit = Math.max(LEAST_LIMIT, 5 * (performance.now() - began));
      }
      // A part that was not come to, since one before it failed, has failed with it.
      const missing = check.parts.filter(({ id }) => !findings.some(({ part }) => part === id));
      for (const part of missing) {
        const seesBytes = stage.world.traffic !== undefined;
        findings.push(
          part.needsBytes && !seesBytes
            ? {
              part: part.id,
              verdict: "cannot tell",
              expected: part.title,
              seen: "nobody counts who sent what here",
            }
            : { ...findings[0]!, part: part.id },
        );
      }
      return { findings };
    } catch (error) {
      if (error instanceof TemplateFault) {
        return {
          findings: all("cannot tell", `template, ${placeWords(error)}: ${error.message}`),
          line: error.line,
        };
      }
      if (error instanceof ProgramFault) return { findings: all("failed", error.message) };
      throw error;
    }
  }
}

/** Checks that may run at once: not the first, whose time is a measure, nor any that compares times. */
function batches(checks: readonly Check[], lanes: number): Check[][] {
  const all: Check[][] = [];
  const isAlone = (check: Check | undefined) =>
    lanes < 2 || check === undefined || check.isTimed || check.id === "S1";
  for (const check of checks) {
    const last = all.at(-1);
    if (last === undefined || isAlone(check) || isAlone(last.at(-1))) all.push([check]);
    else last.push(check);
  }
  return all;
}

function resultOf(check: Check, attempts: readonly Attempt[]): CheckResult {
  return { check, parts: check.parts.map((part) => partResult(part, attempts)), attempts };
}

/** Whether nothing is left to be found out. */
function isPassed({ findings }: Attempt): boolean {
  return findings.every(({ verdict, free }) => verdict === "passed" || free);
}

/** What failed while this machine did nothing else for so long is not held against a program. */
function inDoubt(gap: number): (finding: Finding) => Finding {
  return (finding) =>
    finding.verdict !== "failed" ? finding : {
      ...finding,
      verdict: "cannot tell",
      seen: `this machine was busy (nothing was measured for ${(gap / 1000).toFixed(1)} s): ` +
        finding.seen,
    };
}

/** `line 7`, `line 7, column 12` */
function placeWords({ line, column }: TemplateFault): string {
  return `line ${line}${column === undefined ? "" : `, column ${column}`}`;
}

/** Whether `S4b` or `S9` asks for a check. */
function isAsked(check: Check, id: string): boolean {
  return check.id === id || check.parts.some((part) => part.id === id) ||
    check.id.replace(/[a-d]$/, "") === id;
}

/** Whether more attempts could change nothing. */
function stands(check: Check, attempts: readonly Attempt[]): boolean {
  if (attempts.some(({ templateLine }) => templateLine !== undefined)) return true;
  return check.parts.every((part) => {
    const found = attempts.map((attempt) => findingOf(part, attempt));
    const fails = found.filter((one) => one?.verdict === "failed").length;
    const passes = found.filter((one) => one?.verdict === "passed").length;
    if (fails >= 2) return true;
    if (fails === 1) return false;
    return passes > 0 || found.every((one) => one?.free || one?.verdict === "cannot tell") &&
        (found.every((one) => one?.free) || attempts.length >= 2);
  });
}

function findingOf(part: Part, attempt: Attempt): Finding | undefined {
  return attempt.findings.find((one) => one.part === part.id);
}

/** The verdict over all attempts: failed by two of three, flaky by one. */
export function partResult(part: Part, attempts: readonly Attempt[]): PartResult {
  const found = attempts.map((attempt) => findingOf(part, attempt));
  const fails = found.filter((one) => one?.verdict === "failed").length;
  const passes = found.filter((one) => one?.verdict === "passed").length;
  const verdict: Verdict = fails >= 2 || (fails > 0 && passes === 0)
    ? "failed"
    : fails === 1
    ? "flaky"
    : passes > 0
    ? "passed"
    : "cannot tell";
  const shown = verdict === "flaky" ? "failed" : verdict;
  const attempt = Math.max(0, found.findIndex((one) => one?.verdict === shown));
  return { part, verdict, finding: found[attempt], attempt, fails, tries: attempts.length };
}

function notReached(check: Check, reason: string): CheckResult {
  return without(check, "not reached", reason);
}

function untold(check: Check, reason: string): CheckResult {
  return without(check, "cannot tell", reason);
}

function without(check: Check, verdict: Verdict, seen: string): CheckResult {
  const parts = check.parts.map((part): PartResult => ({
    part,
    verdict,
    finding: { part: part.id, verdict, expected: part.title, seen },
    attempt: 0,
    fails: 0,
    tries: 0,
  }));
  return { check, parts, attempts: [] };
}

/** Removes what programs wrote, also where they took away their own rights to it. */
async function removeFolder(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch {
    // The guardian tries again at the end.
  }
}
