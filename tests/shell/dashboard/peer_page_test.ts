import { Buffer } from "node:buffer";
import { join } from "@std/path";
import type { Page } from "playwright-core";
import { startTracker } from "../../../tracker/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seriousFindings, TestBrowser } from "../../support/browser.ts";
import { PagePeer } from "../../support/dashboard.ts";
import { addressOf, someBytes } from "../../support/swarm.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const MIB = 2 ** 20;

/** The row of a torrent in the list. */
function row(page: Page, name: string): ReturnType<Page["locator"]> {
  return page.locator("#torrents .rows [role=row]", { hasText: name });
}

/** Shows the details of a torrent. */
async function open(page: Page, name: string, tab?: string): Promise<void> {
  await row(page, name).locator(".title").click();
  if (tab !== undefined) await page.getByRole("tab", { name: tab }).click();
}

/** Gives files to the page as if they had been dropped onto it. */
async function drop(page: Page, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  const texts = Object.entries(files).map(([name, bytes]) => [name, bytes.toBase64()]);
  const dropped = await page.evaluateHandle((files) => {
    const { DataTransfer } = globalThis as unknown as {
      DataTransfer: new () => { items: { add(file: File): void } };
    };
    const transfer = new DataTransfer();
    for (const [name, base64] of files) {
      const bytes = Uint8Array.from(atob(base64!), (one) => one.charCodeAt(0));
      transfer.items.add(new File([bytes], name!));
    }
    return transfer;
  }, texts);
  await page.dispatchEvent("body", "drop", { dataTransfer: dropped });
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
  await drop(taking, { "course.torrent": seed.test.engine.torrentBytes(infoHash) });
  await taking.getByRole("checkbox", { name: /extra\.bin/ }).uncheck();
  await taking.getByRole("dialog").getByRole("button", { name: "Add" }).click();
  await row(taking, "course").waitFor();
  peer.test.engine.addPeer(infoHash, addressOf(seed.test));
  // What it shows while it goes on.
  await taking.getByRole("heading", { name: "course" }).waitFor();
  await taking.getByRole("tab", { name: "Peers" }).click();
  await taking.getByRole("row", { name: /ada/ }).waitFor();
  await open(giving, "course", "Peers");
  await giving.getByRole("row", { name: /bob/ }).waitFor();
  await row(taking, "course").getByText("downloading").waitFor();
  // Pausing holds it, resuming lets it go on.
  const actions = taking.getByRole("group", { name: "Actions" });
  await actions.getByRole("button", { name: "Pause" }).click();
  await row(taking, "course").getByText("paused").waitFor();
  await actions.getByRole("button", { name: "Resume" }).click();
  await row(taking, "course").getByText("downloading").waitFor();
  await giving.getByRole("button", { name: "Settings" }).click();
  await giving.locator("#all-up").fill("20M");
  assertEquals(await seriousFindings(giving), []);
  await giving.locator("#all-up").press("Enter");
  await giving.getByText("The settings are kept").waitFor();
  await row(taking, "course").getByText("100 %").waitFor();
  await row(taking, "course").getByText("seeding").waitFor();
  await taking.getByRole("tab", { name: "Overview" }).click();
  await taking.getByRole("img", { name: /^Pieces: / }).waitFor();
  assertEquals(await seriousFindings(taking), []);
  assertEquals(await seriousFindings(giving), []);
  await peer.test.until("file-completed");
  assertEquals(await peer.test.read("course/film.bin"), someBytes(3 * MIB, 1));

  await actions.getByRole("button", { name: "Remove" }).click();
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
  await giving.getByRole("button", { name: "Share from the store" }).click();
  await giving.getByRole("button", { name: "Share folder" }).click();
  await row(giving, "folder").getByText("seeding").waitFor();
  await giving.getByRole("button", { name: "Share one.bin" }).click();
  await row(giving, "one.bin").getByText("seeding").waitFor();
  await giving.getByRole("dialog").getByRole("button", { name: "Close" }).click();

  const taking = await browser.open(peer.page.url);
  await taking.getByRole("button", { name: "Catalogue", exact: true }).click();
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
  await page.locator("#torrents .rows .title").click();
  await page.getByRole("tab", { name: "Peers" }).click();
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
  const list = page.getByRole("grid", { name: "Torrents" });
  for (let presses = 0; presses < 30; presses++) {
    if (await list.evaluate((grid) => grid.matches(":focus"))) break;
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await page.locator("#detail-title:focus").waitFor();
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

Deno.test("browser: a list of many is searched, sorted, filtered, selected and worked on by keyboard", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using peer = await PagePeer.start({ sources: { tracker: false } });
  for (const name of ["course 2", "course 10", "film", "notes"]) {
    await peer.test.put(name, someBytes(1000, name.length));
    await peer.ask("/share", { path: name });
  }
  // Enough of them that the list is longer than its box.
  const links = Array.from({ length: 60 }, (_, at) => {
    const hash = (at + 1).toString(16).padStart(40, "c");
    return `magnet:?xt=urn:btih:${hash}&dn=link ${at}`;
  });
  await peer.ask("/torrents", { what: links.slice(0, 30).join("\n") });
  await peer.ask("/torrents", { what: links.slice(30).join("\n") });
  const page = await browser.open(peer.page.url, { viewport: { width: 1280, height: 800 } });
  const list = page.getByRole("grid", { name: "Torrents" });
  const titles = () => page.locator("#torrents .rows .title").allTextContents();
  await page.getByRole("button", { name: "All 64" }).waitFor();
  assert((await titles()).length < 40, "only what is in sight has elements");
  await page.getByRole("button", { name: "Seeding 4" }).click();
  await page.keyboard.press("/");
  await page.keyboard.type("course");
  await page.getByRole("columnheader", { name: "Name" }).getByRole("button").click();
  // Rows are placed by their numbers, whatever the order of their elements.
  const inOrder = () =>
    page.locator("#torrents .rows .row").evaluateAll((rows) =>
      rows.toSorted((a, b) =>
        Number(a.getAttribute("aria-rowindex")) - Number(b.getAttribute("aria-rowindex"))
      ).map((row) => (row as unknown as { dataset: { key: string } }).dataset.key)
    );
  const hashOf = (name: string) =>
    peer.test.engine.snapshot().torrents.find((one) => one.name === name)!.infoHash;
  assertEquals(await inOrder(), [hashOf("course 2"), hashOf("course 10")]);
  await page.locator("#search").press("Enter");
  await page.locator("[role=grid]:focus").waitFor();
  await page.keyboard.press("Shift+ArrowDown");
  await page.getByText("2 torrents selected").waitFor();
  assertEquals(await seriousFindings(page), []);
  await page.getByRole("group", { name: "Selected torrents" }).getByRole("button", {
    name: "Pause",
  })
    .click();
  await peer.test.when(
    () =>
      peer.test.engine.snapshot().torrents.filter(({ state }) => state === "paused").length === 2,
    "both to be paused",
  );
  await page.getByText("No torrent fits this search and state.").waitFor();
  await page.getByRole("button", { name: "All 64" }).click();
  await list.focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.getByRole("dialog", { name: "Remove 2 torrents?" }).getByRole("button", {
    name: "Remove",
  }).click();
  await page.getByRole("button", { name: "All 62" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("nothing like it");
  await page.getByText("No torrent fits this search and state.").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("[role=grid]:focus").waitFor();
  // The row of the keyboard may have scrolled away: then nothing points to it.
  await page.keyboard.press("Home");
  await list.evaluate((grid) => {
    grid.scrollTop = 10_000;
  });
  await page.locator("[role=grid]:not([aria-activedescendant])").waitFor();
  assertEquals(await seriousFindings(page), []);
  await page.keyboard.press("ArrowDown");
  await page.locator("[role=grid][aria-activedescendant]").waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  assertEquals(await seriousFindings(page), []);
  await page.keyboard.press("Escape");
  await page.locator("#search").fill("film");
  await list.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.locator("#detail-title:focus").waitFor();
  assertEquals(await page.locator("#detail").isVisible(), true);
  const box = (await page.locator("#detail-title").boundingBox())!;
  assert(box.y > 0 && box.y < 400, "details are beside the list, not below it");
  await page.keyboard.press("Escape");
  assertEquals(await page.locator("#detail").isVisible(), false);
  await page.locator("[role=grid]:focus").waitFor();
  await nothingWrong(browser, peer);
});

Deno.test("browser: several things are dropped at once, and each wrong one gets its sentence", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using seed = await PagePeer.start();
  await using peer = await PagePeer.start({ sources: { tracker: false } });
  const files: Record<string, Uint8Array> = {
    "photo.jpg": someBytes(100, 7),
    "cut.torrent": new TextEncoder().encode("d4:info"),
  };
  for (const name of ["one", "two"]) {
    await seed.test.put(name, someBytes(1000, name.length + name.charCodeAt(0)));
    const { value } = await seed.ask("/share", { path: name });
    const { info_hash: infoHash } = value as { info_hash: string };
    files[`${name}.torrent`] = seed.test.engine.torrentBytes(infoHash);
  }
  const page = await browser.open(peer.page.url);
  await page.getByText("Connected", { exact: true }).waitFor();
  await drop(page, files);
  await page.getByText(/“photo\.jpg” is no \.torrent\. To share a file/).waitFor();
  await page.getByText(/“cut\.torrent” cannot be used: /).waitFor();
  const dialog = page.getByRole("dialog", { name: "Add 2 torrents" });
  await dialog.getByLabel("Folder in the store").fill("in/here");
  await dialog.getByRole("button", { name: "Add" }).click();
  await page.getByText("2 torrents added").waitFor();
  await row(page, "one").waitFor();
  assertEquals(
    peer.test.engine.snapshot().torrents.map(({ name, dir }) => [name, dir.endsWith("in/here")]),
    [["one", true], ["two", true]],
  );
  // Links come in the same way; what is none says so.
  await drop(page, { "empty": new Uint8Array() });
  await page.getByText(/“empty” is a folder or cannot be read/).waitFor();
  const notes = (await page.locator("#notes").textContent())!;
  assert(!/\b(body|bodies|JSON)\b/i.test(notes), notes);
  // Nobody has to close them.
  await page.getByText("2 torrents added").waitFor({ state: "detached" });
  assert(browser.problems.every((text) => /status of 400/.test(text)), "what the peer refused");
  assertEquals([browser.foreign, seed.faults, peer.faults], [[], [], []]);
});

Deno.test("browser: files are chosen in a tree; a torrent is verified, renamed, moved and told about", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using folder = await TempFolder.make();
  await using peer = await PagePeer.start({ stateDir: join(folder.path, "state") });
  for (const [at, name] of ["a.bin", "notes/b.txt", "notes/c.txt"].entries()) {
    await peer.test.put(`course/${name}`, someBytes(20_000, at + 1));
  }
  await peer.test.put("taken", someBytes(10));
  await peer.ask("/share", { path: "course" });
  const page = await browser.open(peer.page.url, { viewport: { width: 1280, height: 800 } });
  await open(page, "course", "Overview");
  await page.getByLabel("Pieces in order").check();
  await peer.test.when(
    () => peer.test.engine.snapshot().torrents[0]!.sequential,
    "pieces to be fetched in order",
  );
  await page.getByRole("tab", { name: "Files" }).click();
  const tree = page.getByRole("treegrid", { name: "Files" });
  const priorities = () =>
    peer.test.engine.snapshot().torrents[0]!.files.map(({ priority }) => priority);
  await tree.getByRole("checkbox", { name: "Get notes" }).click();
  await peer.test.when(
    () => priorities().join() === "normal,skip,skip",
    "a folder not to be wanted",
  );
  await page.getByText(/^1 of 3 files wanted/).waitFor();
  await page.getByLabel("Filter files").fill("c.txt");
  await page.getByRole("button", { name: "All", exact: true }).click();
  await peer.test.when(() => priorities().join() === "normal,skip,normal", "one by the filter");
  assertEquals(await seriousFindings(page), []);

  const actions = page.getByRole("group", { name: "Actions" });
  await actions.getByRole("button", { name: "Verify" }).click();
  await page.getByText(/“course”: all \d+ pieces? good/).waitFor();
  const more = async (name: string) => {
    await actions.getByText("More").click();
    await actions.getByRole("button", { name, exact: true }).click();
  };
  await more("Rename");
  await page.keyboard.press("Escape");
  await page.locator("summary:focus", { hasText: "More" }).waitFor();
  await more("Rename");
  await page.getByLabel("Name on disk").fill("taken");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await page.getByText(/taken exists already: choose another folder or name/).waitFor();
  await more("Rename");
  await page.getByLabel("Name on disk").fill("week 7");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await page.getByText("“course” is “week 7” on disk").waitFor();
  assertEquals(await peer.test.read("week 7/a.bin"), someBytes(20_000, 1));
  await row(page, "course").click();
  await more("Move");
  await page.getByLabel("Folder in the store").fill("shelf");
  await page.getByRole("dialog").getByRole("button", { name: "Move" }).click();
  await page.getByText("“course” is in shelf now").waitFor();
  assertEquals(await peer.test.read("shelf/week 7/notes/b.txt"), someBytes(20_000, 2));
  await row(page, "course").click();
  await actions.getByRole("button", { name: "Announce now" }).click();
  await page.getByText("The trackers are asked for peers").waitFor();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const copied = () => page.evaluate("navigator.clipboard.readText()") as Promise<string>;
  await more("Copy name");
  await page.getByText("The name is copied").waitFor();
  assertEquals(await copied(), "course");
  await more("Copy magnet link");
  await page.getByText("The magnet link is copied").waitFor();
  const { infoHash } = peer.test.engine.snapshot().torrents[0]!;
  assert((await copied()).startsWith(`magnet:?xt=urn:btih:${infoHash}`));
  const saving = page.waitForEvent("download");
  await more("Save .torrent");
  assertEquals((await saving).suggestedFilename(), "course.torrent");
  await page.getByRole("tab", { name: "Log" }).click();
  await page.getByRole("log").getByText(/^checked: /).first().waitFor();
  assertEquals(await seriousFindings(page), []);
  assertEquals(browser.problems.length, 1, "the name that was taken");
  assert(/status of 409/.test(browser.problems[0]!), browser.problems[0]);
  assertEquals([browser.foreign, peer.faults], [[], []]);
});

Deno.test("browser: a file that was changed waits, and is written over when it is said twice", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using seed = await PagePeer.start({ name: "ada" });
  await using peer = await PagePeer.start({ name: "bob" });
  const bytes = someBytes(100_000, 1);
  await seed.test.put("talk.bin", bytes);
  const { value } = await seed.ask("/share", { path: "talk.bin" });
  const { info_hash: infoHash } = value as { info_hash: string };
  await peer.ask("/torrents", seed.test.engine.torrentBytes(infoHash));
  peer.test.engine.addPeer(infoHash, addressOf(seed.test));
  await peer.test.until("torrent-completed");
  const mine = bytes.map((byte, at) => at < 10 ? byte ^ 1 : byte);
  await peer.test.put("talk.bin", mine);

  const page = await browser.open(peer.page.url);
  await open(page, "talk.bin");
  const actions = page.getByRole("group", { name: "Actions" });
  await actions.getByRole("button", { name: "Verify" }).click();
  const waits = row(page, "talk.bin").getByText(/was changed: .*Write over \(under More\)/);
  await waits.waitFor();
  // By its buttons: nobody types a verb here.
  assert(!/resume|send|--over/.test((await waits.textContent())!));
  await actions.getByText("More").click();
  await actions.getByRole("button", { name: "Write over" }).click();
  const asked = page.getByRole("dialog", { name: "Write over “talk.bin”?" });
  assertEquals(await seriousFindings(page), []);
  assertEquals(await peer.test.read("talk.bin"), mine);
  await asked.getByRole("button", { name: "Write over" }).click();
  peer.test.engine.addPeer(infoHash, addressOf(seed.test));
  await row(page, "talk.bin").getByText("seeding").waitFor();
  assertEquals(await peer.test.read("talk.bin"), bytes);
  await nothingWrong(browser, seed, peer);
});

