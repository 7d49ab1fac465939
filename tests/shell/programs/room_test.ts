/**
 * `vtorrent room` beside a tracker that peers announce to.
 *
 * @module
 */
import { formatAnnounceQuery } from "../../../protocol/announce.ts";
import { TrackerPages } from "../../../shell/dashboard/tracker_page.ts";
import { schemaProblem } from "../../../shell/help/event_schema.ts";
import { runProgram } from "../../../shell/program.ts";
import { startTracker, type Tracker } from "../../../tracker/mod.ts";
import { announceRequest } from "../../support/announce_request.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";
import { TestWorld, type TestWorldOptions } from "../../support/test_world.ts";

const HASH = "09".repeat(20);

interface Line {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** A tracker with its API. */
async function start(): Promise<{ tracker: Tracker } & AsyncDisposable> {
  const pages = new TrackerPages();
  const tracker = await startTracker({
    host: "127.0.0.1",
    port: 0,
    checkPorts: false,
    pages: (view) => pages.routes(view, []),
  });
  return {
    tracker,
    [Symbol.asyncDispose]: async () => {
      pages[Symbol.dispose]();
      await tracker[Symbol.asyncDispose]();
    },
  };
}

async function announce(
  tracker: Tracker,
  port: number,
  facts: Parameters<typeof announceRequest>[1],
): Promise<void> {
  const query = formatAnnounceQuery(announceRequest(port, facts));
  await (await fetch(`http://127.0.0.1:${tracker.port}/announce?${query}`)).bytes();
}

/** A run that ends well. */
async function ran(tracker: Tracker, args: string[]): Promise<TestWorld> {
  const asked = world(tracker, args);
  assertEquals(await runProgram(asked), 0);
  return asked;
}

function world(tracker: Tracker, args: string[], more: Partial<TestWorldOptions> = {}): TestWorld {
  const where = ["--tracker", `127.0.0.1:${tracker.port}`];
  return new TestWorld({ args: ["room", ...args, ...where], cwd: ".", ...more });
}

/** Lines as they come. */
class Lines {
  readonly #lines: string[] = [];
  #waiting: (() => void) | undefined;

  add(line: string): void {
    this.#lines.push(line);
    this.#waiting?.();
  }

