/**
 * How smooth the peer's page is in a real browser, with the load of `dashboard_load.ts`: how soon it
 * is painted and lists its torrents, how long a click on one takes to show its details, and whether
 * scrolling and changes keep up with the screen. Beside the times by the clock stand those that the
 * main thread computed, which other programs on the machine do not change.
 *
 *     deno run --allow-all bench/dashboard_smoothness.ts
 *
 * @module
 */
import type { Page } from "playwright-core";
import { TestBrowser } from "../tests/support/browser.ts";
import { FILES, PEERS, PIECES, servePageWithLoad, TORRENTS } from "./dashboard_load.ts";

const SECONDS = 10;
const OPENINGS = 5;

/** Frames of some seconds, and the tasks above 50 ms in them, ms. */
export interface Frames {
  readonly frames: readonly number[];
  readonly tasks: readonly number[];
  /** What the main thread computed for a frame. */
  readonly computed: number;
}

/** Each opening of the page has a number, ms. */
export interface Smoothness {
  readonly paints: readonly number[];
  readonly lists: readonly number[];
  readonly details: readonly number[];
  /** What the main thread computed for the details. */
  readonly computed: readonly number[];
  readonly files: readonly number[];
  readonly scrolling: Frames;
  readonly open: Frames;
}

/** Measures the page in this browser. */
export async function measureSmoothness(browser: TestBrowser): Promise<Smoothness> {
  await using server = servePageWithLoad();
  const open = () => browser.open(server.url, { viewport: { width: 1280, height: 960 } });
  const [paints, lists, details, files, computed]: [
    number[],
    number[],
    number[],
    number[],
    number[],
  ] = [[], [], [], [], []];
  for (let time = 0; time < OPENINGS; time++) {
    const page = await open();
    paints.push(await page.evaluate(firstPaint));
    lists.push(await page.evaluate(since, { click: undefined, shows: "torrent 0" }));
    const cpu = await cpuOf(page);
    details.push(await page.evaluate(since, { click: "torrent 0", shows: "magnet:?xt" }));
    computed.push(await cpu());
    files.push(await page.evaluate(since, { click: "Files", shows: "part 0/" }));
    await page.context().close();
  }
  const page = await open();
  await page.evaluate(since, { click: undefined, shows: "torrent 0" });
  const scrolling = await framesOf(page, 40);
  await page.evaluate(scrollUp);
  await page.evaluate(since, { click: undefined, shows: "torrent 0" });
  await page.evaluate(since, { click: "torrent 0", shows: "magnet:?xt" });
  const still = await framesOf(page, 0);
  await page.context().close();
  return { paints, lists, details, files, computed, scrolling, open: still };
}

async function framesOf(page: Page, step: number): Promise<Frames> {
  const cpu = await cpuOf(page);
  const { frames, tasks } = await page.evaluate(watch, { ms: SECONDS * 1000, step });
  return { frames, tasks, computed: await cpu() / frames.length };
}

function report(what: string, { frames, tasks, computed }: Frames): void {
  const took = tasks.reduce((sum, ms) => sum + ms, 0) / (SECONDS * 1000);
  say(
    `${what}: computed ${computed.toFixed(1)} ms a frame; frames median ${at(frames, 0.5)} ms, ` +
      `95th percentile ${at(frames, 0.95)} ms; ${tasks.length} tasks above 50 ms, longest ` +
      `${at(tasks, 1)} ms, ${(100 * took).toFixed(1)} % of the time`,
  );
}

/** Counts what the page's main thread computes from now on, ms. */
async function cpuOf(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const ms = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * metrics.find(({ name }) => name === "ThreadTime")!.value;
  };
  const before = await ms();
  return async () => await ms() - before;
}

/**
 * ms from a click on what has this text, or from the navigation's start, until the page shows
 * another text and was painted with it.
 */
function since({ click, shows }: { click: string | undefined; shows: string }): Promise<number> {
  const { document, requestAnimationFrame, NodeFilter } = globalThis as unknown as {
    document: {
      body: unknown;
      createTreeWalker(
        root: unknown,
        what: number,
      ): { nextNode(): { data: string; parentElement: HTMLElementLike } | null };
    };
    requestAnimationFrame(run: () => void): void;
    NodeFilter: { SHOW_TEXT: number };
  };
  interface HTMLElementLike {
    click(): void;
    checkVisibility(): boolean;
  }
  const find = (fits: (text: string) => boolean) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode()) !== null;) {
      if (fits(text.data) && text.parentElement.checkVisibility()) return text.parentElement;
    }
    return undefined;
  };
  const from = click === undefined ? 0 : performance.now();
  if (click !== undefined) find((text) => text === click)!.click();
  return new Promise((resolve) => {
    const look = () => {
      if (find((text) => text.includes(shows)) === undefined) return requestAnimationFrame(look);
      requestAnimationFrame(() => resolve(performance.now() - from));
    };
    look();
  });
}

function scrollUp(): void {
  const { document } = globalThis as unknown as {
    document: {
      querySelector(name: string): { scrollTop: number } | null;
      scrollingElement: { scrollTop: number };
    };
  };
  (document.querySelector(".grid") ?? document.scrollingElement).scrollTop = 0;
}

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

/** Times between frames and of long tasks, ms, while the list is scrolled by `step` px a frame. */
function watch(
  { ms, step }: { ms: number; step: number },
): Promise<{ frames: number[]; tasks: number[] }> {
  const { requestAnimationFrame, document } = globalThis as unknown as {
    requestAnimationFrame(run: (now: number) => void): void;
    document: {
      querySelector(name: string): Scroller | null;
      scrollingElement: Scroller;
    };
  };
  interface Scroller {
    scrollTop: number;
    scrollHeight: number;
    clientHeight: number;
  }
  const scroller = document.querySelector(".grid") ?? document.scrollingElement;
  let by = step;
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
      if (scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1) by = -step;
      if (scroller.scrollTop === 0) by = step;
      scroller.scrollTop += by;
      if (now - start < ms) requestAnimationFrame(frame);
      else resolve({ frames, tasks });
    };
    requestAnimationFrame(frame);
  });
}

/** The value below which such a part of all lies, with one digit. */
export function at(values: readonly number[], part: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.round(part * (sorted.length - 1))] ?? 0).toFixed(1);
}

function median(values: readonly number[]): string {
  return `median ${at(values, 0.5)} ms, slowest ${at(values, 1)} ms of ${values.length}`;
}

function say(text: string): void {
  // deno-lint-ignore no-console
  console.log(text);
}

if (import.meta.main) {
  await using browser = await TestBrowser.start();
  if (browser === undefined) Deno.exit(1);
  say(
    `${TORRENTS} torrents, ${PEERS} peers, ${PIECES} pieces, ${FILES} files, changing twice a second`,
  );
  const found = await measureSmoothness(browser);
  say(`First paint: ${median(found.paints)}`);
  say(`Torrents listed, from the navigation's start: ${median(found.lists)}`);
  say(`Click to details: ${median(found.details)}; computed ${median(found.computed)}`);
  say(`Click to files: ${median(found.files)}`);
  report("Scrolling the list", found.scrolling);
  report("Details open", found.open);
}
