/**
 * A scenario: a question about swarms, the swarm to try it on, and what must come out.
 *
 * @module
 */
import type {
  Content,
  Deed,
  Line,
  PlannedMember,
  Policies,
  RunPlan,
  Stay,
  Strategy,
  TrackerPlan,
} from "./run_plan.ts";
import type { FigureName, MeasureName } from "./measure_names.ts";
import type { Arrival } from "./notations.ts";

/** Members that are alike. */
export interface Group {
  readonly as: string;
  readonly count: number;
  readonly have: number;
  readonly lacks: readonly number[];
  /** bytes/s */
  readonly up?: number;
  readonly down?: number;
  readonly arrive: Arrival;
  readonly stay: Stay;
  readonly strategy: Strategy;
  readonly policies: Policies;
  readonly program: string;
  readonly command?: readonly string[];
  readonly stdin: readonly string[];
  readonly optional: boolean;
  readonly isMagnet: boolean;
  readonly utp: PlannedMember["utp"];
  /** bytes/s */
  readonly uploadLimit?: number;
  readonly downloadLimit?: number;
}

/** An event of the file: names of groups or members where a plan has ids. */
export interface ScenarioEvent {
  readonly at?: number;
  readonly when?: {
    readonly measure: "given_copies" | "distinct_share" | "complete_share";
    readonly of: readonly string[];
    readonly atLeast: number;
  };
  readonly do: Deed["do"];
  readonly who: readonly string[];
  readonly from: readonly string[];
  readonly up?: number;
  readonly down?: number;
}

/** Another value that a check compares with. */
export interface Reference {
  readonly variant?: string;
  readonly measure?: MeasureName;
  readonly of?: readonly string[];
  readonly times?: number;
}

export type Limit = number | Reference;

/** How a measure is compared with a limit. */
export type Comparison =
  | { readonly by: "at_least" | "at_most" | "above" | "below"; readonly limit: Limit }
  | { readonly by: "between"; readonly from: number; readonly to: number }
  | { readonly by: "is"; readonly is: boolean };

/** What must come out. */
export interface Check {
  readonly measure: MeasureName;
  readonly of?: readonly string[];
  readonly against?: readonly string[];
  /** undefined: in each */
  readonly variants?: readonly string[];
  readonly comparison: Comparison;
  readonly over: "median" | "mean" | "every" | "three of four";
  readonly why: string;
}

/** A figure to draw. */
export interface Draw {
  readonly figure: FigureName;
  readonly title?: string;
  readonly of?: readonly string[];
  readonly variants?: readonly string[];
  readonly measure?: MeasureName;
}

/** What `--predict` asks. */
export interface Prediction {
  readonly ask: string;
  readonly measure: MeasureName;
  readonly of?: readonly string[];
  readonly variant?: string;
}

/** What is different between members of two groups, or between two members. */
export interface ScenarioPair extends Partial<Line> {
  readonly between: readonly [string, string];
}

/** What a variant may change. */
export interface Setup {
  readonly world: RunPlan["world"];
  readonly depth: RunPlan["depth"];
  /** ms */
  readonly limit: number;
  readonly content: Content;
  readonly net: Line & { readonly pairs: readonly ScenarioPair[] };
  readonly tracker: TrackerPlan;
  readonly groups: readonly Group[];
}

/** A scenario that was read and found right. */
export interface Scenario {
  readonly name: string;
  readonly question: string;
  readonly hypothesis: string;
  readonly next?: string;
  readonly seeds: readonly [first: number, last: number];
  readonly predict?: Prediction;
  /** Name → the swarm in it; one of the name "" where the file has no variants. */
  readonly variants: ReadonlyMap<string, Setup>;
  readonly events: readonly ScenarioEvent[];
  readonly draws: readonly Draw[];
  readonly checks: readonly Check[];
  /** the file as it was read */
  readonly text: string;
  /** what `--set` changed, e.g. `peers.leech.up=200k` */
  readonly settings: readonly string[];
}

/** Names of members that a name in a file stands for: a group's, or one member's. */
export function membersOf<T extends { readonly id: string; readonly name: string }>(
  members: readonly T[],
  names: readonly string[],
): T[] {
  return members.filter(({ id, name }) =>
    names.some((one) => one === "all" || one === name || one === id || one === `${id} 1`)
  );
}
