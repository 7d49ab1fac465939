/**
 * Evidence of one run of a check, kept for people to look at: screens, bytes, calls, listeners.
 *
 * @module
 */
import type { Finding } from "./check.ts";
import { endingWords } from "./running.ts";
import type { Deed, Stage } from "./stage.ts";
import type { Calls, World } from "./world.ts";

/** One process and what it showed. */
export interface Shown {
  readonly host: number;
  readonly role: string;
  readonly command: string;
  readonly text: string;
  readonly last: readonly string[];
  /** `runs`, `exit status 1` */
  readonly ending: string;
}

/** See the module. */
export interface Evidence {
  readonly kind: World["kind"];
  readonly shown: readonly Shown[];
  readonly deeds: readonly Deed[];
  /** [from][to] in bytes; undefined where nothing counts them. */
  readonly bytes: readonly (readonly number[])[] | undefined;
  readonly hasPairs: boolean;
  readonly calls: Calls;
  /** Host → what listens there. */
  readonly listeners: readonly (readonly string[])[];
}

/** One run of a check. */
export interface Attempt {
  readonly findings: readonly Finding[];
  /** Line of the template that may be wrong. */
  readonly templateLine?: number;
  readonly evidence: Evidence | undefined;
  readonly seconds: number;
}

/** Gathers what there is, while the world still stands. */
export async function gather(stage: Stage): Promise<Evidence> {
  const { world } = stage;
  const listeners: string[][] = [[]];
  for (let host = 1; host <= world.hosts; host++) listeners.push(await world.listeners(host));
  const calls = await world.calls();
  return {
    kind: world.kind,
    shown: stage.processes.map(({ role, running }) => ({
      host: running.host,
      role,
      command: running.command,
      text: running.screen.text,
      last: running.screen.last(15),
      ending: running.ending === undefined ? "runs" : endingWords(running.ending),
    })),
    deeds: stage.deeds,
    bytes: world.traffic?.now.bytes,
    hasPairs: world.traffic?.hasPairs ?? false,
    calls,
    listeners,
  };
}

/** What the network itself says against a program, a sentence each, most telling first. */
export function networkWords(evidence: Evidence): string[] {
  const words: string[] = [];
  for (const [call, packets] of evidence.calls.refused) {
    const [, to, port] = /→ h(\d+):(\d+)$/.exec(call) ?? [];
    if (to === undefined) continue;
    const listens = evidence.listeners[Number(to)] ?? [];
    if (listens.some((one) => one.startsWith("tcp") && one.endsWith(`:${port}`))) continue;
    words.push(
      `${call} refused × ${packets}; h${to} ${
        listens.length === 0 ? "listens on nothing" : `listens on ${listens.join(", ")}`
      }`,
    );
  }
  // On one host every address is one of these.
  if (evidence.kind === "one-host") return words;
  for (const [host, listens] of evidence.listeners.entries()) {
    if (listens.length > 0 && listens.every((one) => / (127\.|\[::1\])/.test(one))) {
      words.push(`h${host} listens only on ${listens.join(", ")}: no other host can reach that`);
    }
  }
  return words;
}
