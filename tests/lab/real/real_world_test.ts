/**
 * Runs in the real world: programs of three makes in one swarm, what the wires tell of them, and that
 * nothing is left behind.
 *
 * @module
 */
import { join } from "@std/path";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { isInstalled } from "../../support/other_clients.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { RealWorld, RealWorldError } from "../../../lab/real/real_world.ts";
import type { RunEvent, RunRecord } from "../../../lab/run/run_record.ts";
import { member, planOf, seed } from "./real_plan.ts";

const MAIN = join(import.meta.dirname!, "../../../main.ts");
const SMALL_PEER = join(import.meta.dirname!, "small_peer.py");
const OWN = { program: "mine", command: ["python3", SMALL_PEER, "{torrent}", "{dir}", "{port}"] };

/** The events of a kind; some kinds share a shape. */
type Of<What extends RunEvent["what"]> = RunEvent extends infer Event
  ? Event extends { what: infer Whats } ? What extends Whats ? Event & { what: What } : never
  : never
  : never;

function eventsOf<What extends RunEvent["what"]>(record: RunRecord, what: What): Of<What>[] {
  return record.events.filter((event) => event.what === what) as Of<What>[];
}

/** Who has completed, in alphabetical order. */
function completed(record: RunRecord): string[] {
  return eventsOf(record, "completed").map(({ who }) => who).sort();
}

function brokenRules(record: RunRecord): string[] {
  return eventsOf(record, "broke rule").filter(({ isRemark }) => !isRemark)
    .map(({ who, rule, detail }) => `${who}: ${rule}: ${detail}`);
}

/** Bytes of payload that were delivered, by from and to. */
function given(record: RunRecord, from: string, to?: string): number {
  return eventsOf(record, "block")
    .filter((block) => block.from === from && (to === undefined || block.to === to))
    .reduce((sum, { length }) => sum + length, 0);
}

Deno.test("aria2, a small Python peer and vtorrent complete in one swarm, all of it seen", async () => {
  if (!await isInstalled("aria2c", "aria2") || !await isInstalled("python3", "python3")) return;
  const members = [seed(), member("vt"), member("aria", { program: "aria2" }), member("mine", OWN)];
  const plan = planOf(members);
  const record = await new RealWorld().run(plan);
  assertEquals(completed(record), ["aria", "mine", "vt"]);
  assertEquals(new Set(Object.values(record.hashes!)).size, 1, JSON.stringify(record.hashes));
  assertEquals(Object.keys(record.hashes!).length, 4);
  // Every byte of every program has passed a wire: nobody went around them.
  for (const who of ["vt", "aria", "mine"]) {
    const blocks = eventsOf(record, "block").filter(({ to, isDuplicate }) =>
      to === who && !isDuplicate
    );
    assertEquals(blocks.reduce((sum, { length }) => sum + length, 0), plan.content.size, who);
    assertEquals(
      eventsOf(record, "piece").filter((event) => event.who === who).length,
      record.pieces,
    );
  }
  assertEquals(brokenRules(record), []);
});

Deno.test("an uplink gives what it has, however many take from it", async () => {
  const rate = 200_000;
  const size = 300_000;
  const slow = { up: 20_000 };
  const members = [seed({ up: rate }), member("leech 1", slow), member("leech 2", slow)];
  const record = await new RealWorld().run(
    planOf(members, { content: { size, pieceLength: 32_768 } }),
  );
  assertEquals(completed(record), ["leech 1", "leech 2"]);
  // However slow the machine is: it cannot have been faster than the line.
  const [first, last] = [eventsOf(record, "block")[0]!.t, record.endedAt];
  assert(last - first >= (given(record, "seed") - 65_536) / rate * 1000, `${last - first} ms`);
});

Deno.test("blocks of a poisoner fail, and the program that took them says whom it banned", async () => {
  const liar = member("liar", { haveAtStart: 1 });
  const poisoner = { ...liar, policies: { ...liar.policies, corrupt: 1 } };
  const record = await new RealWorld().run(planOf([seed({ up: 300_000 }), poisoner, member("vt")]));
  assertEquals(completed(record), ["vt"]);
  const failed = eventsOf(record, "failed");
  assert(
    failed.length > 0 && failed.every(({ who, from }) => who === "vt" && from.includes("liar")),
  );
  const banned = eventsOf(record, "banned");
  assert(banned.length > 0, "nobody was banned");
  assert(banned.every(({ who, whom }) => who === "vt" && whom === "liar"), JSON.stringify(banned));
  assert(brokenRules(record).every((broken) => broken.startsWith("liar: block true")));
});

