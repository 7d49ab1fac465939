/**
 * A running peer from outside: the secret of its page in its store, and the programs that use it.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { TestBrowser } from "../support/browser.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Tmpfs } from "../support/tmpfs.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

Deno.test("a page left open outlives its peer's kill -9, and programs find the peer by its store", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("peer_files/peer_1/lecture.pdf", patternBytes(100_000));
  const nobody = { cwd, tracker: "http://127.0.0.1:1/announce" };
  let address: URL;
  {
    await using first = Vtorrent.peer("1", { ...nobody, args: ["--web-port", "0"] });
    address = new URL(String((await first.event("page"))["url"]));
    await first.type("send lecture.pdf");
    await first.event("sent");
    first.kill("SIGKILL");
    await first.ended();
  }
  const none = await vtorrent(["status"], { cwd });
  assertEquals(none.code, 1);
  assertMatch(none.stderr, /No peer with a page runs here: start one with/);

  const args = ["--web-port", address.port];
  await using again = Vtorrent.peer("1", { ...nobody, args });
  assertEquals(
    (await again.event("page"))["url"],
    address.href,
    "the page that is open still fits",
  );

  const { mode } = await Deno.stat(folder.at("peer_files/peer_1/.vtorrent/page-secret"));
  assertEquals(mode! & 0o777, 0o600);
  const hash = "ab".repeat(20);
  assertEquals((await vtorrent(["add", hash], { cwd })).stdout, `"${hash}" is added\n`);
  assertEquals(
    (await vtorrent(["pause", "lecture.pdf"], { cwd })).stdout,
    '"lecture.pdf" is paused\n',
  );
  const shown = await vtorrent(["status", "--json"], { cwd });
  const { torrents } = JSON.parse(shown.stdout);
  assertEquals(
    torrents.map(({ name, state }: { name: string; state: string }) => [name, state]),
    [["lecture.pdf", "paused"], [hash, "metadata"]],
  );
  const wrong = await vtorrent(["remove", "lecture.pd"], { cwd });
  assertEquals(wrong.code, 1);
  assertMatch(wrong.stderr, /No torrent "lecture\.pd" there\. Did you mean "lecture\.pdf"\?/);
  const there = { cwd: "/" };
  const removed = await vtorrent(["remove", hash, "--dir", folder.at("peer_files/peer_1")], there);
  assertEquals(removed.stdout, `"${hash}" is removed; its files stay\n`, removed.stderr);
});

Deno.test("browser: an open page outlives kill -9, and takes the new address of a new secret", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("peer_files/peer_1/lecture.pdf", patternBytes(100_000));
  const nobody = { cwd, tracker: "http://127.0.0.1:1/announce" };
  const killed = async (peer: Vtorrent): Promise<void> => {
    peer.kill("SIGKILL");
    await peer.ended();
  };
  await using first = Vtorrent.peer("1", { ...nobody, args: ["--web-port", "0"] });
  const address = new URL(String((await first.event("page"))["url"]));
  await first.type("send lecture.pdf");
  await first.event("sent");
  const page = await browser.open(address.href);
  const shown = page.locator("#torrents .rows [role=row]", { hasText: "lecture.pdf" });
  await shown.getByText("seeding").waitFor();
  await shown.click();
  await killed(first);
  await page.getByText("The server does not answer. Trying again…").waitFor();

  const args = ["--web-port", address.port];
  await using second = Vtorrent.peer("1", { ...nobody, args });
  await page.getByText("Connected", { exact: true }).waitFor();
  const action = (name: string) =>
    page.getByRole("group", { name: "Actions" }).getByRole("button", { name, exact: true });
  await action("Pause").click();
  await shown.getByText("paused").waitFor();

  await killed(second);
  await Deno.remove(folder.at("peer_files/peer_1/.vtorrent/page-secret"));
  await using third = Vtorrent.peer("1", { ...nobody, args });
  const another = String((await third.event("page"))["url"]);
  assert(another !== address.href);
  await page.getByText("Connected", { exact: true }).waitFor();
  const lost = page.locator("#notes").getByText(/^The peer does not know this page any more/);
  await action("Resume").click();
  await lost.waitFor();
  await action("Resume").click();
  assertEquals(await lost.count(), 1, "it is said once");
  // Nothing is loaded anew: only what stands behind the # is another one.
  await page.goto(another);
  await page.getByText("The new address is taken").waitFor();
  assertEquals(new URL(page.url()).hash, "", "the secret is out of the address bar");
  await action("Resume").click();
  await shown.getByText("seeding").waitFor();
});

Deno.test("a peer whose disk is full serves its page, and leaves nothing of files it could not write", async () => {
  await using disk = await Tmpfs.mount("size=4m");
  if (disk === undefined) return;
  const args = ["peer", "1", "--dir", disk.path, "--host", "127.0.0.1", "--port", "0"];
  const flags = [...args, "--no-discovery", "--web-port", "0"];
  {
    await using first = new Vtorrent(flags, { typing: true });
    await first.event("page");
    // Its records stay open, as they lie after a loss of power: nothing new is needed to read them.
    first.kill("SIGKILL");
    await first.ended();
  }
  const filler = await Deno.open(`${disk.path}/filler`, { create: true, write: true });
  const block = new Uint8Array(4096);
  const fill = async () => {
    for (;;) await filler.write(block);
  };
  const full = await fill().catch((error) => error);
  filler.close();
  assert(full instanceof Error);
  await using second = new Vtorrent(flags, { typing: true });
  const { url } = await second.event("page");
  const page = await fetch(new URL("/", String(url)));
  assertMatch(await page.text(), /<html/);
  await second.type("exit");
  const { stderr } = await second.ended();
  assertMatch(stderr, /^error: The disk is full/m);
  const left = [...Deno.readDirSync(`${disk.path}/.vtorrent`)].map(({ name }) => name);
  assertEquals(left.filter((name) => name.startsWith("page-address")), []);
});
