/**
 * A file for a room of machines, by vtorrent, scp and rsync, each over the same limited cables:
 *
 *     deno run --allow-all bench/room.ts --peers 30 --size 200 --rate 50
 *
 * Every machine is a network namespace with an address and a cable of its own (a bridge between
 * them), so this takes Linux, iproute2 and root, and touches no network of this machine.
 *
 * @module
 */
import process from "node:process";
import { dirname, join } from "@std/path";
import { parseArgs } from "@std/cli/parse-args";
import { digestOf } from "../tests/support/digests.ts";
import { type Host, HostNetwork } from "../tests/support/hosts.ts";
import { runToEnd, TestProcess } from "../tests/support/process.ts";
import { TempFolder } from "../tests/support/temp_folder.ts";
import { Vtorrent } from "../tests/support/vtorrent.ts";
import { MIB } from "./workload.ts";

/** ms that a whole distribution may take. */
const PATIENCE = 3_600_000;
const NAME = "lecture.iso";

/** The machines, and where each keeps its files. */
interface Room {
  readonly admin: Host;
  readonly machines: readonly Machine[];
  /** What the admin has. */
  readonly file: string;
  /** For keys and settings. */
  readonly folder: string;
}

interface Machine {
  readonly name: string;
  readonly host: Host;
  readonly dir: string;
}

/** Gives the file to all; calls back as each one has it. */
type Distribution = (room: Room, has: () => void) => Promise<void>;

const DISTRIBUTIONS: Readonly<Record<string, Distribution>> = {
  vtorrent: byVtorrent,
  scp: byScp,
  rsync: byRsync,
};

async function byVtorrent({ admin, machines, file }: Room, has: () => void): Promise<void> {
  const { through } = admin;
  const url = ["--tracker", `${admin.ip4}:8000`];
  await using started = new AsyncDisposableStack();
  const tracker = started.use(
    new Vtorrent(["tracker", "--daemon", "--no-db", "--no-discovery"], { through }),
  );
  await tracker.event("started");
  const seed = started.use(new Vtorrent(["seed", file, ...url], { through }));
  await seed.event("seeding", () => true, PATIENCE);
  const room = started.use(
    new Vtorrent(["room", NAME, ...url, "--watch", "--peers", `${machines.length}`], { through }),
  );
  await Promise.all(machines.map(async ({ name, host, dir }) => {
    const args = ["download", NAME, ...url, "--dir", dir, "--id", name, "--seed-time", "1h"];
    const peer = started.use(new Vtorrent(args, { through: host.through }));
    await peer.event("downloaded", () => true, PATIENCE);
    has();
  }));
  const { code, stdout } = await room.ended();
  if (code !== 0) throw new Error(`vtorrent room ended with ${code}: ${stdout}`);
}

/** A server of its own on each machine, and one scp for each, all at once. */
async function byScp({ admin, machines, file, folder }: Room, has: () => void): Promise<void> {
  const key = join(folder, "key");
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  await Deno.mkdir("/run/sshd", { recursive: true });
  await using started = new AsyncDisposableStack();
  for (const { host } of machines) {
    const settings = [
      `HostKey=${key}`,
      `AuthorizedKeysFile=${key}.pub`,
      "StrictModes=no",
      "Subsystem=sftp internal-sftp",
      "UsePAM=no",
      "PidFile=none",
    ];
    const options = settings.flatMap((setting) => ["-o", setting]);
    const server = new TestProcess("/usr/sbin/sshd", ["-D", "-e", "-f", "/dev/null", ...options], {
      through: host.through,
    });
    started.use(server);
    await server.line(/listening/);
  }
  await Promise.all(machines.map(async ({ host, dir }) => {
    const options = [
      "StrictHostKeyChecking=no",
      "UserKnownHostsFile=/dev/null",
      "LogLevel=ERROR",
    ].flatMap((option) => ["-o", option]);
    const target = `root@${host.ip4}:${dir}/`;
    await run("scp", ["-q", "-i", key, ...options, file, target], admin.through);
    has();
  }));
}

