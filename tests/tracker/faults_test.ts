/**
 * One request's fault ends that request: a throw is planted where others' bytes lead, and the next
 * one is answered as ever. An unhandled rejection would end this test's process.
 *
 * @module
 */
import { formatAnnounceQuery } from "../../protocol/announce.ts";
import { TrackerClient } from "../../peer/mod.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { HttpServer } from "../../tracker/io/http_server.ts";
import { openUdp, serveUdp } from "../../tracker/io/udp_server.ts";
import { ConnectionQuota } from "../../tracker/logic/connection_quota.ts";
import { MemoryStore } from "../../tracker/logic/memory_store.ts";
import { textReply } from "../../tracker/logic/http_reply.ts";
import { startTracker, type Tracker, type TrackerOptions } from "../../tracker/mod.ts";
import type { SharedTorrents, TrackerService } from "../../tracker/ports.ts";
import { Published } from "../../tracker/published.ts";
import type { TrackerEvent } from "../../tracker/snapshot.ts";
import { SummaryLog } from "../../tracker/summary.ts";
import { PortCheck } from "../../tracker/io/port_check.ts";
import { announceRequest } from "../support/announce_request.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { isInstalled } from "../support/other_clients.ts";
import { plant, Planted } from "../support/planted.ts";
import { RedisServer } from "../support/redis_server.ts";

const REQUEST = announceRequest(6881);

const announce = (url: string, within = 5000) =>
  new TrackerClient().announce(url, REQUEST, AbortSignal.timeout(within));

const throwing = (): never => {
  throw new Planted();
};

async function startWith(
  options: TrackerOptions = {},
): Promise<AsyncDisposable & { tracker: Tracker; faults: unknown[] }> {
  const faults: unknown[] = [];
  const onFault = (fault: unknown) => void faults.push(fault);
  const tracker = await startTracker({ host: "127.0.0.1", port: 0, ...options, onFault });
  return { tracker, faults, [Symbol.asyncDispose]: () => tracker[Symbol.asyncDispose]() };
}

async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!isSo()) {
    assert(performance.now() < end, "waited 10 s in vain");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("a listener that throws costs nobody an answer, over HTTP and UDP", async () => {
  await using started = await startWith();
  const { tracker, faults } = started;
  using _ = tracker.subscribe(throwing);
  const heard: TrackerEvent[] = [];
  using __ = tracker.subscribe((event) => void heard.push(event));
  for (const url of tracker.urls) assertEquals((await announce(url)).leechers, 1);
  assertEquals(heard.map(({ event }) => event), ["announce", "announce"]);
  assertEquals(faults.length, 2);
});

Deno.test("what throws every second in the tracker's own work costs nobody an answer", async () => {
  await using started = await startWith();
  const { tracker, faults } = started;
  using _ = plant(MemoryStore.prototype, "sweep");
  await until(() => faults.length > 0);
  for (const url of tracker.urls) assertEquals((await announce(url)).leechers, 1);
  assert(faults.every((fault) => fault instanceof Planted));
});

for (const how of ["throws", "rejects"] as const) {
  Deno.test(`a UDP request that ${how} outside of every answer ends alone`, async () => {
    let isPlanted = true;
    const failures: string[] = [];
    const reply = {
      interval: 9,
      seeders: 0,
      leechers: 1,
      completed: 0,
      peers4: new Uint8Array(),
      peers6: new Uint8Array(),
    };
    const service = {
      announce: () => how === "throws" ? reply : Promise.resolve(reply),
      // Behind the place that makes an answer of whatever happens before it.
      took: () => isPlanted && throwing(),
      failed: (_: string, reason: string, kind: string) => failures.push(`${kind}: ${reason}`),
    };
    const socket = openUdp({ host: "127.0.0.1", port: 0 });
    const served = serveUdp(socket, service as unknown as TrackerService);
    const url = `udp://127.0.0.1:${(socket.addr as Deno.NetAddr).port}`;
    await assertRejects(() => announce(url, 300), TrackerError);
    assertMatch(failures[0]!, /^internal: internal error: planted \(.*\); please report it$/);
    isPlanted = false;
    assertEquals((await announce(url)).leechers, 1);
    socket.close();
    await served;
  });
}

Deno.test("a connection that cannot be taken is closed, and the next one is served", async () => {
  const faults: unknown[] = [];
  await using server = new HttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: [{ method: "GET", path: "/", respond: () => textReply(200, "hello") }],
    limits: { sweepMs: 20 },
    onFault: (_remote, error) => void faults.push(error),
  });
  const url = `http://127.0.0.1:${server.address.port}/`;
  {
    using _ = plant(ConnectionQuota.prototype, "take");
    using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.address.port });
    assertEquals(await conn.read(new Uint8Array(1)).catch(() => null), null);
    assertEquals(faults.length, 1);
  }
  assertEquals(await (await fetch(url)).text(), "hello");
  // Each sweep asks how many there are.
  const size = Object.getOwnPropertyDescriptor(ConnectionQuota.prototype, "size")!;
  Object.defineProperty(ConnectionQuota.prototype, "size", { configurable: true, get: throwing });
  await until(() => faults.length > 3);
  Object.defineProperty(ConnectionQuota.prototype, "size", size);
  assertEquals(await (await fetch(url)).text(), "hello");
});

