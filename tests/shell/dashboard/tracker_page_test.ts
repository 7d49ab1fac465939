import type { Page } from "playwright-core";
import type {
  BoardSeat,
  PublishedTorrent,
  SwarmMember,
  SwarmSummary,
} from "../../../shell/dashboard/page/api_types.ts";
import { Reporter } from "../../../shell/dashboard/reporter.ts";
import { TrackerPages } from "../../../shell/dashboard/tracker_page.ts";
import { startTracker, type Tracker } from "../../../tracker/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { seriousFindings, TestBrowser } from "../../support/browser.ts";
import { PagePeer, rawRequest } from "../../support/dashboard.ts";
import { someBytes, TestEngine } from "../../support/swarm.ts";

const MIB = 2 ** 20;

/** A tracker with its page. */
async function start(): Promise<{ tracker: Tracker; url: string } & AsyncDisposable> {
  const pages = new TrackerPages();
  const tracker = await startTracker({
    host: "127.0.0.1",
    port: 0,
    pages: (tracker) => pages.routes(tracker, []),
  });
  return {
    tracker,
    url: `http://127.0.0.1:${tracker.port}/`,
    async [Symbol.asyncDispose]() {
      pages[Symbol.dispose]();
      await tracker[Symbol.asyncDispose]();
    },
  };
}

async function get<T>(url: string, path: string): Promise<T> {
  const response = await fetch(new URL(`/api/v1${path}`, url));
  assertEquals(response.status, 200);
  return await response.json();
}

