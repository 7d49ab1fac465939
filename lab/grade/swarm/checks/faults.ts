/**
 * S7–S13: the tracker or a source goes away, odd files, a restart, a copy that was altered.
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
  USUAL_SIZE,
  watchOne,
} from "../check.ts";
import type { Download } from "../download.ts";
import { ProgramFault } from "../fault.ts";
import { endingWords } from "../running.ts";
import { within } from "../timing.ts";
import { makeFile, type TestFile } from "../test_file.ts";

/** Share at which somebody is killed. */
const IN_THE_MIDDLE = 0.3;
/** Share that a source has to have given to be worth killing. */
const BUSY = 0.05;
/** ms that a program has to end when it leaves. */
const LEAVING = 10_000;
/** ms that peers have to come back to a tracker that was away. */
const COMING_BACK = 20_000;
/** Bytes among which one is altered: no chunk of usual size stays whole. */
const ALTERED_EVERY = 4096;

async function trackerGone(world: CheckWorld): Promise<Finding[]> {
  const { stage } = world;
  if (stage.template.verbs.tracker === undefined) {
    return ["S7", "S7b"].map((part) => cannotTell(part, 'the template has no "tracker"'));
  }
  const file = makeFile(USUAL_SIZE);
  await stage.open(file, { share: [2], fetch: [3] });
  await stage.share(2, file);
  const download = await stage.download(3, file);
  await watchOne(world, download, IN_THE_MIDDLE);
  const wasOver = download.outcome !== undefined;
  await stage.kill(1);
  await watchOne(world, download);
  const goesOn = wasOver && download.isRight
    ? cannotTell("S7", "the download was over before the tracker could be killed")
    : equalFinding("S7", [download]);
  try {
    await stage.startTracker();
  } catch (error) {
    if (!(error instanceof ProgramFault)) throw error;
    return [goesOn, {
      part: "S7b",
      verdict: "failed",
      expected: "the tracker starts again on its port at once",
      seen: error.message,
      why: "a server's port stays taken for a minute unless SO_REUSEADDR is set",
    }];
  }
  return [goesOn, await foundAgain(world, file)];
}

/** A search after the tracker was started anew: peers need a while to tell it again. */
async function foundAgain(world: CheckWorld, file: TestFile): Promise<Finding> {
  const { stage } = world;
  const end = performance.now() + COMING_BACK;
  let download: Download;
  let host = 4;
  for (;;) {
    try {
      download = await stage.download(host, file);
      const left = Math.max(4000, end - performance.now());
      await watchOne({ ...world, limit: Math.min(world.limit, left) }, download);
      if (download.isRight || performance.now() > end) break;
    } catch (error) {
      if (!(error instanceof ProgramFault) || performance.now() > end) throw error;
    }
    if (host === stage.world.hosts) break;
    host++;
  }
  return equalFinding("S7b", [download!]);
}

async function leaving(world: CheckWorld): Promise<Finding[]> {
  const { stage } = world;
  const file = makeFile(USUAL_SIZE);
  await stage.open(file, { share: [2, 3, 5], fetch: [4] });
  for (const host of [2, 3, 5]) await stage.share(host, file);
  const left = await stage.leave(2, file);
  const ending = left === undefined
    ? undefined
    : await within(Promise.all(left.map(({ ended }) => ended)), LEAVING);
  await stage.kill(3);
  const download = await stage.download(4, file);
  await watchOne(world, download);
  const end = left === undefined ? cannotTell("S8b", `the template has no "leave"`) : finding(
    "S8b",
    ending !== undefined,
    `the program ends within ${LEAVING / 1000} s of being told to`,
    ending === undefined
      ? "it still runs"
      : ending.length === 0
      ? "it had ended before"
      : `it ended, ${ending.map(endingWords).join(", ")}`,
  );
  return [equalFinding("S8", [download]), end];
}

function oddFile(part: string, size: number, name?: string) {
  return async (world: CheckWorld): Promise<Finding[]> => {
    const { stage } = world;
    const file = makeFile(size, name);
    await stage.open(file, { share: [2], fetch: [3] });
    await stage.share(2, file);
    const download = await stage.download(3, file);
    await watchOne(world, download);
    return [equalFinding(part, [download])];
  };
}

/** An empty file; where the protocol has none, it has to say so and go on. */
async function emptyFile(world: CheckWorld): Promise<Finding[]> {
  const { stage } = world;
  const { empty, verbs } = stage.template;
  if (empty === undefined) return await oddFile("S9a", 0, "empty_#.bin")(world);
  const file = makeFile(0, "empty_#.bin");
  const other = makeFile(50_000);
  await stage.open(other, { share: [2], fetch: [3] });
  stage.plan(file, { share: [2], fetch: [3] });
  const expected = "an empty file is refused in words, as the template says";
  const isRefused = await stage.refuses(2, file, empty);
  if (!isRefused) return [finding("S9a", false, expected, `never shown: /${empty.pattern}/`)];
  if (verbs.share.type === undefined) return [finding("S9a", true, expected, "it was refused")];
  await stage.share(2, other);
  const download = await stage.download(3, other);
  await watchOne(world, download);
  const after = equalFinding("S9a", [download]);
  return [{
    ...after,
    expected: `${expected}; then ${after.expected}`,
    seen: `it was refused; ${after.seen}`,
  }];
}

