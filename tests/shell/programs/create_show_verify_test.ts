import { assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { assertGolden } from "../../support/golden.ts";
import { patternBytes, TempFolder } from "../../support/temp_folder.ts";
import { TestWorld, type TestWorldOptions } from "../../support/test_world.ts";
import { runProgram } from "../../../shell/program.ts";

async function run(
  folder: TempFolder,
  args: readonly string[],
  options: Partial<TestWorldOptions> = {},
): Promise<{ status: number; out: string; err: string; world: TestWorld }> {
  const world = new TestWorld({ args, cwd: folder.path, ...options });
  const status = await runProgram(world);
  return { status, out: world.stdout.text, err: world.stderr.text, world };
}

/** `course/a.bin`, `course/sub/b ü.txt`, an empty file. */
async function course(): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await folder.write("course/a.bin", patternBytes(100_000));
  await folder.write("course/sub/b ü.txt", "hello");
  await folder.write("course/empty", "");
  return folder;
}

Deno.test("create, show and verify agree about a folder", async () => {
  await using folder = await course();
  const args = [
    "create",
    "course",
    "--tracker",
    "127.0.0.1:8000",
    "--piece-length",
    "32k",
    "--json",
  ];
  const created = await run(folder, args);
  assertEquals([created.status, created.err], [0, ""]);
  const { event, info_hash: infoHash, torrent } = JSON.parse(created.out);
  assertEquals([event, torrent], ["created", folder.at("course.torrent")]);

  const shown = JSON.parse((await run(folder, ["show", "course.torrent", "--json"])).out);
  const files = shown.files.toSorted((a: { path: string }, b: { path: string }) =>
    a.path < b.path ? -1 : 1
  );
  assertEquals({ ...shown, created_by: "", files }, {
    event: "show",
    name: "course",
    info_hash: infoHash,
    info_hash_v2: null,
    piece_length: 32768,
    piece_count: 4,
    total_size: 100_005,
    private: false,
    trackers: [["http://127.0.0.1:8000/announce"]],
    web_seeds: [],
    comment: null,
    created_by: "",
    creation_date: null,
    source: null,
    files: [
      { path: "course/a.bin", length: 100_000 },
      { path: "course/empty", length: 0 },
      { path: "course/sub/b ü.txt", length: 5 },
    ],
    left_out: [],
  });

  const verified = await run(folder, ["verify", "course.torrent", "--json"]);
  assertEquals(verified.status, 0);
  const { pieces_total: total, pieces_good: good, complete } = JSON.parse(verified.out);
  assertEquals([total, good, complete], [4, 4, true]);
});

Deno.test("create follows links inside of a folder; others are told and left out, loops end", async () => {
  await using folder = await course();
  await folder.write("secret", "outside");
  for (
    const [target, name] of [
      ["a.bin", "copy.bin"],
      ["sub", "again"],
      ["../secret", "out"],
      ["nothing", "gone"],
      ["..", "up"],
      ["../course", "sub/loop"],
      ["../again", "sub/round"],
    ] as const
  ) await Deno.symlink(target, folder.at(`course/${name}`));
  const { status, out, err } = await run(folder, ["create", "course", "--json"]);
  assertEquals([status, err], [0, ""]);
  const { left_out: leftOut } = JSON.parse(out);
  const shown = JSON.parse((await run(folder, ["show", "course.torrent", "--json"])).out);
  assertEquals(shown.files.map(({ path }: { path: string }) => path), [
    "course/a.bin",
    "course/again/b ü.txt",
    "course/copy.bin",
    "course/empty",
    "course/sub/b ü.txt",
  ]);
  for (
    const told of [/out is a link that leads out of/, /gone is a link that leads nowhere/, /circle/]
  ) assertEquals(leftOut.some((text: string) => told.test(text)), true, `${told}`);
  assertEquals((await run(folder, ["verify", "course.torrent"])).status, 0);

  await Deno.mkdir(folder.at("links"));
  await Deno.symlink("../secret", folder.at("links/only"));
  const nothing = await run(folder, ["create", "links"]);
  assertEquals(nothing.status, 1);
  assertStringIncludes(nothing.err, "only is a link that leads out of");
});

Deno.test("create never hashes what it writes, and looks before it hashes", async () => {
  await using folder = await course();
  const inside = (...args: string[]) =>
    run(folder, ["create", ".", "--json", ...args], { cwd: folder.at("course") });
  const first = await inside();
  assertEquals(first.status, 0, first.err);
  assertEquals((await inside()).status, 13);
  const second = await inside("--force");
  const hashOf = ({ out }: { out: string }) => JSON.parse(out).info_hash;
  assertEquals([second.status, hashOf(second)], [0, hashOf(first)]);
  const missing = await inside("-o", "no/where.torrent");
  assertEquals(missing.status, 1);
  assertStringIncludes(missing.err, "there is no folder");
});

