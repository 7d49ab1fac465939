/**
 * S1–S6: found and fetched, passed on, several at once, several sources.
 *
 * @module
 */
import {
  cannotTell,
  type Check,
  type CheckWorld,
  equalFinding,
  type Finding,
  finding,
  percent,
  times,
  USUAL_SIZE,
  watchAll,
  watchOne,
} from "../check.ts";
import type { Download } from "../download.ts";
import type { Stage } from "../stage.ts";
import { makeFile } from "../test_file.ts";
import { secondByDye, twoSourcesByDye } from "./dyed.ts";

/** Share that makes a host count as a source. */
const SOURCE = 0.1;
/** How often a file may be taken: headers, and what two sources send at the end. */
const TAKEN = 1.25;
/** Share with which a transfer has begun. */
const FIRST_BYTES = 0.01;
/** Windows of 250 ms in which both sources have to give. */
const TOGETHER = 3;

async function first(world: CheckWorld): Promise<Finding[]> {
  const { stage } = world;
  const file = makeFile(USUAL_SIZE);
  await stage.open(file, { share: [2], fetch: [3] });
  await stage.share(2, file);
  const download = await stage.download(3, file);
  await watchOne(world, download);
  return [equalFinding("S1", [download])];
}

async function second(world: CheckWorld): Promise<Finding[]> {
  const { stage } = world;
  const { traffic } = stage.world;
  const file = makeFile(USUAL_SIZE);
  await stage.open(file, { share: [2], fetch: [3, 4] });
  await stage.share(2, file);
  const before = await stage.download(3, file);
  await watchOne(world, before);
  if (!before.isRight) return [equalFinding("S2", [before])];
  await stage.reshare(before);
  const download = await stage.download(4, file);
  await watchOne(world, download);
  const equal = equalFinding("S2", [download]);
  if (traffic === undefined) return [equal];
  await traffic.next();
  const gave = (host: number) => traffic.between(host, 4, download.since) / file.bytes.length;
  return [
    equal,
    finding(
      "S2b",
      gave(3) >= SOURCE,
      `h3, which has the file, gives h4 at least ${percent(SOURCE)}`,
      `h2 gave ${percent(gave(2))}, h3 gave ${percent(gave(3))}`,
    ),
  ];
}

async function seedGone(world: CheckWorld): Promise<Finding[]> {
  const { stage } = world;
  const file = makeFile(USUAL_SIZE);
  await stage.open(file, { share: [2], fetch: [3, 4] });
  await stage.share(2, file);
  const before = await stage.download(3, file);
  await watchOne(world, before);
  if (!before.isRight) return [equalFinding("S3", [before])];
  await stage.reshare(before);
  await stage.kill(2);
  const download = await stage.download(4, file);
  await watchOne(world, download);
  return [equalFinding("S3", [download])];
}

async function threeAtOnce(world: CheckWorld): Promise<Finding[]> {
  const { stage } = world;
  const { traffic } = stage.world;
  const file = makeFile(USUAL_SIZE);
  await stage.open(file, { share: [2], fetch: [3, 4, 5] });
  await stage.share(2, file);
  const downloads = await stage.downloadOn([3, 4, 5], file);
  await watchAll(world, downloads);
  const equal = equalFinding("S4", downloads);
  if (traffic === undefined) return [equal];
  await traffic.next();
  const hosts = [3, 4, 5];
  const others = hosts.flatMap((from) => hosts.map((to) => traffic.between(from, to)))
    .reduce((sum, bytes) => sum + bytes, 0) / (3 * file.bytes.length);
  return [
    equal,
    finding(
      "S4b",
      others >= SOURCE,
      `h3, h4, h5 give each other at least ${percent(SOURCE)} of what they take`,
      `they gave ${percent(others)}, the rest came from h2`,
    ),
  ];
}

async function twoFiles(world: CheckWorld): Promise<Finding[]> {
  const { stage } = world;
  const { traffic } = stage.world;
  const files = [makeFile(USUAL_SIZE, "a_#.bin"), makeFile(USUAL_SIZE, "b_#.bin")] as const;
  if (stage.template.isFixed) {
    return [cannotTell("S5", "not asked: where the members are fixed a program has one file")];
  }
  await stage.open(files[0], { share: [2], fetch: [4] });
  await stage.share(2, files[0]);
  await stage.share(3, files[1]);
  const downloads = await stage.downloads(4, files);
  await watchAll(world, downloads);
  const equal = equalFinding("S5", downloads);
  if (equal.verdict !== "passed" || traffic === undefined) return [equal];
  const together = traffic.windowsTogether(2, 3, 4);
  if (together >= TOGETHER) return [equal];
  return [finding(
    "S5",
    false,
    `${equal.expected}, both on their way at once`,
    `${equal.seen}; h2 and h3 were busy together in ${together} of the ${TOGETHER} quarter seconds ` +
      "that it takes: one came after the other",
  )];
}