Deno.test("a summary and a tried port that throw are told, and the next ones come", async () => {
  const faults: unknown[] = [];
  const onFault = (fault: unknown) => void faults.push(fault);
  let asked = 0;
  {
    using _ = new SummaryLog(
      () => ++asked % 2 === 1 ? throwing() : Promise.resolve({} as never),
      throwing,
      5,
      onFault,
    );
    await until(() => faults.length > 3);
  }
  assert(asked > 2);
  faults.length = 0;
  await using check = new PortCheck(throwing, onFault);
  check.heard(new Uint8Array([127, 0, 0, 1]), 1, REQUEST.peerId, 0);
  await until(() => faults.length === 1);
});

Deno.test("a shared catalogue that made us throw once is looked at again", async () => {
  const events: TrackerEvent[] = [];
  let state = throwing as () => Promise<string>;
  const shared = {
    state: () => state(),
    infoHashes: () => Promise.resolve([]),
    torrents: async function* () {},
    wanted: () => Promise.resolve([]),
    bury: () => Promise.resolve(),
  };
  const published = new Published({
    db: undefined,
    shared: shared as unknown as SharedTorrents,
    check: () => {},
    counts: () => [],
    emit: (event) => void events.push(event),
  });
  await published.refresh();
  assertEquals(events.map(({ event }) => event), ["warning"]);
  let looks = 0;
  state = () => Promise.resolve(`epoch ${++looks}`);
  await published.refresh();
  const first = looks;
  await published.refresh();
  assertEquals([looks - first, events.length], [1, 1]);
  assert(first > 0);
});

Deno.test("a page that throws is answered with an error, on a connection that goes on", async () => {
  await using started = await startWith({
    pages: () => [
      { method: "GET", path: "/bad", respond: throwing },
      { method: "GET", path: "/late", respond: () => Promise.reject(new Planted()) },
    ],
  });
  const { tracker } = started;
  const url = `http://127.0.0.1:${tracker.port}`;
  for (const path of ["bad", "late"]) {
    const response = await fetch(`${url}/${path}`);
    assertEquals([response.status, await response.text()], [500, "internal error\n"]);
  }
  const query = formatAnnounceQuery(REQUEST);
  const response = await fetch(`${url}/announce?${query}`);
  assertEquals(response.status, 200);
  await response.body?.cancel();
});

Deno.test({
  name: "a listener that throws at Redis' comings and goings keeps no tracker from going on",
  ignore: !await isInstalled("redis-server", "redis-server"),
  async fn() {
    await using server = await RedisServer.start();
    await using started = await startWith({ store: server.url });
    const { tracker, faults } = started;
    using _ = tracker.subscribe(throwing);
    const [url] = tracker.urls as [string];
    assertEquals((await announce(url)).leechers, 1);
    await server.kill();
    await until(() => faults.length > 1);
    await assertRejects(() => announce(url), TrackerError);
    await server.start();
    let answered = 0;
    for (; answered === 0; await new Promise((resolve) => setTimeout(resolve, 50))) {
      answered = await announce(url).then(({ leechers }) => leechers ?? 0, () => 0);
    }
    assertEquals(answered, 1);
    assert(faults.every((fault) => fault instanceof Planted));
  },
});
