import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { startTracker } from "../../../tracker/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seriousFindings, TestBrowser } from "../../support/browser.ts";
import { PagePeer } from "../../support/dashboard.ts";
import { addressOf, someBytes } from "../../support/swarm.ts";

const MIB = 2 ** 20;

/** The row of a torrent in the list. */
function row(page: Page, name: string): ReturnType<Page["locator"]> {
  return page.locator("#torrents tbody tr", { hasText: name });
}

async function nothingWrong(browser: TestBrowser, ...peers: PagePeer[]): Promise<void> {
  assertEquals(browser.problems, []);
  assertEquals(browser.foreign, []);
  for (const { faults } of peers) assertEquals(faults, []);
  await Promise.resolve();
}

Deno.test("browser: a .torrent is dropped in, its files chosen, and a real download watched", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using seed = await PagePeer.start({ name: "ada", uploadLimit: MIB / 4 });
  await using peer = await PagePeer.start({ name: "bob" });
  await seed.test.put("course/film.bin", someBytes(3 * MIB, 1));
  await seed.test.put("course/extra.bin", someBytes(MIB, 2));
  const { info_hash: infoHash } = (await seed.ask("/share", { path: "course" })).value as {
    info_hash: string;
  };
  // Two pages at once: the one who gives and the one who takes.
  const giving = await browser.open(seed.page.url);
  const taking = await browser.open(peer.page.url);
  assertEquals(new URL(taking.url()).hash, "", "the secret is out of the address bar");
  await taking.getByText("Connected", { exact: true }).waitFor();
  await taking.locator("#add-file").setInputFiles({
    name: "course.torrent",
    mimeType: "application/x-bittorrent",
    buffer: Buffer.from(seed.test.engine.torrentBytes(infoHash)),
  });
  await taking.getByRole("checkbox", { name: /extra\.bin/ }).uncheck();
  assertEquals(await seriousFindings(taking), []);
  await taking.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  // The same dropped onto the page.
  const dropped = await taking.evaluateHandle((base64) => {
    const { DataTransfer } = globalThis as unknown as {
      DataTransfer: new () => { items: { add(file: File): void } };
    };
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    transfer.items.add(new File([bytes], "course.torrent"));
    return transfer;
  }, seed.test.engine.torrentBytes(infoHash).toBase64());
  await taking.dispatchEvent("body", "drop", { dataTransfer: dropped });
  await taking.getByRole("checkbox", { name: /extra\.bin/ }).uncheck();
  await taking.getByRole("dialog").getByRole("button", { name: "Add" }).click();
  await row(taking, "course").waitFor();
  peer.test.engine.addPeer(infoHash, addressOf(seed.test));
  // What it shows while it goes on.
  await taking.getByRole("row", { name: /ada/ }).waitFor();
  await giving.getByRole("button", { name: "course", exact: true }).click();
  await giving.getByRole("row", { name: /bob/ }).waitFor();
  await row(taking, "course").getByText("downloading").waitFor();
  // Pausing holds it, resuming lets it go on.
  await row(taking, "course").getByRole("button", { name: "Pause" }).click();
  await row(taking, "course").getByText("paused").waitFor();
  await row(taking, "course").getByRole("button", { name: "Resume" }).click();
  await row(taking, "course").getByText("downloading").waitFor();
  await giving.getByText("Limits for all torrents together").click();
  await giving.locator("#all-up").fill("20M");
  await giving.locator("#all-up").press("Enter");
  await giving.getByText("The limits are set").waitFor();
  await row(taking, "course").getByText("100 %").waitFor();
  await row(taking, "course").getByText("seeding").waitFor();
  await taking.getByRole("img", { name: /^Pieces: / }).waitFor();
  assertEquals(await seriousFindings(taking), []);
  assertEquals(await seriousFindings(giving), []);
  await peer.test.until("file-completed");
  assertEquals(await peer.test.read("course/film.bin"), someBytes(3 * MIB, 1));

  await taking.getByRole("button", { name: "Remove course" }).click();
  await taking.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await taking.getByText("No torrents yet.").waitFor();
  assertEquals(peer.test.engine.snapshot().torrents, []);
  assertEquals(await peer.test.read("course/film.bin"), someBytes(3 * MIB, 1));
  await nothingWrong(browser, seed, peer);
});

