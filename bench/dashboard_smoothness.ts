/**
 * How smooth the peer's page is in a real browser: 50 torrents that change twice a second, one of
 * them open with 10,000 pieces and 200 peers. The server is a script, so that every value changes
 * every time; what is measured is the page alone, and how soon it is first painted.
 *
 *     deno run --allow-all bench/dashboard_smoothness.ts
 *
 * @module
 */
import { HttpServer, jsonReply, type Route } from "../tracker/mod.ts";
import { assetRoutes } from "../shell/dashboard/assets.ts";
import { API } from "../shell/dashboard/api_router.ts";
import type { DetailChange, PeerFacts, TorrentSummary } from "../shell/dashboard/page/api_types.ts";
import { EventStream } from "../shell/dashboard/event_stream.ts";
import { peerGuard } from "../shell/dashboard/guard.ts";
import { TestBrowser } from "../tests/support/browser.ts";

const TORRENTS = 50;
const PEERS = 200;
const PIECES = 10_000;
const SECONDS = 15;
const PAINTS = 10;

const hashOf = (number: number) => number.toString(16).padStart(40, "0");
let round = 0;

const browser = await TestBrowser.start();
if (browser === undefined) Deno.exit(1);
await using _browser = browser;
using stream = new EventStream(() => round++);
await using server = new HttpServer({
  host: "127.0.0.1",
  port: 0,
  routes: [...assetRoutes("peer", peerGuard("127.0.0.1", "secret")), ...answers()],
  onFault: (_remote, error) => {
    throw error;
  },
});
const url = `http://127.0.0.1:${server.address.port}/`;

const paints: number[] = [];
for (let time = 0; time < PAINTS; time++) {
  const page = await browser.open(url);
  paints.push(await page.evaluate(firstPaint));
  await page.context().close();
}
say(`First paint: median ${at(paints, 0.5)} ms, slowest ${at(paints, 1)} ms of ${PAINTS}`);

const page = await browser.open(url, { viewport: { width: 1280, height: 960 } });
await page.getByRole("button", { name: "torrent 0", exact: true }).click();
await page.getByRole("row", { name: /peer 199/ }).waitFor();
const { frames, tasks } = await page.evaluate(watch, SECONDS * 1000);
const busy = tasks.reduce((sum, ms) => sum + ms, 0) / (SECONDS * 1000);
say(`${TORRENTS} torrents, ${PEERS} peers, ${PIECES} pieces, all changing twice a second:`);
say(`Frames: median ${at(frames, 0.5)} ms, 95th percentile ${at(frames, 0.95)} ms`);
say(`Tasks above 50 ms: ${tasks.length} in ${SECONDS} s, longest ${at(tasks, 1)} ms`);
say(`Main thread in tasks above 50 ms: ${(100 * busy).toFixed(1)} %`);
say(`Main thread busy: ${await busyShare()}`);

/** ms from the navigation's start to its first paint. */
function firstPaint(): Promise<number> {
  return new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      const [paint] = list.getEntriesByName("first-contentful-paint");
      if (paint === undefined) return;
      observer.disconnect();
      resolve(paint.startTime);
    });
    observer.observe({ type: "paint", buffered: true } as never);
  });
}

/** Times between frames and of long tasks, ms. */
function watch(ms: number): Promise<{ frames: number[]; tasks: number[] }> {
  const { requestAnimationFrame } = globalThis as unknown as {
    requestAnimationFrame(run: (now: number) => void): void;
  };
  return new Promise((resolve) => {
    const frames: number[] = [];
    const tasks: number[] = [];
    const observer = new PerformanceObserver((list) => {
      tasks.push(...list.getEntries().map(({ duration }) => duration));
    });
    observer.observe({ type: "longtask" } as never);
    let [start, last] = [0, 0];
    const frame = (now: number) => {
      if (last > 0) frames.push(now - last);
      else start = now;
      last = now;
      if (now - start < ms) requestAnimationFrame(frame);
      else resolve({ frames, tasks });
    };
    requestAnimationFrame(frame);
  });
}

/** Share of the time that scripts, styles and layout take, by the browser's own count. */
async function busyShare(): Promise<string> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const seconds = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")!.value;
  };
  const before = await seconds();
  await page.waitForTimeout(5000);
  return `${(100 * (await seconds() - before) / 5).toFixed(1)} % of the time`;
}

function answers(): Route[] {
  return [
    {
      method: "GET",
      path: `${API}/*`,
      respond: ({ head }) => {
        if (!head.path.endsWith("/events")) {
          return jsonReply(200, { every: 1000, download: [], upload: [] });
        }
        const isOpen = head.query.includes("torrent=");
        return stream.reply(() => [
          { event: "status", data: status() },
          { event: "torrents", data: { changed: torrents(), removed: [] } },
          ...(isOpen ? [{ event: "detail", data: detail() }] : []),
        ], "127.0.0.1");
      },
    },
  ];
}

function status(): unknown {
  const [down, up] = [round * 1000, round * 500];
  return { name: "bench", download_rate: down, upload_rate: up, downloaded: down, uploaded: up };
}

function torrents(): TorrentSummary[] {
  return Array.from({ length: TORRENTS }, (_, number) => ({
    "info_hash": hashOf(number),
    name: `torrent ${number}`,
    state: "downloading",
    error: null,
    "total_size": 1e9,
    "wanted_size": 1e9,
    left: 1e9 - round * 1000,
    progress: (round + number) % 1000 / 1000,
    "download_rate": round * 1000 + number,
    "upload_rate": round * 500 + number,
    downloaded: round * 1000,
    uploaded: round * 500,
    eta: 1000 - round % 1000,
    ratio: 0.5,
    peers: PEERS,
    pieces: PIECES,
    "pieces_have": round,
  }));
}

function detail(): DetailChange {
  const letters = Array.from({ length: PIECES }, (_, at) => "hvvam"[(at * 7 + round) % 5]);
  return {
    "info_hash": hashOf(0),
    torrent: torrents()[0]!,
    facts: {
      dir: "/srv",
      private: false,
      "piece_length": 16_384,
      wasted: round,
      sequential: false,
      "download_limit": 0,
      "upload_limit": 0,
      "distributed_copies": 2.5,
      "added_at": 0,
      "completed_at": null,
      magnet: "magnet:?xt=urn:btih:0",
    },
    files: [],
    peers: Array.from({ length: PEERS }, (_, number) => peer(number)),
    trackers: [],
    "web_seeds": [],
    "piece_map": {
      status: letters.join(""),
      copies: letters.flatMap((_, at) => [(at + round) % 9, 1]),
    },
  };
}

function peer(number: number): PeerFacts {
  return {
    address: `127.0.0.1:${number}`,
    "peer_id": hashOf(number),
    name: `peer ${number}`,
    client: "vtorrent",
    source: "tracker",
    via: null,
    incoming: false,
    transport: "tcp",
    encryption: "none",
    "am_choking": (number + round) % 2 === 0,
    "am_interested": true,
    "peer_choking": (number + round) % 3 === 0,
    "peer_interested": true,
    snubbed: false,
    "choke_reason": "2 others give more",
    "download_rate": round * 10 + number,
    "upload_rate": round * 5 + number,
    downloaded: round,
    uploaded: round,
    progress: (number + round) % 100 / 100,
    requests: 4,
    latency: (number * 3 + round) % 400,
  };
}

function at(values: readonly number[], part: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.round(part * (sorted.length - 1))] ?? 0).toFixed(1);
}

function say(text: string): void {
  // deno-lint-ignore no-console
  console.log(text);
}
