import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";
import { isInstalled } from "../../support/other_clients.ts";
import { patternBytes, TempFolder } from "../../support/temp_folder.ts";
import { TestWorld } from "../../support/test_world.ts";
import { FLAGS } from "../../../shell/flags/flags.ts";
import { PROGRAMS } from "../../../shell/programs/mod.ts";
import { runProgram } from "../../../shell/program.ts";

async function run(
  folder: TempFolder,
  ...args: string[]
): Promise<{ status: number; out: string; err: string }> {
  const world = new TestWorld({ args, cwd: folder.path });
  const status = await runProgram(world);
  return { status, out: world.stdout.text, err: world.stderr.text };
}

Deno.test("edit changes trackers and comment, never the info hash; link prints the magnet", async () => {
  await using folder = await TempFolder.make();
  await folder.write("a b.bin", patternBytes(20_000));
  await run(folder, "create", "a b.bin", "--tracker", "10.0.0.1:1");
  const show = async () => JSON.parse((await run(folder, "show", "a b.bin.torrent", "--json")).out);
  const before = await show();
  const edit = (...flags: string[]) => run(folder, "edit", "a b.bin.torrent", ...flags);

  assertEquals(
    (await edit("--add-tracker", "10.0.0.2:2", "--add-tracker", "10.0.0.1:1")).status,
    0,
  );
  assertEquals(
    (await edit("--comment", "for the class", "--web-seed", "http://h/a%20b.bin")).status,
    0,
  );
  const after = await show();
  assertEquals(after, {
    ...before,
    trackers: [["http://10.0.0.1:1/announce"], ["http://10.0.0.2:2/announce"]],
    comment: "for the class",
    web_seeds: ["http://h/a%20b.bin"],
  });
  const { out } = await run(folder, "link", "a b.bin.torrent");
  assertStringIncludes(out, `magnet:?xt=urn:btih:${before.info_hash}&dn=a%20b.bin`);
  assertStringIncludes(out, "tr=http%3A%2F%2F10.0.0.2%3A2%2Fannounce");

  await edit("--remove-tracker", "10.0.0.1:1");
  assertEquals((await show()).trackers, [["http://10.0.0.2:2/announce"]]);
  const unknown = await edit("--remove-tracker", "10.0.0.9:9");
  assertEquals(unknown.status, 1);
  assertMatch(unknown.err, /10\.0\.0\.9:9 is not among its trackers: http:\/\/10\.0\.0\.2:2/);
  assertEquals((await edit()).status, 28);
  await edit("--remove-tracker", "all", "-o", "other.torrent");
  assertEquals((await show()).trackers.length, 1, "the first file stays as it was");
  assertEquals((await edit("--comment", "", "-o", "other.torrent")).status, 13);
});

Deno.test("create objects to what is rarely meant, unless it is allowed by name", async () => {
  await using folder = await TempFolder.make();
  await folder.write("x", patternBytes(100));
  const refused = await run(folder, "create", "x", "--private");
  assertEquals(refused.status, 1);
  assertMatch(refused.err, /private torrent without a tracker.*--allow private-trackerless/);
  assertEquals(await folder.exists("x.torrent"), false);
  const large = await run(folder, "create", "x", "--piece-length", "32M");
  assertMatch(large.err, /pieces of 32\.0 MiB: .*--allow large-piece-length/);
  const typo = await run(folder, "create", "x", "--private", "--allow", "private-trackerles");
  assertEquals(typo.status, 28);
  assertMatch(typo.err, /Did you mean "private-trackerless"\?/);
  const allowed = await run(folder, "create", "x", "--private", "--allow", "private-trackerless");
  assertEquals([allowed.status, allowed.err], [0, ""]);
});

Deno.test("edit is as careful as create: lints, web seeds, links, permissions, unknown keys", async () => {
  await using folder = await TempFolder.make();
  await folder.write("x", patternBytes(100));
  await run(folder, "create", "x", "--private", "--tracker", "10.0.0.1:1", "-o", "real.torrent");
  const before = await folder.read("real.torrent");
  for (const flags of [["--remove-tracker", "all"], ["--web-seed", "ftp://h/x"]]) {
    const refused = await run(folder, "edit", "real.torrent", ...flags);
    assert(refused.status !== 0, refused.out);
    assertEquals(await folder.read("real.torrent"), before);
  }
  const lint = await run(folder, "edit", "real.torrent", "--remove-tracker", "all");
  assertMatch(lint.err, /private torrent without a tracker.*--allow private-trackerless/);

  // A link stays a link, and what it names stays as closed as it was.
  await Deno.symlink("real.torrent", folder.at("link.torrent"));
  await Deno.chmod(folder.at("real.torrent"), 0o600);
  const edited = await run(folder, "edit", "link.torrent", "--comment", "new");
  assertEquals(edited.status, 0, edited.err);
  assert((await Deno.lstat(folder.at("link.torrent"))).isSymlink);
  const { isSymlink, mode } = await Deno.lstat(folder.at("real.torrent"));
  assertEquals([isSymlink, mode! & 0o777], [false, 0o600]);
  assertStringIncludes((await run(folder, "show", "real.torrent")).out, "new");
  const allow = ["--allow", "private-trackerless"];
  const allowed = await run(folder, "edit", "real.torrent", "--remove-tracker", "all", ...allow);
  assertEquals(allowed.status, 0, allowed.err);
});

Deno.test("the manual page names every program and flag, and man can read it", async () => {
  await using folder = await TempFolder.make();
  const { out } = await run(folder, "man");
  for (const { name } of PROGRAMS) assertStringIncludes(out, `vtorrent ${name}`);
  for (const name of Object.keys(FLAGS)) assert(out.includes(name.replaceAll("-", "\\-")), name);
  if (!await isInstalled("mandoc", "mandoc", ["-T", "lint", "/dev/null"])) return;
  const page = await folder.write("vtorrent.1", out);
  const { stdout } = await new Deno.Command("mandoc", { args: ["-T", "lint", "-W", "error", page] })
    .output();
  assertEquals(new TextDecoder().decode(stdout), "");
});
