/**
 * The one file: what a person who was handed `./vtorrent` relies on.
 *
 * @module
 */
import { join } from "@std/path";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";

const BUILD = join(import.meta.dirname!, "..", "..", "scripts", "build.ts");

/** Tells what reached it, then leaves with the status it is told. */
const PROBE = `
const stdin = await new Response(Deno.stdin.readable).text();
const attempt = (run) => { try { return run(); } catch (error) { return error.name; } };
const self = Deno.env.get("VTORRENT_EXE");
console.log(JSON.stringify({
  args: Deno.args,
  stdin,
  self,
  secret: Deno.env.get("SECRET") ?? null,
  own: Deno.env.get("VTORRENT_PORT") ?? null,
  foreign: attempt(() => new Deno.Command("/bin/true").spawn()),
  library: Deno.permissions.querySync({ name: "ffi" }).state,
  again: Deno.args[0] === "again"
    ? new TextDecoder().decode(new Deno.Command(self, { args: ["inner"] }).outputSync().stdout)
    : null,
}));
Deno.exit(Number(Deno.env.get("VTORRENT_STATUS") ?? 0));
`;

interface Told {
  args: string[];
  stdin: string;
  self: string;
  secret: string | null;
  own: string | null;
  foreign: string;
  library: string;
  again: string | null;
}

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Builds `source` as a program; the path of the file. */
async function build(
  folder: TempFolder,
  name: string,
  source: string,
  options: { args?: string[]; env?: Record<string, string> } = {},
): Promise<{ file: string; said: Ended }> {
  const main = await folder.write("main.ts", source);
  const file = folder.at(name);
  const args = ["run", "--allow-all", BUILD, "--main", main, "--output", file];
  const said = await run(Deno.execPath(), [...args, ...options.args ?? []], {
    env: options.env ?? {},
  });
  return { file, said };
}

