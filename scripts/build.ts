/**
 * Makes `./vtorrent`, one executable file for machines without Deno.
 *
 * With `deno compile`; where the runtime base that it wants cannot be downloaded, as a
 * self-extracting file (`self_extracting.sh`) of the same program and this Deno executable. Both
 * hold the same bundle and the same permissions.
 *
 *     deno task build [--output FILE] [--self-extracting | --target TRIPLE] [--main FILE]
 *
 * For another system or processor (`--target aarch64-unknown-linux-gnu`) it is `deno compile` or
 * nothing: this machine's Deno does not run there.
 *
 * @module
 */
import { join, parse } from "@std/path";
import { Buffer } from "node:buffer";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import process from "node:process";

const ROOT = join(import.meta.dirname!, "..");
/** What is slow to make and rarely changes: the compressed Deno executable. Git ignores it. */
const CACHE = join(ROOT, "node_modules", ".cache", "vtorrent");
/** Longest that `deno compile` may take: its download, on a network that swallows packets. */
const COMPILE_TIMEOUT = 120_000;

/** The program's first file; the others are chunks that it imports. */
const ENTRY = "vtorrent.js";

/** The environment variables that the program may read; all others look unset to it. */
const ENVIRONMENT = [
  "COLORTERM",
  "COLUMNS",
  "DISPLAY",
  "FORCE_COLOR",
  "HOME",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "NO_COLOR",
  "PAGER",
  "TERM",
  "TERM_PROGRAM",
  "VTORRENT_*",
  "WAYLAND_DISPLAY",
  "WT_SESSION",
];

/**
 * What the program may do, however it is packed. Files and addresses are what people name at run
 * time, so these two cannot be narrower. Not among them: imports, and starting programs and
 * calling foreign libraries, which are added below as narrowly as each packing allows.
 */
export const PERMISSIONS: readonly string[] = [
  "--no-prompt",
  "--unstable-net",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--ignore-env",
  `--allow-env=${ENVIRONMENT.join(",")}`,
  "--allow-sys=hostname,networkInterfaces,statfs",
];

/**
 * Half of the young generation that V8 takes otherwise, 32 MiB: a tracker whose garbage is never old
 * filled all of it, and no work here is slower with this.
 */
const V8_FLAGS = "--v8-flags=--max-semi-space-size=16";

/** Everything that makes a start fast and keeps it from looking around. */
const RUN_FLAGS = [
  "--quiet",
  "--no-config",
  "--no-lock",
  "--no-check",
  "--no-npm",
  "--no-remote",
  "--cached-only",
];

if (import.meta.main) {
  const target = flagValue("--target");
  const suffix = isWindows(target) ? ".exe" : "";
  const output = flagValue("--output") ?? join(ROOT, `vtorrent${suffix}`);
  const main = flagValue("--main") ?? join(ROOT, "main.ts");
  const program = await Deno.makeTempDir({ prefix: "vtorrent_build_" });
  try {
    // In chunks, so that a start reads what it needs, and small: a third of the time of a start.
    const flags = ["--quiet", "--minify", "--code-splitting", "--platform", "deno"];
    await deno(["bundle", ...flags, "--outdir", program, main]);
    await Deno.rename(join(program, `${parse(main).name}.js`), join(program, ENTRY));
    await dropIdleImports(program);
    const wanted = Deno.args.includes("--self-extracting");
    const problem = wanted ? "not asked for" : await compile(program, output, target);
    if (problem !== undefined) {
      if (target !== undefined) await refuse(program, `deno compile for ${target}: ${problem}`);
      say(`deno compile: ${problem}; making the self-extracting file in its place`);
      await makeSelfExtracting(program, output);
    }
    const { size } = await Deno.stat(output);
    say(`${output}: ${(size / 2 ** 20).toFixed(1)} MiB`);
  } finally {
    await Deno.remove(program, { recursive: true });
  }
}

/**
 * Has chunks no longer import, for nothing but its effects, the one that makes `require`: it has none,
 * and Node's modules behind it are a third of the time of the shortest start.
 */
async function dropIdleImports(program: string): Promise<void> {
  const chunks = new Map<string, string>();
  for await (const { name } of Deno.readDir(program)) {
    chunks.set(name, await Deno.readTextFile(join(program, name)));
  }
  const maker = [...chunks].find(([, text]) => text.includes("__deno_internal_createRequire"))?.[0];
  for (const [name, text] of chunks) {
    await Deno.writeTextFile(join(program, name), text.replace(`import"./${maker}";`, ""));
  }
}

/**
 * `deno compile`. The path of the result is not known yet, so `--allow-run` cannot be limited to it
 * as the self-extracting file does; main.ts gives it up first thing where it does not need it, and
 * foreign libraries as soon as a tracker has what it needs of them.
 *
 * @returns why it did not work out, or undefined
 */
