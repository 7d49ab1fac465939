/**
 * What is measured: the transfers and commands, what each is held against, and what it must reach.
 *
 * @module
 */
import { COMMON_PEER, type Program } from "./programs.ts";
import type { Figures, Surroundings } from "./run_folder.ts";
import { runCreate, runVerify } from "./single_command.ts";
import { runTransfer } from "./transfer.ts";
import { MIB, type Workload, type WorkloadPlan } from "./workload.ts";

/** What vtorrent must not exceed. */
export interface Target {
  figure: "wall" | "cpu" | "bothCpu" | "firstByte" | "memory";
  /** Name of the program it is compared with, in the same round; without, a plain limit. */
  against?: string;
  /** A ratio, or seconds, or bytes. */
  atMost: number;
}

/** One kind of measurement. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  /** The program that ratios are to. */
  readonly reference: string;
  readonly targets: readonly Target[];
  /** @param size bytes, what `--size` says */
  plan(size: number): WorkloadPlan;
  /** Whether the program can do it. */
  suits(program: Program): boolean;
  run(around: Surroundings, program: Program, workload: Workload): Promise<Figures>;
  /** Whether the other side is the common peer. */
  readonly needsCommonPeer: boolean;
}

const PIECE = MIB;

/** @param plan what is leeched; `wall` and `cpu`: at most so much of libtorrent's */
function leech(
  { name, title, plan, wall, cpu }: Pick<Suite, "name" | "title" | "plan"> & {
    wall: number;
    cpu?: number;
  },
): Suite {
  return {
    name,
    title: `Leech ${title} from one libtorrent seed`,
    reference: "libtorrent",
    targets: [
      { figure: "wall", against: "libtorrent", atMost: wall },
      { figure: "wall", against: "aria2", atMost: 0.55 },
      ...cpu === undefined ? [] : [
        { figure: "cpu", against: "libtorrent", atMost: cpu } as const,
        { figure: "bothCpu", against: "libtorrent", atMost: 0.9 } as const,
      ],
      { figure: "firstByte", atMost: 0.2 },
      { figure: "memory", atMost: 200e6 },
    ],
    plan,
    suits: (program) =>
      program.leech !== undefined && !(program.takesOneFile && plan(0).fileCount > 1),
    needsCommonPeer: true,
    run: (around, program, workload) =>
      runTransfer(around, {
        seed: COMMON_PEER,
        leech: program,
        leeches: 1,
        measured: "leech",
        workload,
      }),
  };
}

/** A program with itself: no other can help or hinder. */
function amongThemselves(
  suite: Pick<Suite, "name" | "title" | "plan"> & { leeches: number; wall: number },
): Suite {
  return {
    ...suite,
    reference: "libtorrent",
    targets: [{ figure: "wall", against: "libtorrent", atMost: suite.wall }],
    suits: (program) =>
      program.leech !== undefined && program.seed !== undefined && !program.mustBeDialled,
    needsCommonPeer: false,
    run: (around, program, workload) =>
      runTransfer(around, {
        seed: program,
        leech: program,
        leeches: suite.leeches,
        measured: "all",
        workload,
      }),
  };
}

const oneFile = (pieceLength: number) => (size: number): WorkloadPlan => ({
  size,
  pieceLength,
  fileCount: 1,
});

/** All of them, in the order they run. */
export const SUITES: readonly Suite[] = [
  leech({
    name: "leech",
    title: "one file, pieces of 1 MiB,",
    plan: oneFile(PIECE),
    ...{ wall: 0.75, cpu: 0.6 },
  }),
  leech({
    name: "leech256",
    title: "one file, pieces of 256 KiB,",
    plan: oneFile(PIECE / 4),
    wall: 0.85,
  }),
  leech({
    name: "leech64",
    title: "one file, pieces of 64 KiB, a quarter of the size,",
    plan: (size) => oneFile(PIECE / 16)(size / 4),
    wall: 1,
  }),
  leech({
    name: "leech16",
    title: "one file, pieces of 16 KiB, a quarter of the size,",
    plan: (size) => oneFile(PIECE / 64)(size / 4),
    wall: 1,
  }),
  leech({
    name: "files",
    title: "4,000 files, pieces of 1 MiB,",
    plan: (size) => ({ size, pieceLength: PIECE, fileCount: 4000 }),
    wall: 0.85,
  }),
  {
    name: "seed",
    title: "Seed one file, pieces of 1 MiB, to one libtorrent leech",
    reference: "libtorrent",
    targets: [
      { figure: "wall", against: "libtorrent", atMost: 0.8 },
      { figure: "cpu", against: "libtorrent", atMost: 1.2 },
    ],
    plan: oneFile(PIECE),
    suits: (program) => program.seed !== undefined,
    needsCommonPeer: true,
    run: (around, program, workload) =>
      runTransfer(around, {
        seed: program,
        leech: COMMON_PEER,
        leeches: 1,
        measured: "seed",
        workload,
      }),
  },
  amongThemselves({
    name: "pair",
    title: "One seed to one leech of the same program, one file, pieces of 1 MiB",
    plan: oneFile(PIECE),
    leeches: 1,
    wall: 0.5,
  }),
  amongThemselves({
    name: "swarm",
    title: "One seed and 4 leeches of the same program, a quarter of the size, pieces of 256 KiB",
    plan: (size) => oneFile(PIECE / 4)(size / 4),
    leeches: 4,
    wall: 0.8,
  }),
  amongThemselves({
    name: "swarm9",
    title: "One seed and 9 leeches of the same program, an eighth of the size, pieces of 256 KiB",
    plan: (size) => oneFile(PIECE / 4)(size / 8),
    leeches: 9,
    wall: 0.8,
  }),
  {
    name: "create",
    title: "Make a .torrent of one file, pieces of 1 MiB",
    reference: "libtorrent",
    targets: [{ figure: "wall", against: "mktorrent -t 2", atMost: 1.2 }],
    plan: oneFile(PIECE),
    suits: (program) => program.create !== undefined,
    needsCommonPeer: false,
    run: runCreate,
  },
  {
    name: "verify",
    title: "Check one good file, pieces of 1 MiB",
    reference: "libtorrent",
    targets: [{ figure: "wall", against: "libtorrent", atMost: 0.4 }],
    plan: oneFile(PIECE),
    suits: (program) => program.verify !== undefined,
    needsCommonPeer: false,
    run: runVerify,
  },
];