async function run(
  command: string,
  args: string[],
  options: { env?: Record<string, string>; stdin?: string; cwd?: string; uid?: number } = {},
): Promise<Ended> {
  const { stdin, ...rest } = options;
  await using child = new Deno.Command(command, {
    args,
    ...rest,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A program that ends without reading closes the pipe; that is not what is tested.
  await writer.write(new TextEncoder().encode(stdin ?? "")).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test({
  name: "the self-extracting file runs where there is no Deno",
  ignore: Deno.build.os === "windows",
  async fn(t) {
    await using folder = await TempFolder.make();
    const { file, said } = await build(folder, "a program", PROBE, {
      args: ["--self-extracting"],
    });
    assertEquals(said.code, 0, said.stderr);
    assertStringIncludes(said.stdout, "self-extracting");
    assert(await folder.exists("a program"));
    // Nothing but what every POSIX system has, and a cache of its own.
    const bare = { env: { XDG_CACHE_HOME: folder.at("cache"), PATH: "/usr/bin:/bin" } };
    const tell = async (...options: Parameters<typeof run>): Promise<Told> => {
      const { code, stdout, stderr } = await run(...options);
      assertEquals({ code, stderr }, { code: 0, stderr: "" });
      return JSON.parse(stdout);
    };

    await t.step("first starts at once all run, and leave one whole cache", async () => {
      const starts = ["1", "2", "3", "4", "5", "6"];
      const told = await Promise.all(starts.map((arg) => tell(file, [arg], bare)));
      assertEquals(told.map(({ args }) => args), starts.map((arg) => [arg]));
      const left = await Array.fromAsync(walk(folder.at("cache")));
      assertEquals(left.filter((path) => path.endsWith(".part")), []);
    });

    await t.step("a tracker alone may call the C library", async () => {
      const told = await Promise.all(["tracker", "peer"].map((arg) => tell(file, [arg], bare)));
      assertEquals(told.map(({ library }) => library), ["granted", "denied"]);
    });

    await t.step("arguments, stdin and exit status are untouched", async () => {
      const args = ["--flag", "two words", "", "--", "*", "--version"];
      const stdin = "line 1\nline 2";
      const env = { ...bare.env, VTORRENT_STATUS: "32" };
      const { code, stdout } = await run(file, args, { env, stdin });
      assertEquals(code, 32);
      const told: Told = JSON.parse(stdout);
      assertEquals([told.args, told.stdin, told.self], [args, stdin, file]);
    });

    await t.step(
      "it may start itself and nothing else, and sees no foreign variables",
      async () => {
        const env = { ...bare.env, SECRET: "x", VTORRENT_PORT: "1" };
        const told = await tell(file, ["again"], { env });
        assertEquals([told.foreign, told.secret, told.own], ["NotCapable", null, "1"]);
        assertEquals((JSON.parse(told.again ?? "") as Told).args, ["inner"]);
      },
    );

    await t.step("a relative path, PATH and a symbolic link start it as well", async () => {
      await Deno.symlink(file, folder.at("link"));
      const path = `${folder.path}:${bare.env.PATH}`;
      const inFolder = { ...bare, cwd: folder.path };
      assertEquals((await tell("./link", [], inFolder)).self, folder.at("link"));
      assertEquals(
        (await tell("env", ["link", "again"], { env: { ...bare.env, PATH: path } })).self,
        folder.at("link"),
      );
      assertEquals((await tell("sh", ["a program"], inFolder)).self, file);
    });

    await t.step("a half-written cache is made whole", async () => {
      for await (const path of walk(folder.at("cache"))) {
        if (/\/(deno|program\/vtorrent\.js)$/.test(path)) await Deno.truncate(path, 1000);
      }
      assertEquals((await tell(file, ["1"], bare)).args, ["1"]);
    });

    /** Puts a script of the same size in the place of the unpacked runtime. */
    const swapRuntime = async (cache: string): Promise<string> => {
      const [runtime] = (await Array.fromAsync(walk(cache))).filter((path) =>
        /\/vtorrent\/[^/]+\/deno$/.test(path)
      );
      const { size } = await Deno.stat(runtime!);
      const foreign = `${runtime}.foreign`;
      await Deno.writeTextFile(foreign, "#!/bin/sh\necho foreign\n", { mode: 0o755 });
      await Deno.truncate(foreign, size);
      await Deno.rename(foreign, runtime!);
      return runtime!;
    };

    await t.step("another runtime of the same size is not run, but replaced", async () => {
      await swapRuntime(folder.at("cache"));
      assertEquals((await tell(file, ["1"], bare)).args, ["1"]);
      assertEquals((await tell(file, ["2"], bare)).args, ["2"]);
    });

    await t.step("after the next boot what a disk lost is found", async () => {
      const paths = await Array.fromAsync(walk(folder.at("cache")));
      const program = paths.find((path) => path.endsWith("/program/vtorrent.js"))!;
      const checked = paths.find((path) => path.endsWith("/checked"))!;
      const { size } = await Deno.stat(program);
      using bytes = await Deno.open(program, { write: true });
      await bytes.write(new TextEncoder().encode("//".padEnd(size)));
      const known = await Deno.readTextFile(checked);
      await Deno.writeTextFile(checked, known.replace(/^[0-9a-f]+/, "another"));
      assertEquals((await tell(file, ["1"], bare)).args, ["1"]);
      assertEquals((await Deno.stat(program)).size, size);
    });

    await t.step("a cache that others may write to is not used: TMPDIR serves", async () => {
      for (const part of ["", "/vtorrent"]) {
        const cache = folder.at(`shared${part === "" ? "" : " folder"}`);
        const tmp = folder.at(`tmp of ${cache.length}`);
        await Deno.mkdir(tmp);
        const env = { ...bare.env, XDG_CACHE_HOME: cache, TMPDIR: tmp };
        await tell(file, ["1"], { env });
        await Deno.chmod(`${cache}${part}`, 0o777);
        await swapRuntime(cache);
        assertEquals((await tell(file, ["2"], { env })).args, ["2"]);
        assert((await Array.fromAsync(Deno.readDir(tmp))).length > 0);
      }
    });

    await t.step("a runtime that others may write to is not run", async () => {
      const cache = folder.at("cache");
      const runtime = (await Array.fromAsync(walk(cache))).find((path) =>
        /\/vtorrent\/[^/]+\/deno$/.test(path)
      )!;
      await Deno.chmod(runtime, 0o775);
      assertEquals((await tell(file, ["1"], bare)).args, ["1"]);
      assertEquals((await Deno.stat(runtime)).mode! & 0o022, 0);
    });

    await t.step({
      name: "what root unpacked into VTORRENT_CACHE serves those who can write nothing",
      ignore: Deno.uid() !== 0,
      async fn() {
        const nowhere = folder.at("nowhere");
        const cache = folder.at("for all");
        const env = { PATH: bare.env.PATH, VTORRENT_CACHE: cache, TMPDIR: nowhere };
        await tell(file, ["1"], { env });
        const before = await Array.fromAsync(walk(cache));
        await Deno.chmod(folder.path, 0o755);
        const nobody = { env, uid: 65_534, cwd: "/" };
        assertEquals((await tell(file, ["2"], nobody)).args, ["2"]);
        assertEquals(await Array.fromAsync(walk(cache)), before);
        await Deno.chown(cache, 65_533, null);
        const { code, stderr } = await run(file, [], nobody);
        assertEquals(code, 1, "a third person's is not run");
        assertMatch(stderr, /Cannot unpack/);
      },
    });

    await t.step("a VTORRENT_CACHE that is no whole path is named", async () => {
      const { code, stderr } = await run(file, [], {
        env: { ...bare.env, VTORRENT_CACHE: "here" },
      });
      assertEquals([code, stderr], [
        28,
        'vtorrent: VTORRENT_CACHE is "here": give the whole path, from / on\n',
      ]);
    });

    await t.step("where the cache cannot be written, TMPDIR serves", async () => {
      await folder.write("no folder", "");
      await Deno.mkdir(folder.at("tmp"));
      const env = { ...bare.env, TMPDIR: folder.at("tmp"), XDG_CACHE_HOME: folder.at("no folder") };
      assertEquals((await tell(file, ["1"], { env })).args, ["1"]);
    });

    await t.step("where nothing can be written, one line says what to do", async () => {
      const nowhere = folder.at("no folder");
      const env = { ...bare.env, TMPDIR: nowhere, XDG_CACHE_HOME: nowhere };
      const { code, stdout, stderr } = await run(file, [], { env });
      assertEquals([code, stdout], [1, ""]);
      assertMatch(stderr, /^vtorrent: Cannot unpack into .*Set VTORRENT_CACHE to a folder.*\n$/);
    });
  },
});

Deno.test("deno compile embeds the bundled program and its permissions", async () => {
  await using folder = await TempFolder.make();
  // Any executable may stand in for the base; it does not run the program, but carries it.
  const { file, said } = await build(folder, "compiled", "console.log('the embedded program');", {
    env: { DENORT_BIN: Deno.execPath() },
  });
  assertEquals([said.code, said.stderr], [0, ""]);
  const [base, made] = [await Deno.readFile(Deno.execPath()), await Deno.readFile(file)];
  const embedded = new TextDecoder().decode(made.subarray(base.length - 1_000_000));
  assertStringIncludes(embedded, "the embedded program");
  assertStringIncludes(embedded, "VTORRENT_*");
});

Deno.test("a build for another processor is made by deno compile, or not at all", async () => {
  await using folder = await TempFolder.make();
  const target = (triple: string) => ({
    args: ["--target", triple],
    env: { DENORT_BIN: Deno.execPath() },
  });
  const made = await build(folder, "made", PROBE, target("aarch64-unknown-linux-gnu"));
  assertEquals([made.said.code, made.said.stderr], [0, ""]);
  assert(!made.said.stdout.includes("self-extracting"), made.said.stdout);
  assert((await Deno.stat(made.file)).isFile);
  // What this machine's Deno runs would not run there: nothing is made in its place.
  const { said } = await build(folder, "unmade", PROBE, target("pdp11-unknown-unix"));
  assertEquals([said.code, said.stdout], [1, ""]);
  assertMatch(said.stderr, /^error: deno compile for pdp11-unknown-unix: .*aarch64.*\n$/);
  assertEquals(await folder.exists("unmade"), false);
});

async function* walk(folder: string): AsyncIterable<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* walk(path);
    else yield path;
  }
}
