/**
 * Whatever is wrong: one clear line that names the thing, the documented exit status, no stack trace.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import type { Ended, ProcessOptions } from "../support/process.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Tmpfs } from "../support/tmpfs.ts";
import { digestOf } from "../support/digests.ts";
import { runToEnd } from "../support/process.ts";
import { VTORRENT, Vtorrent, vtorrent } from "../support/vtorrent.ts";

const ON_LOOPBACK = ["--host", "127.0.0.1", "--port", "0"];
/** An address at which nobody listens. */
const NOBODY = "http://127.0.0.1:1/announce";

/** What a run must end like: its status, and what its one line of error says. */
function assertFailed({ code, stderr }: Ended, status: number, says: RegExp): void {
  const errors = stderr.split("\n").filter((line) => line.startsWith("error: "));
  assertEquals([code, errors.length], [status, 1], stderr);
  assertMatch(errors[0]!, says);
  assert(!/^\s+at |Stack backtrace|Uncaught|Internal error/m.test(stderr), stderr);
}

/** One command that fails: arguments, status, and what the line says. */
type Case = readonly [args: readonly string[], status: number, says: RegExp];

async function assertAllFail(cases: readonly Case[], options: ProcessOptions = {}): Promise<void> {
  for (const [args, status, says] of cases) {
    assertFailed(await vtorrent(args, options), status, says);
  }
}

/** The content of a .torrent for one file of one piece, which is at `path`. */
function torrentWith(path: readonly string[], announce = NOBODY): string {
  const components = path.map((part) => `${part.length}:${part}`).join("");
  const files = `5:filesld6:lengthi5e4:pathl${components}eee`;
  const pieces = `6:pieces20:${"x".repeat(20)}`;
  const info = `d${files}4:name1:n12:piece lengthi16384e${pieces}e`;
  return `d8:announce${announce.length}:${announce}4:info${info}e`;
}

Deno.test("commands that read a .torrent say what is wrong with it", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("garbage.torrent", "GIF89a");
  await folder.write("empty.torrent", "");
  await folder.write("cut.torrent", torrentWith(["a"]).slice(0, -30));
  await folder.write("list.torrent", "le");
  const commands = [
    ["show"],
    ["verify"],
    ["scrape"],
    ["download", ...ON_LOOPBACK],
    ["seed", ...ON_LOOPBACK],
  ];
  await Promise.all(commands.map((command) =>
    assertAllFail([
      [[...command, "missing.torrent"], 1, /missing\.torrent/],
      [[...command, "garbage.torrent"], 25, /garbage\.torrent/],
      [[...command, "empty.torrent"], 25, /empty\.torrent/],
      [[...command, "cut.torrent"], 25, /cut\.torrent/],
      [[...command, "list.torrent"], 26, /list\.torrent/],
    ], { cwd })
  ));
  await assertAllFail([
    [["show", "magnet:?xt=urn:btih:123"], 27, /[Mm]agnet/],
    [["create", "missing.txt"], 1, /missing\.txt/],
    [["seed", "missing.txt", ...ON_LOOPBACK], 1, /missing\.txt/],
  ], { cwd });
  const names = (await Array.fromAsync(Deno.readDir(cwd))).map(({ name }) => name).sort();
  const given = ["cut", "empty", "garbage", "list"].map((name) => `${name}.torrent`);
  assertEquals(names, given, "something was written");
});

Deno.test("commands and flags that do not exist are named, with the nearest that does", async () => {
  const programs = ["tracker", "peer", "create", "show", "verify", "download", "seed", "scrape"];
  await assertAllFail([
    [["dwonload", "x"], 28, /dwonload.*download/],
    ...programs.map((program): Case => [[program, "x", "--prot", "1"], 28, /--prot/]),
    [["show"], 28, /FILE/],
    [["tracker", "--port", "99999"], 28, /--port.*99999/],
    [["download", "x", "--download-limit", "fast"], 28, /--download-limit.*fast/],
    [["tracker", "--config", "/nowhere.json"], 28, /\/nowhere\.json/],
  ]);
});

Deno.test("a peer's ID cannot lead out of its folder, and one store has one peer", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await assertAllFail(
    ["a/b", "..", "../x", "", ".", "a b"].map((id): Case => [["peer", id], 28, /ID/]),
    { cwd },
  );
  assertEquals(await Array.fromAsync(Deno.readDir(cwd)), []);
  await using first = Vtorrent.peer("1", { tracker: NOBODY, cwd });
  await first.event("started");
  await assertAllFail([[["peer", "1", ...ON_LOOPBACK], 1, /peer_1.* in use/]], { cwd });
});