async function restart(world: CheckWorld): Promise<Finding[]> {
  const { stage } = world;
  const { traffic } = stage.world;
  const file = makeFile(USUAL_SIZE);
  await stage.open(file, { share: [2], fetch: [3] });
  await stage.share(2, file);
  const before = await stage.download(3, file);
  await watchOne(world, before, 0.5);
  if (before.outcome !== undefined) {
    return before.isRight
      ? [cannotTell("S10", "the download was over before it could be killed")]
      : [equalFinding("S10", [before])];
  }
  await stage.kill(3);
  const download = await stage.download(3, file);
  await watchOne(world, download);
  const equal = equalFinding("S10", [download]);
  if (traffic === undefined) return [equal];
  await traffic.next();
  const taken = traffic.received(3, download.since, [1]) / file.bytes.length;
  return [
    equal,
    finding(
      "S10b",
      equal.verdict === "passed" && taken < 0.7,
      "what was on the disk is not taken again (less than 70 % the second time)",
      `${percent(taken)} were taken the second time`,
    ),
  ];
}

async function alteredCopy(world: CheckWorld): Promise<Finding[]> {
  const { stage } = world;
  const { traffic } = stage.world;
  const file = makeFile(USUAL_SIZE);
  await stage.open(file, { share: [2, 3], fetch: [4] });
  await stage.share(2, file);
  await stage.alter(2, file, altered(file));
  await stage.share(3, file);
  const download = await stage.download(4, file);
  await watchOne(world, download);
  const expected = "no file with wrong bytes is taken for complete";
  if (traffic !== undefined) await traffic.next();
  const gave = traffic === undefined
    ? undefined
    : traffic.between(2, 4, download.since) / file.bytes.length;
  const taken = traffic === undefined
    ? undefined
    : traffic.received(4, download.since, [1]) / file.bytes.length;
  if (download.isRight && gave !== undefined) {
    if (gave < 0.005) {
      return ["S11", "S11b"].map((part) =>
        cannotTell(part, "nothing was asked from the host with the altered copy", true)
      );
    }
    if (gave >= 0.1 && taken! <= 1.05) {
      return ["S11", "S11b"].map((part) =>
        cannotTell(part, "the altered copy had no effect: it was sent from memory", true)
      );
    }
  }
  const tooMuch = download.outcome === "asked for too much";
  const took = taken === undefined ? "" : `; taken ${taken.toFixed(1)} × the size`;
  const isOver = download.saidDone || download.outcome === "nothing moved" ||
    download.outcome === "ended" || download.outcome === "said done";
  const isWrong = download.wrong !== undefined && download.wrong.size === file.bytes.length &&
    isOver;
  if (isWrong && !tooMuch && !download.saidDone && !await hasAltered(download)) {
    // A file that was given its length at first has its length, whatever is missing.
    return [
      cannotTell("S11", `h4 ${download.words}: nothing in it is of the altered copy`),
      equalFinding("S11b", [download]),
    ];
  }
  return [
    {
      ...finding(
        "S11",
        !isWrong && !tooMuch,
        `${expected}, and a bad piece is not asked for again and again`,
        `h4 ${download.words}${took}`,
      ),
      ...(isWrong && download.wrong?.guess !== undefined ? { why: download.wrong.guess } : {}),
    },
    equalFinding("S11b", [download]),
  ];
}

/** A copy with one bit changed in each few thousand bytes. */
function altered({ bytes }: TestFile): Uint8Array {
  const other = bytes.slice();
  for (let at = 100; at < other.length; at += ALTERED_EVERY) other[at]! ^= 1;
  return other;
}

/** Whether a byte of what came is one that was altered. */
async function hasAltered(download: Download): Promise<boolean> {
  const { bytes } = download.file;
  let got: Uint8Array;
  try {
    got = await Deno.readFile(download.path);
  } catch {
    return false;
  }
  for (let at = 100; at < bytes.length; at += ALTERED_EVERY) {
    // Around it all is right: no byte that just happens to be so.
    if (got[at] === (bytes[at]! ^ 1) && got[at - 1] === bytes[at - 1]) return true;
  }
  return false;
}