Deno.test("a line that is cut ends connections, and lets them through again when it is joined", async () => {
  const record = await new RealWorld().run(planOf([seed({ up: 300_000 }), member("vt")], {
    events: [
      {
        when: { measure: "given_copies", of: ["seed"], atLeast: 0.2 },
        ...{ do: "cut", who: ["seed"], from: ["vt"] },
      },
      { at: 3000, do: "join", who: ["seed"], from: ["vt"] },
    ],
  }));
  assertEquals(completed(record), ["vt"]);
  const cut = eventsOf(record, "deed").find(({ does }) => does === "cut")!;
  const join = eventsOf(record, "deed").find(({ does }) => does === "join")!;
  assert(cut.t < join.t);
  const ended = eventsOf(record, "disconnected").find(({ why }) => why === "the line was cut");
  assert(ended !== undefined && ended.t >= cut.t);
  assertEquals(
    record.events.filter(({ t, what }) =>
      t > ended.t && t < join.t && (what === "connected" || what === "block")
    ),
    [],
  );
});

Deno.test("a wire is as long as its pair says", async () => {
  const pairs = [{ between: [["seed"], ["vt"]] as const, latency: 300 }];
  const record = await new RealWorld().run(planOf([seed(), member("vt")], {
    net: { latency: 0, jitter: 0, loss: 0, pairs },
  }));
  assertEquals(completed(record), ["vt"]);
  // Interested, unchoke, request, block: each takes the way once, however fast the machine is.
  const { t } = eventsOf(record, "block")[0]!;
  assert(t >= 4 * 300, `${t} ms`);
});

Deno.test("members of ours as processes are killed as by a power cut, and come back", async () => {
  await using folder = await TempFolder.make();
  const vtorrent = [Deno.execPath(), "run", "--quiet", "--no-check", "--allow-all", MAIN];
  const world = new RealWorld({ vtorrent, processes: true, logs: folder.at("logs") });
  const wish = { when: { measure: "complete_share" as const, of: ["vt 1"], atLeast: 1 } };
  const record = await world.run(planOf([seed(), member("vt 1"), member("vt 2", { up: 50_000 })], {
    events: [
      {
        when: { measure: "given_copies", of: ["seed"], atLeast: 0.5 },
        ...{ do: "kill", who: ["vt 2"] },
      },
      { ...wish, do: "start", who: ["vt 2"] },
    ],
  }));
  assertEquals(completed(record), ["vt 1", "vt 2"]);
  assertEquals(eventsOf(record, "killed").map(({ who }) => who), ["vt 2"]);
  assertEquals(new Set(Object.values(record.hashes!)).size, 1);
  for (const who of ["seed", "vt 1", "vt 2"]) {
    assert((await Deno.readTextFile(folder.at(`logs/${who}.log`))).includes('"event"'), who);
  }
});

Deno.test("a program that ends by itself is told of with what it said last", async () => {
  const broken = {
    program: "broken",
    command: ["/bin/sh", "-c", "echo no idea what {name} is; exit 3"],
  };
  const record = await new RealWorld().run(planOf([seed(), member("mine", broken)]));
  assertEquals(completed(record), []);
  assertEquals(record.remarks, [
    "mine ended by itself with status 3; it said last: no idea what content.bin is",
  ]);
  assertEquals(eventsOf(record, "left").map(({ who }) => who), ["mine"]);
});

Deno.test("a run is ended by its signal, and nothing of it is left", async () => {
  await using folder = await TempFolder.make();
  const stop = new AbortController();
  const sleeper = { program: "sleeper", command: ["/bin/sh", "-c", `sleep 371 & echo $!; wait`] };
  const running = new RealWorld({ logs: folder.at("logs") }).run(
    planOf([seed(), member("mine", sleeper)]),
    { signal: stop.signal, onEvent: ({ what }) => what === "announced" && stop.abort() },
  );
  const record = await running;
  assertEquals(completed(record), []);
  const pid = Number((await Deno.readTextFile(folder.at("logs/mine.log"))).trim());
  assert(pid > 0, "the program was not started");
  // Nobody has that number any more, or somebody else.
  const words = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
  assert(!words.includes("371"), words);
});

Deno.test("a process cannot be told to decide without a rule, nor can another program", async () => {
  const base = member("leech");
  const policies = { ...base.policies, without: ["relief" as const] };
  const ours = { ...base, policies };
  await assertRejects(
    () => new RealWorld({ processes: true }).run(planOf([seed(), ours])),
    RealWorldError,
    "cannot be told to decide without relief: take --virtual",
  );
  await assertRejects(
    () => new RealWorld().run(planOf([seed(), { ...ours, program: "aria2" }])),
    RealWorldError,
    "aria2 has no rules to switch off",
  );
});

Deno.test("what cannot be real is said before anything starts", async () => {
  const refuse = (members: Parameters<typeof planOf>[0], says: string) =>
    assertRejects(() => new RealWorld().run(planOf(members)), RealWorldError, says);
  await refuse(
    [seed(), member("rider", { strategy: "free rider" })],
    "strategies are played with --virtual",
  );
  await refuse([seed(), member("who", { program: "azureus" })], "neither described");
  await refuse(
    Array.from({ length: 33 }, (_, index) => member(`m ${index}`)),
    "of which 32 can be real",
  );
});
