/**
 * `open` and Ctrl-O: the browser of the person, which here is a script in its place.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { haveTerminal, Terminal } from "../support/terminal.ts";
import { VTORRENT, Vtorrent, vtorrent } from "../support/vtorrent.ts";

/** Keeps what it was told, and what the file says that it was told of. */
const XDG_OPEN = `#!/bin/sh
cd "$(dirname "$0")/.." || exit 1
case $1 in /*) ls -l "$1" >mode; cp "$1" page ;; esac
printf '%s\\n' "$*" >told.part && mv told.part told
[ ! -e refuses ]
`;

/** A folder with a browser of its own, and the environment to find it by. */
async function withBrowser(): Promise<{ folder: TempFolder; env: Record<string, string> }> {
  const folder = await TempFolder.make();
  await folder.write("bin/xdg-open", XDG_OPEN);
  await Deno.chmod(folder.at("bin/xdg-open"), 0o755);
  const path = `${folder.at("bin")}:${Deno.env.get("PATH")}`;
  return { folder, env: { PATH: path, DISPLAY: ":9", WAYLAND_DISPLAY: "" } };
}

Deno.test("open shows the page, and its secret is in no list of processes", async () => {
  const { folder: _folder, env } = await withBrowser();
  await using folder = _folder;
  const cwd = folder.path;
  const { tracker: _tracker, url } = await Vtorrent.tracker({ cwd });
  await using _t = _tracker;
  // No --web-port: the page starts when somebody wants to see it.
  await using peer = Vtorrent.peer("1", { cwd, tracker: url, env });
  await peer.type("open");
  const page = String((await peer.event("opened"))["url"]);
  assertMatch(page, /^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{24}$/);
  const [told, mode, html] = await Promise.all(
    ["told", "mode", "page"].map((name) => Deno.readTextFile(folder.at(name))),
  );
  assertMatch(told!.trim(), /\/peer_files\/peer_1\/\.vtorrent\/page-[\w-]+\.html$/);
  assert(!told!.includes(page.split("#")[1]!));
  assertMatch(mode!, /^-rw-------/);
  assertStringIncludes(html!, `content="0; url=${page}"`);
  assertEquals(peer.count("page"), 1);
  // Once more: the same page by another file, and the first file is gone.
  await peer.type("page");
  await peer.eventCount("opened", 2);
  assertEquals(peer.count("page"), 1);
  assert(await Deno.stat(told!.trim()).then(() => false, () => true));
  await peer.type("exit");
  assertEquals((await peer.ended()).code, 0);
  const left = await Array.fromAsync(Deno.readDir(folder.at("peer_files/peer_1/.vtorrent")));
  const ofPage = left.filter(({ name }) => name.startsWith("page")).map(({ name }) => name);
  assertEquals(ofPage, ["page-secret"], "what a page that is still open needs");
});

Deno.test("without a display or a browser, open says what to do", async () => {
  const { folder: _folder, env } = await withBrowser();
  await using folder = _folder;
  const where = ["--host", "127.0.0.1", "--port", "0", "--tracker", "http://127.0.0.1:9/announce"];
  const open = async (env: Record<string, string>) =>
    await vtorrent(["peer", "1", ...where, "-e", "open; exit"], { cwd: folder.path, env });
  const blind = await open({ ...env, DISPLAY: "" });
  assertEquals(blind.code, 1);
  assertMatch(
    blind.stderr,
    /This machine has no screen to open a browser on: open http:\S+ \(from elsewhere after ssh/,
  );
  await folder.write("refuses", "");
  const refused = await open(env);
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /No browser could be started \(xdg-open, wslview\): open http:\S+/);
});

Deno.test({
  name: "Ctrl-O opens the page of a tracker, and what was being typed stays",
  ignore: !await haveTerminal(),
  async fn() {
    const { folder: _folder, env } = await withBrowser();
    await using folder = _folder;
    const where = ["--host", "127.0.0.1", "--port", "0", "--no-discovery", "--no-db"];
    const cwd = folder.path;
    // A shell of login makes PATH anew.
    const command = ["env", `PATH=${env["PATH"]}`, VTORRENT, "tracker", ...where];
    await using terminal = await Terminal.start(command, { cwd, env });
    await terminal.until(/Page: http:\/\/127\.0\.0\.1:\d+\/ \(Ctrl-O opens it\)/);
    await terminal.until(/^tracker>$/m);
    await terminal.type("sta");
    await terminal.until(/^tracker> sta$/m);
    await terminal.press("C-o");
    await terminal.until(/^The browser shows http:[^]*^tracker> sta$/m);
    assertMatch(await Deno.readTextFile(folder.at("told")), /^http:\/\/127\.0\.0\.1:\d+\/\n$/);
    await terminal.enter("tus");
    await terminal.until(/No swarms yet/);
  },
});
