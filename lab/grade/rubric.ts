/**
 * Rubric: how points are awarded, and how a student's program is started.
 *
 * @module
 */
import type { Form } from "./commands.ts";

/** Some probes and the points that they are worth together. */
export interface Mark {
  readonly name: string;
  readonly points: number;
  /** IDs of steps and probes: `P5`, `P5.*`, `P6.2`. */
  readonly of: readonly string[];
}

/** What a rubric says. All of it may be left out. */
export interface Rubric {
  readonly name: string;
  /** What it marks; both where it does not say. */
  readonly subject?: "peer" | "tracker";
  readonly marks?: readonly Mark[];
  /** What fails where it is not offered, such as UDP; by default such probes are left out. */
  readonly demands?: readonly string[];
  /**
   * Steps and probes that are left out, each with the reason that the report gives. Without a reason
   * the report does not mention them.
   */
  readonly without?: Readonly<Record<string, string | undefined>>;
  /**
   * Steps and probes that the program is known to fail → why. They cost their points; the exit status
   * is that of the other ones.
   */
  readonly known?: Readonly<Record<string, string>>;
  /** The student's program, where the command line has none. */
  readonly command?: readonly string[];
  /** Where it is started; absolute. */
  readonly folder?: string;
  /** Runs once before everything, in that folder. */
  readonly build?: readonly string[];
  /** Word → form, null for a word that the program does not have. */
  readonly commands?: Readonly<Record<string, Form | null>>;
  readonly find?: Readonly<Record<string, RegExp>>;
  /** A tracker's announce URL, with `{port}` where the port goes. */
  readonly announce?: string;
  /** Step or probe → log lines that it requires: each pattern has to match one. */
  readonly log?: Readonly<Record<string, readonly RegExp[]>>;
  /** Probes whose seconds stand on Gradescope's leaderboard, beside the points. */
  readonly leaderboard?: readonly string[];
  readonly lines?: Readonly<Record<string, readonly string[]>>;
  readonly terminal?: boolean;
  /** Scripted peers call it at the port that it announces; the tracker names nobody to it. */
  readonly called?: boolean;
  /** ms. */
  readonly patience?: number;
}

/** Rubrics that are called by their names. */
export const RUBRICS: Readonly<Record<string, Rubric>> = {
  steps: { name: "steps" },
  co3093: {
    name: "co3093",
    marks: [
      {
        name: "Tracker protocol",
        points: 15,
        // UDP (T6) is no part of the assignment.
        of: ["P3", "T1", "T2", "T3", "T4", "T5", "T7"],
      },
      { name: "Downloading", points: 30, of: ["P1", "P2", "P4", "P5", "P6.1", "P6.2"] },
      { name: "Uploading", points: 15, of: ["P7"] },
      { name: "With other hosts", points: 20, of: ["P10"] },
      {
        name: "Several sources",
        points: 10,
        of: ["P6.3", "P6.4", "P6.5", "P6.6", "P6.7", "P6.8", "P6.9", "P6.10"],
      },
      { name: "Advanced", points: 10, of: ["P8", "P9"] },
    ],
  },
};