  async until(fits: (line: string) => boolean): Promise<void> {
    while (!this.#lines.some(fits)) {
      await new Promise<void>((resolve) => this.#waiting = resolve);
    }
  }
}

function lines({ stdout }: TestWorld): Line[] {
  const all: Line[] = stdout.text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(all.map((line) => schemaProblem(line)), all.map(() => undefined));
  return all;
}

Deno.test("room tells who has all of it, who downloads and who lags, the last first", async () => {
  await using room = await start();
  const { tracker } = room;
  await announce(tracker, 1, { left: 0 });
  await announce(tracker, 2, { left: 0 });
  await announce(tracker, 3, { left: 300, downloaded: 700 });
  await announce(tracker, 4, { left: 900, downloaded: 100 });
  const asked = world(tracker, ["--json", "--peers", "5"]);
  assertEquals(await runProgram(asked), 0);
  const [standing, { peers }] = lines(asked) as [Line, Line];
  const { finished, downloading, lagging, missing, done } = standing;
  assertEquals([finished, downloading, lagging, missing, done], [2, 2, 1, 2, false]);
  assertEquals(
    (peers as Line[]).map(({ address, state }) => [address, state]),
    [
      ["127.0.0.1:4", "lagging"],
      ["127.0.0.1:3", "downloading"],
      ["127.0.0.1:1", "finished"],
      ["127.0.0.1:2", "finished"],
    ],
  );
});

Deno.test("room --watch goes on until the peers that are wanted have it", async () => {
  await using room = await start();
  const { tracker } = room;
  await announce(tracker, 1, { left: 0 });
  await announce(tracker, 2, { left: 500 });
  const heard = new Lines();
  const watching = world(tracker, [HASH, "--watch", "--peers", "2", "--json"], {
    onLine: (line) => heard.add(line),
  });
  const ended = runProgram(watching);
  await heard.until((line) => line.includes('"downloading":1'));
  // One goes away without it, which is told.
  await announce(tracker, 4, { left: 300 });
  await heard.until((line) => line.includes('"downloading":2'));
  await announce(tracker, 4, { left: 300, event: "stopped" });
  await heard.until((line) => line.includes('"gone":"127.0.0.1:4"'));
  // One leaves as soon as it has it: that it was completed is remembered.
  await announce(tracker, 2, { left: 0, event: "completed" });
  await announce(tracker, 2, { left: 0, event: "stopped" });
  await announce(tracker, 3, { left: 100 });
  await announce(tracker, 3, { left: 0, event: "completed" });
  assertEquals(await ended, 0);
  const last = lines(watching).findLast(({ event }) => event === "room")!;
  assertEquals([last["completed"], last["missing"], last["done"]], [2, 0, true]);
});

Deno.test("room --watch --timeout ends with status 2 and names those that do not have it", async () => {
  await using room = await start();
  const { tracker } = room;
  await announce(tracker, 1, { left: 0 });
  await announce(tracker, 7, { left: 500 });
  const watching = world(tracker, ["--watch", "--timeout", "1"]);
  assertEquals(await runProgram(watching), 2);
  assertMatch(watching.stdout.text, /address\t127\.0\.0\.1:7\t/);
  assertEquals(watching.stdout.text.includes("127.0.0.1:1\t"), false);
  assertMatch(watching.stderr.text, /^error: After 1s: .*1 peer has all of it; 1 downloads/m);
});

Deno.test("room without a name lists several swarms, and says in a sentence what it cannot do", async () => {
  await using room = await start();
  const { tracker } = room;
  const empty = world(tracker, []);
  assertEquals(await runProgram(empty), 0);
  assertStringIncludes(empty.stdout.text, "No peer has announced to");
  await announce(tracker, 1, { left: 0 });
  await announce(tracker, 1, { left: 7, infoHash: new Uint8Array(20).fill(8) });
  const several = world(tracker, []);
  assertEquals(await runProgram(several), 0);
  assertEquals(several.stdout.text.match(/seeders\t/g)?.length, 2);
  const [list] = lines(await ran(tracker, ["--json"]));
  assertEquals([list!.event, (list!["swarms"] as unknown[]).length], ["swarms", 2]);
  const which = world(tracker, ["--watch"]);
  assertEquals(await runProgram(which), 28);
  assertStringIncludes(which.stderr.text, "Which one? vtorrent room <NAME> --watch");
  const unknown = world(tracker, ["lecture.iso"]);
  assertEquals(await runProgram(unknown), 1);
  assertStringIncludes(unknown.stderr.text, 'knows no torrent "lecture.iso". vtorrent room shows');
});

Deno.test("room says that a tracker of another make cannot be asked, and that none answers", async () => {
  await using other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("not found", { status: 404 }),
  );
  const { port } = other.addr;
  const asked = world({ port } as Tracker, []);
  assertEquals(await runProgram(asked), 1);
  assertStringIncludes(asked.stderr.text, "only a tracker of vtorrent can be asked");
  const nobody = world({ port: 1 } as Tracker, []);
  assertEquals(await runProgram(nobody), 1);
  assertStringIncludes(nobody.stderr.text, "No tracker answers at http://127.0.0.1:1");
});

Deno.test("room reads no answer without an end, and goes nowhere that a tracker sends it", async () => {
  let asked = 0;
  await using elsewhere = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => {
      asked++;
      return Response.json({ swarms: [] });
    },
  );
  const cases: [answer: () => Response, said: string][] = [
    [
      () =>
        new Response(
          new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(1 << 16).fill(32)) }),
        ),
      "answers without an end: is it a tracker?",
    ],
    [
      () => Response.redirect(`http://127.0.0.1:${elsewhere.addr.port}/`),
      "only a tracker of vtorrent can be asked",
    ],
  ];
  for (const [answer, said] of cases) {
    await using other = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
    const run = world({ port: other.addr.port } as Tracker, []);
    assertEquals(await runProgram(run), 1);
    assertStringIncludes(run.stderr.text, said);
  }
  assertEquals(asked, 0);
});