Deno.test("verify names what is broken and leaves with 32", async () => {
  await using folder = await course();
  await run(folder, ["create", "course", "--piece-length", "32k", "-q"]);
  await folder.write("course/a.bin", patternBytes(100_000, 7));
  await Deno.remove(folder.at("course/empty"));
  const { status, out, err } = await run(folder, ["verify", "course.torrent"]);
  assertEquals(status, 32);
  assertStringIncludes(err, "error: course/a.bin does not match its hashes in pieces 0-2\n");
  assertStringIncludes(err, "error: course/empty is missing\n");
  assertStringIncludes(
    err,
    "error: course/sub/b ü.txt cannot be told: it shares piece 3, which is not good, with course/a.bin (bad)\n",
  );
  assertStringIncludes(out, "verdict\tcannot be told\tfile\tcourse/sub/b ü.txt");
  assertStringIncludes(out, "good pieces\t0\nall pieces\t4\ncomplete\tno");
});

Deno.test("verify says of each file what it found, and takes several torrents", async () => {
  await using folder = await course();
  await folder.write("alone.bin", patternBytes(50_000));
  for (const path of ["course", "alone.bin"]) {
    await run(folder, ["create", path, "--piece-length", "32k", "-q"]);
  }
  const both = ["verify", "course.torrent", "alone.bin.torrent"];
  assertEquals((await run(folder, both)).status, 0);

  await Deno.remove(folder.at("course/sub/b ü.txt"));
  await Deno.writeFile(folder.at("alone.bin"), patternBytes(9), { append: true });
  const { status, out } = await run(folder, [...both, "--json"]);
  assertEquals(status, 32);
  const [first, second] = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals([first.event, first.name, first.complete], ["verified", "course", false]);
  const ofA = first.files.find(({ path }: { path: string }) => path === "course/a.bin");
  assertEquals([ofA.verdict, ofA.good, ofA.bad_pieces, ofA.unknown_pieces, ofA.shared_with], [
    "unknown",
    false,
    [],
    [3],
    ["course/sub/b ü.txt"],
  ]);
  assertEquals([second.name, second.pieces_good, second.complete], ["alone.bin", 2, false]);
  assertEquals([second.files[0].verdict, second.files[0].actual_length], ["bad", 50_009]);

  // One that is none says nothing of the others, and decides the exit status.
  const mixed = await run(folder, ["verify", "course.torrent", "missing.torrent", "alone.bin"]);
  assertEquals(mixed.status, 1);
  assertStringIncludes(mixed.err, "course/sub/b ü.txt is missing");
  assertStringIncludes(mixed.err, "missing.torrent");
});

Deno.test("show reads standard input, and create writes standard output", async () => {
  await using folder = await course();
  const created = await run(folder, ["create", "course", "-o", "-"]);
  assertEquals([created.status, created.out], [0, ""]);
  await folder.write("copy.torrent", created.world.stdout.bytes);
  const shown = await run(folder, ["show", "copy.torrent"]);
  assertStringIncludes(shown.out, "name\tcourse\ninfo hash\t");
  const magnet = await run(folder, [
    "show",
    "magnet:?xt=urn:btih:" + "ab".repeat(20) + "&dn=x",
    "--json",
  ]);
  assertEquals(JSON.parse(magnet.out).info_hash, "ab".repeat(20));
});

Deno.test("show lays out for a terminal, in the order of imdl", async () => {
  await using folder = await course();
  const trackers = ["--tracker", "10.0.0.1", "--tracker", "10.0.0.2"];
  await run(folder, ["create", "course", ...trackers, "--comment", "Week 1"]);
  for (const columns of [80, 120]) {
    const env = { NO_COLOR: "1", LC_ALL: "C.UTF-8" };
    const { out } = await run(folder, ["show", "course.torrent"], { columns, env });
    await assertGolden(`show_${columns}`, out);
  }
});