function sourceLost(part: string, how: "kill" | "freeze") {
  return async (world: CheckWorld): Promise<Finding[]> => {
    const { stage } = world;
    const { traffic } = stage.world;
    const file = makeFile(USUAL_SIZE);
    await stage.open(file, { share: [2, 3], fetch: [4] });
    await stage.share(2, file);
    await stage.share(3, file);
    const download = await stage.download(4, file);
    await watchOne(world, download, IN_THE_MIDDLE);
    if (download.outcome !== undefined) {
      return download.isRight
        ? [cannotTell(part, "the download was over before a source could be stopped")]
        : [equalFinding(part, [download])];
    }
    const victim = traffic?.busiest(4, [2, 3], download.since) ?? 2;
    if (traffic !== undefined) {
      const gave = traffic.between(victim, 4, download.since) / file.bytes.length;
      if (gave < BUSY) return [cannotTell(part, "no source gave enough to be worth stopping")];
    }
    await stage[how](victim);
    await watchOne(world, download);
    const equal = equalFinding(part, [download]);
    return [{
      ...equal,
      seen: `h${victim}, the busiest, was ${how === "kill" ? "killed" : "frozen"}; ${equal.seen}`,
    }];
  };
}

function single(id: string, title: string): Check["parts"] {
  return [{ id, title }];
}

/** Rows of the table. */
export const FAULTS: readonly Check[] = [
  {
    id: "S7",
    title: "The tracker is killed in the middle and comes back",
    parts: [
      { id: "S7", title: "the download goes on without it" },
      { id: "S7b", title: "after its restart files are found again" },
    ],
    hosts: 8,
    rate: 0.25,
    habit: "peers announce themselves again from time to time; a tracker's port needs SO_REUSEADDR",
    run: trackerGone,
  },
  {
    id: "S8",
    title: "One host leaves, one dies, a third has the file",
    parts: [
      { id: "S8", title: "it is fetched from the third" },
      { id: "S8b", title: "who leaves, ends" },
    ],
    hosts: 5,
    rate: 1,
    habit:
      "threads that wait for ever keep a program from ending: make them daemons, or close sockets",
    run: leaving,
  },
  {
    id: "S9a",
    title: "An empty file",
    parts: single("S9a", "0 bytes"),
    hosts: 3,
    rate: 1,
    habit: "a file without bytes has no chunk, and is complete from the beginning",
    run: emptyFile,
  },
  {
    id: "S9b",
    title: "A file of one byte",
    parts: single("S9b", "1 byte"),
    hosts: 3,
    rate: 1,
    habit: "the last chunk is shorter than the others",
    run: oddFile("S9b", 1, "byte_#.bin"),
  },
  {
    id: "S9c",
    title: "A name with a blank",
    parts: single("S9c", "two words"),
    hosts: 3,
    rate: 1,
    habit: "a command or message that is split at blanks takes a name apart",
    run: oddFile("S9c", 50_000, "two words #.bin"),
  },
  {
    id: "S9d",
    title: "A file of 20 MB",
    parts: single("S9d", "20 MB"),
    hosts: 3,
    rate: 8,
    habit: "a field or buffer of fixed length holds only so many chunks",
    run: oddFile("S9d", 20_000_003, "large_#.bin"),
  },
  {
    id: "S9e",
    title: "A file of 100 MB",
    parts: single("S9e", "100 MB"),
    hosts: 3,
    rate: 8,
    isSlow: true,
    habit: "what holds a whole file in memory, or asks chunk by chunk, gets slower and slower",
    run: oddFile("S9e", 100_000_003, "huge_#.bin"),
  },
  {
    id: "S10",
    title: "The downloader is killed in the middle and starts again",
    parts: [
      { id: "S10", title: "the second time the file is complete" },
      { id: "S10b", title: "it goes on where it was", needsBytes: true },
    ],
    hosts: 3,
    rate: 0.25,
    habit:
      "what is on the disk is compared with the hashes at the start, and only the rest is taken",
    run: restart,
  },
  {
    id: "S11",
    title: "One source's copy was altered",
    parts: [
      { id: "S11", title: "wrong bytes are not taken for right" },
      { id: "S11b", title: "the right ones come from the other source" },
    ],
    hosts: 4,
    rate: 4,
    habit: "each piece is compared with its hash; the sender of a bad one is not asked again",
    run: alteredCopy,
  },
  {
    id: "S12",
    title: "The busiest source is killed in the middle",
    parts: single("S12", "the other one gives the rest"),
    hosts: 4,
    rate: 0.25,
    habit: "what was asked from a connection that broke is asked from another",
    run: sourceLost("S12", "kill"),
  },
  {
    id: "S13",
    title: "The busiest source freezes in the middle",
    parts: single("S13", "the other one gives the rest"),
    hosts: 4,
    rate: 0.25,
    habit: "a request without an answer is asked from another after some seconds",
    run: sourceLost("S13", "freeze"),
  },
];