Deno.test("a verb that does not exist, and one that fails, leave the shell running", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  await using peer = Vtorrent.peer("1", { tracker: url, cwd });
  await peer.type("dwonload x");
  await peer.line(/^error: .*dwonload.*download/);
  await peer.type("send missing.pdf");
  await peer.line(/^error: .*missing\.pdf/);
  await peer.type("download missing.pdf");
  await peer.line(/^error: .*missing\.pdf/);
  await folder.write("here.pdf", patternBytes(10));
  await peer.type("send here.pdf");
  await peer.event("sent");
  await peer.closeInput();
  assertEquals((await peer.ended()).code, 1);
});

Deno.test("a port in use is named", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  const file = await folder.write("file.bin", patternBytes(100_000));
  await folder.write("it.torrent", torrentWith(["a"]));
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const where = ["--host", "127.0.0.1", "--port", String(port)];
  const says = new RegExp(`${port}.*in use`);
  await assertAllFail([
    [["tracker", ...where], 1, says],
    [["peer", "1", ...where], 1, says],
    [["seed", file, ...where], 1, says],
    [["download", "it.torrent", ...where], 1, says],
  ], { cwd });
});

Deno.test("a tracker that does not answer as one is told in its own words", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    return new URL(request.url).searchParams.get("passkey") === "html"
      ? new Response("<!doctype html><title>Login</title>", {
        headers: { "content-type": "text/html" },
      })
      : new Response("d14:failure reason19:torrent not allowede");
  });
  const base = `http://127.0.0.1:${server.addr.port}`;
  const trackers: [url: string, says: RegExp][] = [
    [NOBODY, /127\.0\.0\.1:1\b/],
    [`${base}/announce?passkey=html`, /HTML/],
    [`${base}/announce?passkey=no`, /torrent not allowed/],
  ];
  for (const [index, [url, says]] of trackers.entries()) {
    const torrent = await folder.write(`${index}.torrent`, torrentWith(["a"], url));
    assertFailed(await vtorrent(["scrape", torrent], { cwd }), 1, says);
    // A download waits for better times, so it says so and goes on until its own limit.
    const download = ["download", torrent, "--timeout", "1", ...ON_LOOPBACK];
    const ended = await vtorrent(download, { cwd });
    assertEquals(ended.code, 2, ended.stderr);
    assertMatch(ended.stderr, says);
  }
});

Deno.test("a folder without permission is named, and nothing is lost", async () => {
  await using folder = await TempFolder.make();
  await folder.write("open/file.bin", patternBytes(100_000));
  await Deno.mkdir(folder.at("closed"));
  await Deno.mkdir(folder.at("cache"));
  await folder.write("it.torrent", torrentWith(["a"]));
  // Root may do everything, so the program runs as nobody, from a place that everybody can read.
  const nobody = 65534;
  const root = Deno.uid() === 0;
  await Deno.copyFile(VTORRENT, folder.at("vtorrent"));
  await Deno.chmod(folder.path, 0o755);
  await Deno.chmod(folder.at("closed"), root ? 0o700 : 0o500);
  if (root) await Deno.chown(folder.at("cache"), nobody, nobody);
  const run = (...args: string[]): Promise<Ended> =>
    runToEnd(folder.at("vtorrent"), args, {
      cwd: folder.path,
      env: { XDG_CACHE_HOME: folder.at("cache") },
      ...(root ? { uid: nobody, gid: nobody } : {}),
    });
  const closed = folder.at("closed");
  const says = /[Pp]ermission|[Cc]annot write/;
  assertFailed(await run("create", folder.at("open/file.bin"), "-o", `${closed}/x`), 1, says);
  const download = ["download", folder.at("it.torrent"), "--dir", `${closed}/x`, ...ON_LOOPBACK];
  assertFailed(await run(...download), 1, says);
  assertFailed(await run("peer", "1", "--dir", `${closed}/peer`, ...ON_LOOPBACK), 1, says);
  assertEquals(await Array.fromAsync(Deno.readDir(closed)), []);
});

Deno.test("a full disk stops the download; with room again it goes on and completes", async () => {
  await using disk = await Tmpfs.mount("size=6m");
  if (disk === undefined) return;
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  const source = await folder.write("film.mp4", patternBytes(12_000_000));
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  const create = await vtorrent(["create", source, "--tracker", url], { cwd });
  assertEquals(create.code, 0, create.stderr);
  await using seed = new Vtorrent(["seed", "film.mp4.torrent", ...ON_LOOPBACK], { cwd });
  await seed.event("seeding");
  const download = ["download", "film.mp4.torrent", "--dir", disk.path, ...ON_LOOPBACK];
  assertFailed(await vtorrent(download, { cwd }), 9, /full|space/);
  await runToEnd("mount", ["-o", "remount,size=32m", disk.path]);
  const again = await vtorrent(download, { cwd });
  assertEquals(again.code, 0, again.stderr);
  assertEquals(await digestOf(`${disk.path}/film.mp4`), await digestOf(source));
});