/** One server at the admin's, and one rsync on each machine, all at once. */
async function byRsync({ admin, machines, file, folder }: Room, has: () => void): Promise<void> {
  const settings = join(folder, "rsyncd.conf");
  await Deno.writeTextFile(
    settings,
    `use chroot = no\nuid = 0\ngid = 0\nreverse lookup = no\n[room]\npath = ${dirname(file)}\n`,
  );
  await using server = new TestProcess(
    "rsync",
    ["--daemon", "--no-detach", "--log-file=/dev/stdout", `--config=${settings}`],
    { through: admin.through },
  );
  await server.line(/starting, listening/);
  await Promise.all(machines.map(async ({ host, dir }) => {
    const source = `rsync://${admin.ip4}/room/${NAME}`;
    await run("rsync", ["--whole-file", source, `${dir}/`], host.through);
    has();
  }));
}

async function run(
  command: string,
  args: readonly string[],
  through: readonly string[] = [],
): Promise<void> {
  const { code, stderr } = await runToEnd(command, args, { through, patience: PATIENCE });
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`);
}

/**
 * Seconds that all cores together were busy, and could have been, since the start of the machine:
 * whether it was the cables or the processor that set the pace, whoever used it.
 */
async function processorTime(): Promise<{ busy: number; whole: number }> {
  const [line = ""] = (await Deno.readTextFile("/proc/stat")).split("\n");
  const ticks = line.split(/\s+/).slice(1, 9).map(Number);
  const whole = ticks.reduce((sum, one) => sum + one, 0);
  return { busy: (whole - ticks[3]! - ticks[4]!) / 100, whole: whole / 100 };
}

/** Seconds of processor time of all programs that were started here and have ended. */
async function programTime(): Promise<number> {
  const stat = await Deno.readTextFile("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** Lets one way distribute the file in a room of its own, and compares the copies. */
async function measure(
  by: string,
  { peers, size, rate }: { peers: number; size: number; rate: number },
): Promise<string> {
  await using folder = await TempFolder.make();
  const file = folder.at(`admin/${NAME}`);
  await Deno.mkdir(dirname(file));
  await writeRandom(file, size * MIB);
  const names = Array.from({ length: peers }, (_, index) => `pc-${index + 1}`);
  await using network = await HostNetwork.start(["admin", ...names]);
  await network.limit("admin", `${rate}mbit`);
  const machines: Machine[] = [];
  for (const name of names) {
    await network.limit(name, `${rate}mbit`);
    const dir = folder.at(name);
    await Deno.mkdir(dir);
    machines.push({ name, host: network.host(name), dir });
  }
  const times: number[] = [];
  const before = { ...await processorTime(), programs: await programTime() };
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const admin = network.host("admin");
  await DISTRIBUTIONS[by]!({ admin, machines, file, folder: folder.path }, () => {
    times.push(seconds());
  });
  const after = { ...await processorTime(), programs: await programTime() };
  const digest = await digestOf(file);
  for (const { name, dir } of machines) {
    if (await digestOf(join(dir, NAME)) !== digest) throw new Error(`${name} has another file`);
  }
  const least = size * MIB * 8 / (rate * 1e6);
  const [first, last] = [times[0]!, times.at(-1)!];
  const busy = (after.busy - before.busy) / (after.whole - before.whole);
  const own = (after.programs - before.programs).toFixed(0);
  const cells = [by, first.toFixed(1), last.toFixed(1), (last / least).toFixed(2), own];
  return `| ${cells.join(" | ")} | ${Math.round(busy * 100)} % |`;
}

async function writeRandom(path: string, length: number): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let at = 0; at < length; at += 65_536) {
    await file.write(crypto.getRandomValues(new Uint8Array(Math.min(65_536, length - at))));
  }
}

if (import.meta.main) {
  const flags = parseArgs(Deno.args, { string: ["peers", "size", "rate", "only"] });
  const setup = {
    peers: Number(flags["peers"] ?? 30),
    size: Number(flags["size"] ?? 200),
    rate: Number(flags["rate"] ?? 50),
  };
  const only = String(flags["only"] ?? Object.keys(DISTRIBUTIONS).join(",")).split(",");
  const { peers, size, rate } = setup;
  const print = (line: string) => process.stdout.write(`${line}\n`);
  print(`${size} MiB to ${peers} machines, each with ${rate} Mbit/s up and down`);
  print("| by | first s | last s | × one copy | CPU s | machine busy |");
  print("| -- | ------: | -----: | ---------: | ----: | -----------: |");
  for (const by of only) print(await measure(by, setup));
}