Deno.test("the tracker's API shows swarms, members, the catalogue and the board", async () => {
  await using page = await start();
  const trackers = [page.tracker.urls[0]!];
  await using seed = await PagePeer.start({ name: "ada", trackers });
  await using _reporter = new Reporter(seed.test.engine, () => trackers);
  await seed.test.put("lecture.pdf", someBytes(MIB));
  const { info_hash: infoHash } = (await seed.ask("/share", { path: "lecture.pdf" })).value as {
    info_hash: string;
  };
  await seed.test.until("announced");
  let swarms: SwarmSummary[] = [];
  for (let tries = 0; tries < 100 && swarms[0]?.reporting !== 1; tries++) {
    ({ swarms } = await get<{ swarms: SwarmSummary[] }>(page.url, "/swarms"));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assertEquals(swarms, [{
    "info_hash": infoHash,
    name: "lecture.pdf",
    size: MIB,
    seeders: 1,
    leechers: 0,
    completed: 0,
    reporting: 1,
  }]);
  const { peers } = await get<{ peers: SwarmMember[] }>(page.url, `/swarms/${infoHash}`);
  assertEquals(peers.map(({ name, status }) => [name, status]), [["ada", "seeder"]]);
  const { seats } = await get<{ seats: BoardSeat[] }>(page.url, `/swarms/${infoHash}/board`);
  assertEquals(seats.map(({ name, progress, pieces }) => [name, progress, pieces]), [
    ["ada", 1, seed.test.engine.snapshot().torrents[0]!.pieceCount],
  ]);
  const { torrents } = await get<{ torrents: PublishedTorrent[] }>(page.url, "/catalogue");
  assertStringIncludes(torrents[0]!.magnet, `urn:btih:${infoHash}`);
  const file = await fetch(new URL(torrents[0]!.torrent, page.url));
  assertEquals(await file.bytes(), seed.test.engine.torrentBytes(infoHash));
});

Deno.test("the tracker's page takes reports only, and none from other origins", async () => {
  await using page = await start();
  const { port } = page.tracker;
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${page.url}api/v1/reports`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const statuses: number[] = [];
  for (
    const [body, headers] of [
      [{ peer_id: "ab".repeat(20), name: "x", torrents: [] }, {}],
      [{ peer_id: "ab".repeat(20), name: "x", torrents: [] }, {}],
      [{ peer_id: "cd".repeat(20), name: "x", torrents: [] }, { Origin: "http://evil.example" }],
      [{ peer_id: "cd".repeat(20), name: "x", torrents: [] }, { "Content-Type": "text/plain" }],
      [{ peer_id: 1 }, {}],
      ["x".repeat(300_000), {}],
    ] as const
  ) {
    const response = await post(body, headers as Record<string, string>);
    await response.body?.cancel();
    statuses.push(response.status);
  }
  assertEquals(statuses, [200, 429, 403, 400, 400, 413]);
  const foreign = await rawRequest(port, ["GET /api/v1/swarms HTTP/1.1", "Host: evil.example"]);
  assertEquals(foreign.status, 403);
  const change = await fetch(`${page.url}api/v1/swarms`, { method: "POST" });
  assertEquals(change.status, 405);
  await change.body?.cancel();
});

/** Pause, half speed, the last minute and back: what is shown stands still or lies behind. */
async function inspectReplay(view: Page): Promise<void> {
  const sentence = view.locator(".headline");
  const when = view.locator("output.when");
  await view.getByRole("button", { name: "Pause" }).click();
  const held = await sentence.textContent();
  await when.getByText("2 s ago").waitFor();
  assertEquals(await sentence.textContent(), held);
  await view.getByRole("button", { name: "Continue" }).click();
  await view.getByRole("button", { name: "Half speed" }).click();
  await when.getByText(/^[4-9] s ago/).waitFor();
  await view.getByRole("button", { name: "Last minute" }).click();
  await when.getByText(/^\d+ s ago/).waitFor();
  await view.getByRole("button", { name: "Live" }).click();
  await when.getByText("now").waitFor();
}

/** Everything of the board in one window, at the sizes of projectors. */
async function inspectPresentation(view: Page): Promise<void> {
  await view.getByRole("button", { name: "Present", exact: true }).click();
  for (const [width, height] of [[1280, 720], [1920, 1080]] as const) {
    await view.setViewportSize({ width, height });
    await view.getByRole("heading", { name: "Catalogue" }).waitFor({ state: "hidden" });
    for (const part of [".headline", "canvas.graph", "canvas.matrix", ".ticker", ".controls"]) {
      const box = (await view.locator(part).boundingBox())!;
      const isIn = box.x >= 0 && box.y >= 0 && box.x + box.width <= width &&
        box.y + box.height <= height;
      assert(isIn && box.height > 20, `${part} in ${width}x${height}: ${JSON.stringify(box)}`);
    }
    assertEquals(await view.evaluate("document.documentElement.scrollHeight"), height);
  }
  assertEquals(await seriousFindings(view), []);
  await view.keyboard.press("Escape");
  await view.getByRole("heading", { name: "Catalogue" }).waitFor();
  // On a telephone nothing is wider than the window.
  await view.setViewportSize({ width: 390, height: 844 });
  assertEquals(await view.evaluate("document.documentElement.scrollWidth"), 390);
  await view.setViewportSize({ width: 1280, height: 720 });
}

/** What a screen reader says behind the name of an element. */
function described(element: ReturnType<Page["getByRole"]>): Promise<string> {
  return element.evaluate((node) => {
    const { document } = globalThis as unknown as {
      document: { getElementById(id: string): { textContent: string } };
    };
    const { getAttribute } = node as unknown as { getAttribute(name: string): string };
    return document.getElementById(getAttribute.call(node, "aria-describedby")).textContent;
  });
}

Deno.test("browser: the ring shows peers that do not report, by their announces", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using page = await start();
  const infoHash = "cc".repeat(20);
  const announce = async (name: string, amounts: Record<string, number>) => {
    const url = new URL(page.tracker.urls[0]!);
    const facts = { port: 7000 + name.length, compact: 1, "vt_name": name, ...amounts };
    for (const [key, value] of Object.entries(facts)) url.searchParams.set(key, String(value));
    url.search += `&info_hash=${infoHash.replace(/../g, "%$&")}&peer_id=${name.padEnd(20, "-")}`;
    await (await fetch(url)).bytes();
  };
  await announce("ada", { uploaded: 0, downloaded: 0, left: 0 });
  await announce("barbara", { uploaded: 0, downloaded: 0, left: 8 * MIB });
  const view = await browser.open(page.url);
  await view.getByRole("button", { name: "barbara, 0.0 %" }).focus();
  const barbaraAt = async () => {
    const { peers } = await get<{ peers: SwarmMember[] }>(page.url, `/swarms/${infoHash}`);
    return peers.find(({ name }) => name === "barbara")!.last_seen;
  };
  const first = await barbaraAt();
  await announce("ada", { uploaded: 2 * MIB, downloaded: 0, left: 0 });
  // Nobody published it: its size is what the emptiest of its peers had to get.
  await announce("aaron", { uploaded: 0, downloaded: 0, left: 8 * MIB });
  // A tracker dates announces by whole seconds: two within one second make no rate.
  while (await barbaraAt() === first) {
    await announce("barbara", { uploaded: 0, downloaded: 2 * MIB, left: 6 * MIB });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // Whom a person looks at stays in focus when somebody joins.
  await view.getByRole("button", { name: "barbara, 25.0 %" }).waitFor();
  await view.locator(".tip").getByText(/^Gets about .*iB\/s\.$/).waitFor();
  await view.getByText("ada gave 2.0 MiB; the others gave nothing yet").waitFor();
  // Who has nothing lags where the peer in the middle has a quarter.
  await view.getByRole("row", { name: /^aaron .* leecher, lags 8\.0 MiB/ }).waitFor();
  await view.getByRole("row", { name: /^barbara .* leecher 6\.0 MiB/ }).waitFor();
  assertEquals(browser.problems, []);
});

Deno.test("browser: the swarm board shows ten real peers, from the first piece to the last", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using page = await start();
  const trackers = [page.tracker.urls[0]!];
  await using stack = new AsyncDisposableStack();
  const seed = stack.use(
    await PagePeer.start({ name: "peer-1", trackers, uploadLimit: MIB / 4, uploadSlots: 4 }),
  );
  await seed.test.put("lecture.mp4", someBytes(4 * MIB));
  const { info_hash: infoHash } = (await seed.ask("/share", { path: "lecture.mp4" })).value as {
    info_hash: string;
  };
  stack.use(new Reporter(seed.test.engine, () => trackers));
  const torrent = seed.test.engine.torrentBytes(infoHash);
  const view = await browser.open(page.url);
  await view.getByRole("heading", { name: "Swarm of lecture.mp4" }).waitFor();
  const others: TestEngine[] = [];
  for (let id = 2; id <= 10; id++) {
    const options = { name: `peer-${id}`, trackers, uploadLimit: MIB / 8 };
    const other = stack.use(await TestEngine.start(options));
    stack.use(new Reporter(other.engine, () => trackers));
    others.push(other);
  }
  await Promise.all(others.map(({ engine }) => engine.add(torrent)));
  // While it goes on: who gives to whom, and why.
  await view.getByRole("row", { name: /^peer-1 peer-\d+ .*iB\/s .*served/ }).first().waitFor();
  await view.getByRole("img", { name: /Swarm of 10 peers/ }).waitFor();
  await view.getByRole("button", { name: /^peer-1,/ }).focus();
  await view.locator(".tip").getByText(/^Gives .*iB\/s to peer-/).waitFor();
  await view.keyboard.press("ArrowDown");
  await view.locator(".tip").getByText(/^peer-1 → peer-|^peer-1 chokes peer-/).waitFor();
  assertEquals(await seriousFindings(view), []);
  await view.getByText(/^peer-1 gave \d.*; (alone it would be \d|the others gave nothing)/)
    .waitFor();
  await view.getByRole("listitem").getByText(/^peer-\d+ unchokes peer-\d+$/).first().waitFor();
  await inspectReplay(view);
  await inspectPresentation(view);
  // What had to last to be seen may now be over soon.
  for (const { engine } of [seed.test, ...others]) engine.setLimits({ upload: 0 });
  await Promise.all(others.map((other) => other.until("torrent-completed")));
  await view.getByText("Every peer has everything.").waitFor();
  await view.getByRole("img", { name: /Swarm of 10 peers, 10 with everything/ }).waitFor();
  await view.getByRole("img", { name: /^Pieces by peer: peer-1 100 %, peer-2/ }).focus();
  await view.keyboard.press("ArrowRight");
  await view.getByText(/^Piece 0: peer-1, peer-2/).waitFor();
  await view.getByRole("button", { name: "optimistic" }).focus();
  const tip = view.locator(".tip");
  await tip.getByText(/one peer gets a turn/).waitFor();
  await view.keyboard.press("Escape");
  await tip.waitFor({ state: "hidden" });
  // A column's head explains itself as well.
  await view.getByRole("button", { name: "It is", exact: true }).focus();
  await tip.getByText(/serves only a few others/).waitFor();
  // The board by keyboard, by pointer and by touch.
  const first = view.getByRole("button", { name: "peer-1, 100 %" });
  await first.focus();
  await tip.getByText("peer-1: a seeder").waitFor();
  assertStringIncludes(await described(first), "peer-1: a seeder");
  await view.keyboard.press("ArrowRight");
  await tip.getByText("peer-2: a seeder").waitFor();
  await view.getByRole("button", { name: "peer-5, 100 %" }).hover();
  await tip.getByText("peer-5: a seeder").waitFor();
  await view.getByRole("button", { name: "peer-7, 100 %" }).click();
  await tip.getByText("peer-7: a seeder").waitFor();
  await view.getByRole("link", { name: "magnet link of lecture.mp4" }).waitFor();
  assertEquals(await seriousFindings(view), []);
  assertEquals(browser.problems, []);
  assertEquals(browser.foreign, []);
  assert(page.tracker.catalogue.list().length === 1);
});
