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
  figure: "wall" | "cpu" | "firstByte" | "memory";
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

function leech(
  name: string,
  title: string,
  plan: (size: number) => WorkloadPlan,
): Suite {
  return {
    name,
    title: `Leech ${title} from one libtorrent seed`,
    reference: "libtorrent",
    targets: [
      { figure: "wall", against: "libtorrent", atMost: 0.9 },
      { figure: "wall", against: "aria2", atMost: 0.55 },
      { figure: "cpu", against: "libtorrent", atMost: 1 },
      { figure: "firstByte", atMost: 0.3 },
      { figure: "memory", atMost: 200e6 },
    ],
    plan,
    suits: (program) => program.leech !== undefined,
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
  suite: Pick<Suite, "name" | "title" | "plan"> & { leeches: number },
): Suite {
  return {
    ...suite,
    reference: "libtorrent",
    targets: [{ figure: "wall", against: "libtorrent", atMost: 1 }],
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
  leech("leech", "one file, pieces of 1 MiB,", oneFile(PIECE)),
  leech("leech256", "one file, pieces of 256 KiB,", oneFile(PIECE / 4)),
  leech("files", "4,000 files, pieces of 1 MiB,", (size) => ({
    size,
    pieceLength: PIECE,
    fileCount: 4000,
  })),
  {
    name: "seed",
    title: "Seed one file, pieces of 1 MiB, to one libtorrent leech",
    reference: "libtorrent",
    targets: [
      { figure: "wall", against: "libtorrent", atMost: 1 },
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
  }),
  amongThemselves({
    name: "swarm",
    title: "One seed and 4 leeches of the same program, a quarter of the size, pieces of 256 KiB",
    plan: (size) => oneFile(PIECE / 4)(size / 4),
    leeches: 4,
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
    targets: [{ figure: "wall", against: "libtorrent", atMost: 0.8 }],
    plan: oneFile(PIECE),
    suits: (program) => program.verify !== undefined,
    needsCommonPeer: false,
    run: runVerify,
  },
];