async function compile(
  program: string,
  output: string,
  target: string | undefined,
): Promise<string | undefined> {
  const flags = ["--no-config", "--no-lock", "--no-check", "--app-name", "vtorrent"];
  if (target !== undefined) flags.push("--target", target);
  const args = [
    "compile",
    "--quiet",
    V8_FLAGS,
    ...flags,
    ...PERMISSIONS,
    "--allow-run",
    "--allow-ffi",
  ];
  // Windows runs nothing without this ending, so Deno adds it where it is missing.
  const part = `${partOf(output)}${isWindows(target) ? ".exe" : ""}`;
  try {
    await deno([...args, "--output", part, join(program, ENTRY)]);
    await Deno.rename(part, output);
  } catch (error) {
    const { message } = error as Error;
    return /^\s*\d+: (client error|error sending request)/m.test(message)
      ? "its runtime base cannot be downloaded here"
      : message.split("\n", 1)[0]!.replace(/^error: /, "");
  }
}

/** Whether the program is for Windows: by its target, or as this Deno is. */
function isWindows(target = Deno.build.target): boolean {
  return target.includes("windows");
}

/** Ends the build with one sentence. */
async function refuse(program: string, why: string): Promise<never> {
  await Deno.remove(program, { recursive: true });
  // deno-lint-ignore no-console
  console.error(`error: ${why}`);
  Deno.exit(1);
}

/**
 * Has chunks that are imported when they are needed named where the runtime does not look for names
 * before it starts: it would read all of them at every start. Not for `deno compile`, which packs what
 * it finds by these names.
 */
async function hideLazyChunks(program: string): Promise<void> {
  const chunks = new Set((await Array.fromAsync(Deno.readDir(program))).map(({ name }) => name));
  for (const chunk of chunks) {
    const path = join(program, chunk);
    const text = await Deno.readTextFile(path);
    const hidden = text.replace(
      /\bimport\("\.\/([\w-]+\.js)"\)/g,
      (whole, name: string) => chunks.has(name) ? `import((()=>"./${name}")())` : whole,
    );
    await Deno.writeTextFile(path, hidden);
  }
}

async function makeSelfExtracting(program: string, output: string): Promise<void> {
  await hideLazyChunks(program);
  const names = (await Array.fromAsync(Deno.readDir(program))).map(({ name }) => name).sort();
  const files = await Promise.all(names.map((name) => Deno.readFile(join(program, name))));
  const size = files.reduce((sum, { length }) => sum + length, 0);
  const runtime = await Deno.readFile(Deno.execPath());
  const runtimeHash = await contentHash(runtime);
  const [packedProgram, packedRuntime] = await Promise.all([
    archive(program, names).then((bytes) => promisify(gzip)(bytes)),
    cached(`deno-${runtimeHash}.gz`, () => promisify(gzip)(runtime)),
  ]);
  const values: Record<string, string | number> = {
    FLAGS: [V8_FLAGS, ...RUN_FLAGS, ...PERMISSIONS].map((flag) => `'${flag}'`).join(" "),
    NEEDED: Math.ceil((runtime.length + size) / 2 ** 20),
    PROGRAM_HASH: await contentHash(Buffer.concat(files)),
    PROGRAM_SIZE: size,
    PROGRAM_PACKED: packedProgram.length,
    RUNTIME_HASH: runtimeHash,
    RUNTIME_SIZE: runtime.length,
    RUNTIME_PACKED: packedRuntime.length,
    BOTH_PACKED: packedProgram.length + packedRuntime.length,
  };
  const stub = (await Deno.readTextFile(join(import.meta.dirname!, "self_extracting.sh")))
    .replace(/@([A-Z_]+)@/g, (_, name: string) => String(values[name]));

  const part = partOf(output);
  using file = await Deno.open(part, { write: true, create: true, truncate: true, mode: 0o755 });
  for (const piece of [new TextEncoder().encode(stub), packedProgram, packedRuntime]) {
    for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
  }
  await Deno.rename(part, output);
}

/** Files of a folder as a tar archive. */
async function archive(folder: string, names: readonly string[]): Promise<Uint8Array> {
  const args = ["-c", "-f", "-", "-C", folder, ...names];
  const { success, stdout, stderr } = await new Deno.Command("tar", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
  return stdout;
}

/** Runs this Deno on the project; throws what it says where it fails. */
async function deno(args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(COMPILE_TIMEOUT),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}

/** A file of the cache, made where it is missing. */
async function cached(name: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const path = join(CACHE, name);
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const bytes = await make();
  await Deno.mkdir(CACHE, { recursive: true });
  await Deno.writeFile(partOf(path), bytes);
  await Deno.rename(partOf(path), path);
  return bytes;
}

/** Where a file is written before it takes its name: a running ./vtorrent keeps what it has open. */
function partOf(path: string): string {
  return `${path}.${process.pid}.part`;
}

async function contentHash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 16);
}

function flagValue(name: string): string | undefined {
  const at = Deno.args.indexOf(name);
  return at < 0 ? undefined : Deno.args[at + 1];
}

function say(text: string): void {
  // deno-lint-ignore no-console
  console.log(text);
}