async function twoSources(world: CheckWorld): Promise<Finding[]> {
  const { stage } = world;
  const traffic = stage.world.traffic!;
  const file = makeFile(USUAL_SIZE);
  await stage.open(file, { share: [2, 3], fetch: [4] });
  await stage.share(2, file);
  await stage.share(3, file);
  const download = await stage.download(4, file);
  await watchOne(world, download);
  const equal = equalFinding("S6", [download]);
  if (equal.verdict !== "passed") return [equal];
  await traffic.next();
  const gave = (host: number) => traffic.between(host, 4, download.since) / file.bytes.length;
  const taken = gave(2) + gave(3);
  const together = traffic.windowsTogether(2, 3, 4);
  const passed = Math.min(gave(2), gave(3)) >= SOURCE && together >= TOGETHER && taken <= TAKEN;
  return [finding(
    "S6",
    passed,
    `equal, at least ${percent(SOURCE)} from each of h2 and h3, at once, the file taken at most ${
      times(TAKEN)
    }`,
    `${equal.seen}; h2 gave ${percent(gave(2))}, h3 ${
      percent(gave(3))
    }, busy together in ${together} ` +
      `quarter seconds, taken ${times(taken)}`,
  )];
}

async function speed(world: CheckWorld): Promise<Finding[]> {
  const alone = await timed(world.stage, world, [2]);
  if (!alone.isRight) return [equalFinding("S14", [alone])];
  // A world of its own: a second file would ask for more than time.
  const anew = await world.anew();
  const both = await timed(anew, { ...world, stage: anew }, [2, 3]);
  if (!both.isRight) return [equalFinding("S14", [both])];
  const gap = Math.max(...[world.stage, anew].map((stage) => stage.world.traffic!.longestGap));
  if (gap > 2000) {
    const seconds = (gap / 1000).toFixed(1);
    return [cannotTell("S14", `the machine was busy: nothing was measured for ${seconds} s`)];
  }
  const times = [
    transferTime(world.stage, alone, [2]),
    transferTime(anew, both, [2, 3]),
  ] as const;
  const ratio = times[1] / times[0];
  const [one, two] = times.map((time) => (time / 1000).toFixed(1));
  return [finding(
    "S14",
    ratio <= 0.7,
    "from the first bytes on two sources take at most 0.7 of the time of one (each sends at the " +
      "same rate)",
    `one source ${one} s, two sources ${two} s: ${ratio.toFixed(2)} of the time`,
  )];
}

/** ms from the first bytes to the last: the start of a program takes as long with one source. */
function transferTime({ world }: Stage, download: Download, sources: readonly number[]): number {
  const first = FIRST_BYTES * download.file.bytes.length;
  const began = world.traffic!.whenGiven(download.host, sources, first, download.since);
  return download.started + download.time - (began ?? download.started);
}

/** One download from some sources. */
async function timed(stage: Stage, world: CheckWorld, share: readonly number[]): Promise<Download> {
  const file = makeFile(USUAL_SIZE);
  await stage.open(file, { share, fetch: [4] });
  for (const host of share) await stage.share(host, file);
  const download = await stage.download(4, file);
  await watchOne(world, download);
  return download;
}

/** Rows of the table. */
export const SHARING: readonly Check[] = [
  {
    id: "S1",
    title: "A file is found and fetched",
    parts: [{ id: "S1", title: "h2 shares, h3 finds and fetches" }],
    hosts: 3,
    rate: 1,
    habit: "what one call of recv returns is not one message: read until the length is there",
    run: first,
  },
  {
    id: "S2",
    title: "Who has downloaded becomes a source",
    parts: [
      { id: "S2", title: "a second host fetches after the first" },
      { id: "S2b", title: "the first one gives to it", needsBytes: true },
    ],
    hosts: 4,
    rate: 0.25,
    habit: "a peer that has the file has to tell the tracker, and others have to ask it, too",
    run: second,
    oneHost: { hosts: 5, run: secondByDye },
  },
  {
    id: "S3",
    title: "The first seed is gone",
    parts: [{ id: "S3", title: "h2 is killed, h4 fetches from h3" }],
    hosts: 4,
    rate: 1,
    habit: "an address that does not answer is left out, and the next one is asked",
    run: seedGone,
  },
  {
    id: "S4",
    title: "Three hosts download at once from one seed",
    parts: [
      { id: "S4", title: "all three get it" },
      { id: "S4b", title: "they give to each other", needsBytes: true },
    ],
    hosts: 5,
    rate: 0.5,
    habit: "a seed that serves one at a time needs a thread (or select) for each connection",
    run: threeAtOnce,
  },
  {
    id: "S5",
    title: "Two files from two hosts at once",
    parts: [{ id: "S5", title: "both arrive, at the same time" }],
    hosts: 4,
    rate: 0.5,
    habit: "a list of the tracker belongs to one file: a second one must not take its place",
    run: twoFiles,
  },
  {
    id: "S6",
    title: "One file from two sources",
    parts: [{ id: "S6", title: "both give, nothing comes twice" }],
    hosts: 4,
    rate: 0.25,
    needsBytes: true,
    habit: "pieces are divided among the sources: each is asked for what no other was asked for",
    run: twoSources,
    oneHost: { hosts: 4, run: twoSourcesByDye },
  },
];

/** The last row: time. */
export const SPEED: Check = {
  id: "S14",
  title: "Two sources are faster than one",
  parts: [{ id: "S14", title: "at most 0.7 of the time" }],
  hosts: 4,
  rate: 0.25,
  needsBytes: true,
  isTimed: true,
  habit: "sources are asked at the same time, not one after the other",
  run: speed,
};