Deno.test("one clear line and the documented status for what is wrong", async () => {
  await using folder = await course();
  await folder.write("garbage.torrent", "this is no bencode");
  await folder.write("empty.torrent", "");
  await folder.write("login.torrent", "\n<!DOCTYPE html><html>");
  await folder.write("list.torrent", "le");
  await folder.write("there.torrent", "x");
  await folder.write("bad.json", "{");
  const cases: [string[], number, string][] = [
    [["show", "missing.torrent"], 1, "No such file or folder"],
    [["show", "garbage.torrent"], 25, "garbage.torrent is no .torrent"],
    [["show", "login.torrent"], 25, "login.torrent is no .torrent but a page of the web"],
    [["peer", "1", "2"], 28, "got 2: 1, 2. vtorrent --help"],
    [["create", "course", "-o", "no/where.torrent"], 1, "there is no folder"],
    [["show", "empty.torrent"], 25, "empty.torrent is empty"],
    [["show", "list.torrent"], 26, "list.torrent cannot be used"],
    [["show", "course"], 26, "is a folder"],
    [["show", "magnet:?dn=x"], 27, ""],
    [["create", "missing"], 1, "missing"],
    [["create", "course", "-o", "there.torrent"], 13, "there.torrent exists"],
    [["create", "course", "--piece-length", "3k"], 28, "power of two"],
    [["create", "course", "--tracker", "ftp://x"], 28, "ftp://x"],
    [["verify", "garbage.torrent"], 25, "garbage.torrent"],
    [["scrape", "garbage.torrent"], 25, "garbage.torrent"],
    [["download", "garbage.torrent", "--port", "0", "--host", "127.0.0.1"], 25, "garbage.torrent"],
    [["seed", "missing", "--port", "0"], 1, "missing"],
    [["show", "x", "--config", "bad.json"], 28, "bad.json is not JSON"],
    [["completions", "tcsh"], 28, "bash, zsh or fish"],
    [["peer", "../x"], 28, '"../x" cannot be a peer\'s ID'],
    [["peer", "a/b"], 28, "letters, digits"],
    [["tracker", "--prot", "1"], 28, "Did you mean --port?"],
  ];
  for (const [args, expected, message] of cases) {
    const { status, out, err } = await run(folder, args);
    assertEquals([status, out], [expected, ""], `${args.join(" ")}: ${err}`);
    assertStringIncludes(err, message);
    assertEquals(err.startsWith("error: ") && err.indexOf("\n") === err.length - 1, true, err);
    assertEquals(/\bat .*\.ts:\d/.test(err), false, err);
  }
});

for (const kind of ["hybrid", "v2"] as const) {
  Deno.test(`create, show and verify agree about a ${kind} torrent (BEP 52)`, async () => {
    await using folder = await course();
    const args = ["create", "course", `--${kind}`, "--piece-length", "32k", "--json"];
    const created = JSON.parse((await run(folder, args)).out);
    const shown = JSON.parse((await run(folder, ["show", "course.torrent", "--json"])).out);
    assertEquals(shown.info_hash, kind === "v2" ? null : created.info_hash);
    assertEquals(shown.info_hash_v2, created.info_hash_v2);
    assertEquals(shown.info_hash_v2.length, 64);
    // Each file begins a piece: four of the first, one of the other.
    assertEquals([shown.piece_count, shown.files.length], [5, 3]);
    const link = JSON.parse((await run(folder, ["show", created.magnet, "--json"])).out);
    assertEquals([link.info_hash, link.info_hash_v2], [shown.info_hash, shown.info_hash_v2]);

    const whole = JSON.parse((await run(folder, ["verify", "course.torrent", "--json"])).out);
    assertEquals([whole.pieces_good, whole.complete], [5, true]);
    await folder.write("course/sub/b ü.txt", "hallo");
    const damaged = await run(folder, ["verify", "course.torrent", "--json"]);
    assertEquals(damaged.status, 32);
    const { pieces_good: good, files } = JSON.parse(damaged.out);
    assertEquals(good, 4);
    assertEquals(
      files.filter((file: { good: boolean }) => !file.good).map(({ path }: { path: string }) =>
        path
      ),
      ["course/sub/b ü.txt"],
    );
  });
}

Deno.test("show refuses a piece layer that is not its file's", async () => {
  await using folder = await course();
  await run(folder, ["create", "course", "--v2", "--piece-length", "32k"]);
  const bytes = await folder.read("course.torrent");
  bytes[bytes.length - 10]! ^= 1;
  await folder.write("course.torrent", bytes);
  const { status, err } = await run(folder, ["show", "course.torrent"]);
  assertEquals(status, 26);
  assertStringIncludes(err, "does not match its file's root");
});

Deno.test("create makes one kind of torrent", async () => {
  await using folder = await course();
  const { status, err } = await run(folder, ["create", "course", "--v1", "--v2"]);
  assertEquals(status, 28);
  assertStringIncludes(err, "choose one of them");
});
