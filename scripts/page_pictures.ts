/**
 * Makes the pictures of the pages in docs/images/: a real swarm on this machine, halfway, in light
 * and dark, on a wide screen and on a phone.
 *
 *     deno task pages
 *
 * @module
 */
import { join } from "@std/path";
import type { Page } from "playwright-core";
import { Reporter } from "../shell/dashboard/reporter.ts";
import { TrackerPages } from "../shell/dashboard/tracker_page.ts";
import { TestBrowser } from "../tests/support/browser.ts";
import { PagePeer } from "../tests/support/dashboard.ts";
import { someBytes, TestEngine } from "../tests/support/swarm.ts";
import { startTracker } from "../tracker/mod.ts";

const IMAGES = join(import.meta.dirname!, "..", "docs", "images");
const MIB = 2 ** 20;
/** Of the page with a thousand torrents. */
const [LECTURES, LINKS] = [980, 20] as const;
const NAMES = ["ben", "chloe", "dana", "emil", "fatma", "goran"];

const browser = await TestBrowser.start();
if (browser === undefined) Deno.exit(1);
await using stack = new AsyncDisposableStack();
stack.use(browser);
const pages = new TrackerPages();
const tracker = stack.use(
  await startTracker({
    host: "127.0.0.1",
    port: 0,
    pages: (tracker) => pages.routes(tracker, []),
  }),
);
stack.use(pages);
const trackers = [tracker.urls[0]!];
const seed = stack.use(
  await PagePeer.start({ name: "ada", trackers, uploadLimit: 1.5 * MIB, uploadSlots: 4 }),
);
const taker = stack.use(
  await PagePeer.start({ name: "zoe", trackers, uploadLimit: 0.5 * MIB, uploadSlots: 3 }),
);
stack.use(new Reporter(seed.test.engine, () => trackers));
stack.use(new Reporter(taker.test.engine, () => trackers));
await seed.test.put("lecture 7/recording.mp4", someBytes(90 * MIB, 1));
await seed.test.put("lecture 7/slides.pdf", someBytes(7 * MIB, 2));
await seed.test.put("exercises.pdf", someBytes(2 * MIB, 3));
const { info_hash: infoHash } = (await seed.ask("/share", { path: "lecture 7" })).value as {
  info_hash: string;
};
await seed.ask("/share", { path: "exercises.pdf" });
const torrent = seed.test.engine.torrentBytes(infoHash);
for (const name of NAMES) {
  const peer = stack.use(
    await TestEngine.start({ name, trackers, uploadLimit: 0.5 * MIB, uploadSlots: 3 }),
  );
  stack.use(new Reporter(peer.engine, () => trackers));
  await peer.engine.add(torrent);
}
await taker.ask("/torrents", torrent);
await taker.test.when(
  () => (taker.test.engine.snapshot().torrents[0]?.progress ?? 0) > 0,
  "the first piece",
);

for (const colorScheme of ["light", "dark"] as const) {
  for (const [width, height] of [[1280, 720], [1920, 1080]] as const) {
    const options = { viewport: { width, height }, colorScheme };
    const board = await browser.open(`http://127.0.0.1:${tracker.port}/#present`, options);
    await board.getByRole("img", { name: /Swarm of 8 peers/ }).waitFor();
    await take(board, join(IMAGES, `board-${colorScheme}-${width}.png`), 4000);
  }
  for (const width of [1280, 390]) {
    const viewport = { width, height: width === 390 ? 844 : 960 };
    const name = (what: string) => join(IMAGES, `page-${what}-${colorScheme}-${width}.png`);
    const options = { viewport, colorScheme };
    const ofPeer = await browser.open(taker.page.url, options);
    await ofPeer.locator(".rows .title", { hasText: "lecture 7" }).click();
    await ofPeer.getByRole("img", { name: /^Pieces: [1-9]/ }).waitFor();
    await take(ofPeer, name("peer"), 4000);
    const ofTracker = await browser.open(`http://127.0.0.1:${tracker.port}/`, options);
    await ofTracker.getByRole("img", { name: /Swarm of 8 peers/ }).waitFor();
    await take(ofTracker, name("tracker"), 1500);
  }
}

await takeMany();

/** The page of a peer that has a thousand torrents: all of a term, and a few links. */
async function takeMany(): Promise<void> {
  await using peer = await PagePeer.start({ name: "library", sources: { tracker: false } });
  for (let at = 0; at < LECTURES; at++) {
    const name = `week ${1 + at % 14}, lecture ${1 + Math.floor(at / 14)}.pdf`;
    await peer.test.put(name, someBytes(1000 + 7919 * at % 50_000, at));
    const { value } = await peer.ask("/share", { path: name });
    const { info_hash: infoHash } = value as { info_hash: string };
    if (at % 17 === 0) await peer.ask(`/torrents/${infoHash}/pause`, {});
  }
  for (let at = 0; at < LINKS; at++) {
    const hash = (at + 1).toString(16).padStart(40, "c");
    await peer.ask("/torrents", { what: `magnet:?xt=urn:btih:${hash}&dn=recording ${at + 1}.mp4` });
  }
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await browser!.open(peer.page.url, {
      viewport: { width: 1280, height: 720 },
      colorScheme,
    });
    await page.getByRole("button", { name: `All ${LECTURES + LINKS}` }).waitFor();
    await page.locator("#search").fill("lecture");
    await page.getByRole("columnheader", { name: "Name" }).getByRole("button").click();
    await page.locator("#torrents .rows .title").nth(3).click();
    await page.getByRole("img", { name: /^Pieces: [1-9]/ }).waitFor();
    await take(page, join(IMAGES, `page-many-${colorScheme}-1280.png`), 1500);
  }
}

/** The picture, once there is something in the chart. */
async function take(page: Page, path: string, wait: number): Promise<void> {
  await page.waitForTimeout(wait);
  await page.screenshot({ path });
  await page.context().close();
}