Deno.test("browser: the add form tells the older versions of a name", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const trackers = [tracker.urls[0]!];
  await using ada = await PagePeer.start({ name: "ada", trackers });
  await using ben = await PagePeer.start({ name: "ben", trackers });
  await using peer = await PagePeer.start({ trackers });
  for (const [at, one] of [ada, ben].entries()) {
    await one.test.put("notes.txt", someBytes(1000 + 1000 * at));
    await one.ask("/share", { path: "notes.txt" });
  }
  const page = await browser.open(peer.page.url);
  await page.getByLabel("Link or name").fill("notes.txt");
  await page.getByLabel("Link or name").press("Enter");
  await page.getByText(/^2 torrents have this name: this is the newest/).waitFor();
  await page.getByText(/1000 B, 1 file, from ada/).waitFor();
  await page.getByRole("button", { name: /^Look at the one with info hash/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("1 file, 1000 B").waitFor();
  await dialog.getByRole("button", { name: "Add" }).click();
  await row(page, "notes.txt").waitFor();
  assertEquals(peer.test.engine.snapshot().torrents[0]!.totalSize, 1000);
  await nothingWrong(browser, ada, ben, peer);
});

Deno.test("browser: a folder of a thousand files is asked about before it is shared", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using peer = await PagePeer.start();
  for (let n = 0; n <= 1000; n++) await peer.test.put(`many/${n}.txt`, someBytes(1, n));
  const { status, value } = await peer.ask("/share", { path: "many" });
  assertEquals(status, 409);
  assertEquals((value as { doubt: string }).doubt, "has more than 1,000 files");
  const page = await browser.open(peer.page.url);
  await page.getByRole("button", { name: "Share" }).first().click();
  await page.getByRole("button", { name: "Share many" }).click();
  const asked = page.getByRole("dialog", { name: "Share “many”?" });
  await asked.getByText("“many” has more than 1,000 files. Share all that is in it?").waitFor();
  await asked.getByRole("button", { name: "Do not share" }).click();
  assertEquals(peer.test.engine.snapshot().torrents, []);
  await page.getByRole("button", { name: "Share many" }).click();
  await asked.getByRole("button", { name: "Share all of it" }).click();
  await page.getByText("“many” is shared").waitFor();
  assertEquals(browser.problems.filter((text) => !text.includes("409")), []);
});