Deno.test("browser: by magnet link, by the catalogue, and sharing from the store", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const trackers = [tracker.urls[0]!];
  await using seed = await PagePeer.start({ name: "ada", trackers });
  await using peer = await PagePeer.start({ name: "bob", trackers });
  await seed.test.put("one.bin", someBytes(MIB, 1));
  await seed.test.put("folder/two.bin", someBytes(MIB, 2));
  const giving = await browser.open(seed.page.url);
  await giving.getByText("Share from the store").click();
  await giving.getByRole("button", { name: "Share folder" }).click();
  await row(giving, "folder").getByText("seeding").waitFor();
  await giving.getByRole("button", { name: "Share one.bin" }).click();
  await row(giving, "one.bin").getByText("seeding").waitFor();

  const taking = await browser.open(peer.page.url);
  await taking.getByText("Catalogue", { exact: true }).click();
  await taking.getByRole("button", { name: "Download folder" }).click();
  await taking.getByRole("dialog").getByRole("button", { name: "Add" }).click();
  await row(taking, "folder").getByText("seeding").waitFor();
  const magnet = giving.locator("dt", { hasText: "Magnet link" }).locator("+ dd");
  await giving.getByRole("heading", { name: "one.bin" }).waitFor();
  await magnet.getByText("one.bin").waitFor();
  await taking.getByLabel("Link or name").fill((await magnet.textContent())!);
  await taking.getByLabel("Link or name").press("Enter");
  await taking.getByRole("dialog").getByRole("button", { name: "Add" }).click();
  await row(taking, "one.bin").getByText("seeding").waitFor();
  await peer.test.when(
    () => peer.test.engine.snapshot().torrents.filter(({ left }) => left === 0).length === 2,
    "both",
  );
  await nothingWrong(browser, seed, peer);
});

Deno.test("browser: names are text, whoever wrote them", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  const evil = "<img src=x onerror=\"document.title='owned'\">";
  // A quarter of an hour for the file: however late the page looks, its peer is still there.
  await using seed = await PagePeer.start({ name: evil, uploadLimit: 1024 });
  await using peer = await PagePeer.start();
  await seed.test.put(`${evil.replaceAll("/", "")}.bin`, someBytes(MIB));
  const { info_hash: infoHash } = (await seed.ask("/share", {
    path: `${evil.replaceAll("/", "")}.bin`,
  })).value as { info_hash: string };
  await peer.ask("/torrents", seed.test.engine.torrentBytes(infoHash));
  peer.test.engine.addPeer(infoHash, addressOf(seed.test));
  const page = await browser.open(peer.page.url);
  await page.locator("#torrents button.name").click();
  await page.getByRole("row", { name: /onerror.*127\.0\.0\.1/ }).waitFor();
  assertEquals(await page.locator("img").count(), 1, "the sign of the program");
  assert(await page.title() !== "owned");
  // Not even a page that turned against itself runs a script that is not its own.
  const inline = await page.evaluate(() => {
    const document = (globalThis as unknown as { document: { createElement(name: string): never } })
      .document as unknown as {
        createElement(name: string): { textContent: string };
        head: { append(node: unknown): void };
        title: string;
      };
    try {
      const script = document.createElement("script");
      script.textContent = "document.title = 'owned'";
      document.head.append(script);
    } catch { /* trusted types */ }
    return document.title;
  });
  assert(inline !== "owned");
});

Deno.test("browser: works at the width of a phone, in the dark, by keyboard", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using peer = await PagePeer.start();
  await peer.test.put("a lecture with a rather long name, as they are.pdf", someBytes(MIB));
  await peer.ask("/share", { path: "a lecture with a rather long name, as they are.pdf" });
  const page = await browser.open(peer.page.url, {
    viewport: { width: 390, height: 844 },
    colorScheme: "dark",
  });
  await row(page, "lecture").waitFor();
  const name = page.locator("#torrents button.name");
  for (let presses = 0; presses < 30; presses++) {
    if (await name.evaluate((button) => button.matches(":focus"))) break;
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  // The map comes a moment after the section that it is in.
  await page.getByRole("img", { name: /^Pieces: [1-9]/ }).focus();
  await page.keyboard.press("ArrowRight");
  await page.getByText(/^Piece 0: here/).waitFor();
  const overflow = await page.evaluate(() => {
    const { document } = globalThis as unknown as {
      document: { documentElement: { scrollWidth: number; clientWidth: number } };
    };
    return document.documentElement.scrollWidth - document.documentElement.clientWidth;
  });
  assertEquals(overflow, 0);
  assertEquals(await seriousFindings(page), []);
  await nothingWrong(browser, peer);
});
