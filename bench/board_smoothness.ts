/**
 * How still the tracker's page stands: a swarm of 16 peers whose every rate and reason changes twice a
 * second, at the sizes of a projector. The server is a script; what is measured is the page alone:
 * rows that are moved within the document, the browser's own layout shift, and how busy it is.
 *
 *     deno run --allow-all bench/board_smoothness.ts
 *
 * @module
 */
import { HttpServer, jsonReply, type Route } from "../tracker/mod.ts";
import { assetRoutes } from "../shell/dashboard/assets.ts";
import { API } from "../shell/dashboard/api_router.ts";
import { EventStream } from "../shell/dashboard/event_stream.ts";
import { peerGuard } from "../shell/dashboard/guard.ts";
import { TestBrowser } from "../tests/support/browser.ts";

const PEERS = 16;
const PIECES = 480;
const SECONDS = 5;
const MIB = 2 ** 20;
const INFO_HASH = "cc".repeat(20);

const idOf = (number: number) => number.toString(16).padStart(40, "0");
let round = 0;

/** What moved in a window of one size. */
export interface Stillness {
  readonly size: string;
  readonly moves: number;
  readonly shift: number;
}

/** Measures the page in this browser, at each size. */
export async function measureStillness(browser: TestBrowser): Promise<Stillness[]> {
  using stream = new EventStream(() => round++);
  await using server = new HttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: [...assetRoutes("tracker", peerGuard("127.0.0.1", "secret")), ...answers(stream)],
    onFault: (_remote, error) => {
      throw error;
    },
  });
  const found: Stillness[] = [];
  for (const [width, height] of [[1280, 720], [1280, 2400], [1920, 1080]] as const) {
    const url = `http://127.0.0.1:${server.address.port}/`;
    const page = await browser.open(url, { viewport: { width, height } });
    page.setDefaultTimeout(120_000);
    await page.getByRole("img", { name: `Swarm of ${PEERS} peers` }).waitFor();
    await page.waitForTimeout(2000);
    found.push({
      size: `${width}x${height}`,
      ...await page.evaluate(watch, SECONDS * 1000),
    });
    await page.context().close();
  }
  return found;
}

/** Elements that were taken out and put in again, and the sum of layout shifts. */
function watch(ms: number): Promise<{ moves: number; shift: number }> {
  return new Promise((resolve) => {
    let [moves, shift] = [0, 0];
    const { document, MutationObserver } = globalThis as unknown as {
      document: { body: unknown };
      MutationObserver: new (run: (records: { removedNodes: unknown[] }[]) => void) => {
        observe(node: unknown, options: unknown): void;
      };
    };
    new MutationObserver((records) => {
      for (const { removedNodes } of records) {
        for (const node of removedNodes) if ((node as { nodeType: number }).nodeType === 1) moves++;
      }
    }).observe(document.body, { childList: true, subtree: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shift += (entry as unknown as { value: number }).value;
    }).observe({ type: "layout-shift" } as never);
    setTimeout(() => resolve({ moves, shift }), ms);
  });
}

function answers(stream: EventStream<number>): Route[] {
  return [{
    method: "GET",
    path: `${API}/*`,
    respond: ({ head }) => {
      if (head.path.endsWith("/events")) {
        const isOpen = head.query.includes("swarm=");
        return stream.reply(() => [
          { event: "status", data: status() },
          { event: "swarms", data: { swarms: [swarm()] } },
          ...(isOpen ? [{ event: "board", data: board() }] : []),
        ], "127.0.0.1");
      }
      if (head.path.endsWith("/catalogue")) return jsonReply(200, { torrents: [], total: 0 });
      if (head.path.endsWith("/rates")) return jsonReply(200, { every: 1000, announces: [] });
      return jsonReply(200, { peers: members() });
    },
  }];
}

function status(): unknown {
  return {
    role: "tracker",
    version: "0",
    urls: ["http://127.0.0.1:8000/announce"],
    "started_at": 0,
    announces: round,
    "announces_per_second": round % 20,
    scrapes: 0,
    swarms: 1,
    seeders: 1,
    leechers: PEERS - 1,
  };
}

function swarm(): unknown {
  return {
    "info_hash": INFO_HASH,
    name: "lecture.mp4",
    size: 40 * MIB,
    seeders: 1,
    leechers: PEERS - 1,
    completed: 0,
    reporting: PEERS,
  };
}

/** Numbers that look random and are the same in every run. */
function noise(...facts: number[]): number {
  const mixed = facts.reduce((sum, fact) => Math.imul(sum ^ fact, 0x9e3779b1) ^ sum >>> 13, 7);
  return (mixed >>> 0) / 2 ** 32;
}

function board(): unknown {
  const changed = Array.from({ length: PEERS }, (_, giver) => ({
    "peer_id": idOf(giver),
    name: `peer ${giver}`,
    "info_hash": INFO_HASH,
    torrent: "lecture.mp4",
    pieces: PIECES,
    have: new Uint8Array(PIECES / 8).fill(giver === 0 ? 255 : Math.floor(255 * noise(giver, round)))
      .toBase64(),
    active: [],
    progress: giver === 0 ? 1 : Math.min(0.99, round / 200),
    size: 40 * MIB,
    downloaded: giver === 0 ? 0 : round * 100_000,
    uploaded: round * 50_000,
    "download_rate": Math.floor(noise(giver, round, 1) * MIB),
    "upload_rate": Math.floor(noise(giver, round, 2) * MIB),
    eta: Math.max(1, 100 - round),
    links: Array.from({ length: PEERS }, (_, to) => to).filter((to) => to !== giver).map((to) => {
      const chance = noise(giver, to, Math.floor(round / 3));
      const rate = chance > 0.6 ? Math.floor(MIB * noise(giver, to, round)) : 0;
      return {
        to: idOf(to),
        name: `peer ${to}`,
        rate,
        given: Math.floor(noise(giver, to) * round * 10_000),
        choked: rate === 0,
        wanted: chance > 0.3,
        reason: rate > 0
          ? "a slot was free"
          : chance > 0.3
          ? "2 others give more"
          : "not interested",
      };
    }),
  }));
  return { "info_hash": INFO_HASH, changed, removed: [] };
}

function members(): unknown[] {
  return Array.from({ length: PEERS }, (_, number) => ({
    "peer_id": idOf(number),
    name: `peer ${number}`,
    client: "vtorrent",
    address: `127.0.0.1:${6881 + number}`,
    status: number === 0 ? "seeder" : "leecher",
    uploaded: round * 50_000,
    downloaded: number === 0 ? 0 : round * 100_000,
    left: number === 0 ? 0 : 40 * MIB,
    "last_seen": Date.now() - 1000 * (number % 5),
  })).sort((a, b) => orderOf(a) - orderOf(b));
}

/** Another order of the same peers in each round. */
function orderOf({ address }: { address: string }): number {
  return noise(Number(address.slice(-4)), round);
}

function say(text: string): void {
  // deno-lint-ignore no-console
  console.log(text);
}

if (import.meta.main) {
  await using browser = await TestBrowser.start();
  if (browser === undefined) Deno.exit(1);
  for (const { size, moves, shift } of await measureStillness(browser)) {
    say(`${size}: ${moves} moves in ${SECONDS} s, layout shift ${shift.toFixed(3)}`);
  }
}
