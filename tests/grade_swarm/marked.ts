/**
 * The program of the tests, marked: right, or with one of its mistakes.
 *
 * @module
 */
import { join } from "@std/path";
import { didYouMean } from "../../shell/base/did_you_mean.ts";
import { fileURLToPath } from "node:url";
import { Guardian } from "../../lab/programs/guardian.ts";
import { runChecks, type RunResult } from "../../lab/grade/swarm/run.ts";
import { readTemplate, type Template } from "../../lab/grade/swarm/template.ts";
import type { WorldPlan } from "../../lab/grade/swarm/world.ts";
import { makeLinuxWorld, probeLinux } from "../../lab/grade/swarm/world_linux.ts";
import { makeOneHost } from "../../lab/grade/swarm/world_one_host.ts";
import { leaveOut } from "../support/left_out.ts";

export const FOLDER = fileURLToPath(new URL(".", import.meta.url));

/** Whether hosts can be made here, told where not. */
export async function canMakeSwarmHosts(): Promise<boolean> {
  try {
    const { hasNft } = await probeLinux();
    return hasNft || leaveOut("needs nft to count bytes between hosts");
  } catch (error) {
    return leaveOut(`needs hosts of its own: ${(error as Error).message}`);
  }
}

/**
 * The template of the program, with a mistake planted.
 *
 * @param more keys of the template, as they are written there
 */
export function templateFor(bug: string, more = ""): Template {
  const text = Deno.readTextFileSync(`${FOLDER}swarm.jsonc`)
    .replaceAll(/(tracker_port\})"/g, `$1 ${bug}"`)
    .replace('"grade": 1,', `"grade": 1, ${more}`);
  return readTemplate(text, "swarm.jsonc", didYouMean);
}

/** A world of three hosts with nothing helped. */
export function planFor(guardian: Guardian, more: Partial<WorldPlan> = {}): WorldPlan {
  return {
    hosts: 3,
    rate: 16_000_000,
    root: guardian.folder,
    folder: join(guardian.folder, "world"),
    localhost: false,
    addresses: {},
    redirect: {},
    pcap: false,
    ...more,
  };
}

/** How a run is to be. */
export interface MarkOptions {
  readonly oneHost?: boolean;
  readonly only?: readonly string[];
  /** Checks at once. */
  readonly lanes?: number;
  /** Whether what failed is run again. */
  readonly again?: boolean;
}

/** Marks the program. */
export async function mark(template: Template, options: MarkOptions = {}): Promise<RunResult> {
  const { oneHost = false, only = [], again = false } = options;
  const tools = oneHost ? undefined : await probeLinux();
  await using guardian = await Guardian.start();
  return await runChecks({
    template,
    base: FOLDER,
    guardian,
    kind: oneHost ? "one-host" : "hosts",
    makeWorld: (plan) =>
      tools === undefined ? makeOneHost(plan, guardian) : makeLinuxWorld(plan, tools),
    rate: 16_000_000,
    hosts: 16,
    only,
    pcap: false,
    lanes: options.lanes ?? 1,
    signal: new AbortController().signal,
    once: !again,
  });
}

/** Part → verdict. */
export function verdicts(result: RunResult): Record<string, string> {
  return Object.fromEntries(
    result.checks.flatMap(({ parts }) => parts.map(({ part, verdict }) => [part.id, verdict])),
  );
}

/** What was seen of a part, and why it is so. */
export function seenOf(result: RunResult, part: string): string {
  const found = result.checks.flatMap(({ parts }) => parts).find((one) => one.part.id === part);
  return `${found?.finding?.seen} ${found?.finding?.why ?? ""}`;
}
