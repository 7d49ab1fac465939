/**
 * Hosts of a small network out of Linux namespaces: own address, name and hosts file, a shaped link,
 * exact byte counts, no way out. Made without root.
 *
 * @module
 */
import { join } from "@std/path";
import {
  DEVICE_SAMPLER,
  HOST_SCRIPT,
  NETWORK,
  NFT_SAMPLER,
  SIGNAL_SCRIPT,
  WORLD_SCRIPT,
  WRITE_SCRIPT,
} from "./linux_scripts.ts";
import { Running } from "./running.ts";
import { pause, within } from "./timing.ts";
import { Traffic } from "./traffic.ts";
import {
  type Calls,
  hostName,
  type Start,
  type World,
  WorldError,
  type WorldPlan,
} from "./world.ts";

/** ms that a world may take to be made. */
const START_TIMEOUT = 30_000;
/** ms that a file may take to be written: what a program made in its place could hold it up for ever. */
const WRITE_TIMEOUT = 60_000;
/** ms that a recorder of packets has to write what it holds. */
const CAPTURE_END = 3000;
const UNSHARE = ["-U", "-r", "-n", "-m", "-u", "-p", "-f", "--mount-proc", "--kill-child"];
const MAX_HOSTS = 16;
/** Tools without which there are hosts, but less is seen of them. */
const OPTIONAL = ["nft", "tcpdump", "dumpcap"];

/** What this system has of what hosts need. */
export interface LinuxTools {
  readonly hasNft: boolean;
  /** What records packets here; undefined: nothing. */
  readonly capture: "tcpdump" | "dumpcap" | undefined;
  /** Environment of the shell that programs are started from: PATH and the like. */
  readonly path: string;
  readonly home: string;
}

/**
 * Finds out whether hosts can be made here, by doing it.
 *
 * @throws {WorldError} what is missing or forbidden, and the way on
 */
export async function probeLinux(): Promise<LinuxTools> {
  const way = "Use --one-host, or a container or virtual machine that allows it";
  if (Deno.build.os !== "linux") {
    throw new WorldError(`Hosts of their own need Linux. Use --one-host, WSL2 or a container`);
  }
  const { stdout } = await output("/bin/sh", [
    "-c",
    'PATH="$PATH:/usr/sbin:/sbin"; for tool in unshare nsenter ip tc hostname nft tcpdump dumpcap; do ' +
    'command -v "$tool" >/dev/null || echo "$tool"; done; printf "PATH=%s\\nHOME=%s\\n" "$PATH" "$HOME"',
  ]);
  const lines = stdout.split("\n");
  const value = (name: string) =>
    lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
  const missing = lines.filter((line) => line !== "" && !line.includes("="));
  const needed = missing.filter((tool) => !OPTIONAL.includes(tool));
  if (needed.length > 0) {
    throw new WorldError(
      `Hosts of their own need ${needed.join(", ")} (Debian: apt install iproute2 util-linux ` +
        `hostname). ${way}`,
    );
  }
  const tried = await output("unshare", [...UNSHARE, "true"]);
  if (!tried.success) {
    throw new WorldError(
      `User namespaces are not allowed here (${tried.stderr.trim().split("\n")[0]}). ` +
        `sysctl user.max_user_namespaces, and on Ubuntu kernel.apparmor_restrict_unprivileged_userns, ` +
        `decide it. ${way}`,
    );
  }
  return {
    hasNft: !missing.includes("nft"),
    capture: (["tcpdump", "dumpcap"] as const).find((tool) => !missing.includes(tool)),
    path: value("PATH"),
    home: value("HOME"),
  };
}

async function output(
  command: string,
  args: string[],
): Promise<{ success: boolean; stdout: string; stderr: string }> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, stdin: "null" })
    .output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Makes a network of hosts.
 *
 * @throws {WorldError} where that does not work
 */
export async function makeLinuxWorld(plan: WorldPlan, tools: LinuxTools): Promise<World> {
  if (plan.hosts > MAX_HOSTS) throw new WorldError(`At most ${MAX_HOSTS} hosts`);
  await Deno.mkdir(plan.folder, { recursive: true });
  const addresses = Object.entries(plan.addresses).flatMap(([host, list]) =>
    list.map((address) => `${host === "tracker" ? "h1" : host}=${address}`)
  );
  if (Object.keys(plan.redirect).length > 0 && !tools.hasNft) {
    throw new WorldError(`"redirect" needs nft (Debian: apt install nftables)`);
  }
  const child = new Deno.Command("unshare", {
    args: [
      ...UNSHARE,
      "/bin/sh",
      "-c",
      WORLD_SCRIPT,
      "vtorrent-grade-world",
      plan.root,
      plan.folder,
      String(plan.hosts),
      String(plan.rate),
      String(Math.max(16_384, Math.ceil(plan.rate / 8 / 250))),
      tools.hasNft ? "nft" : "",
      plan.localhost ? `${NETWORK}.1 localhost` : "127.0.0.1 localhost",
      addresses.join(" "),
      Object.entries(plan.redirect).map(([from, to]) => `${from}:${to}`).join(" "),
      ...coveredFolders(tools),
    ],
    env: { PATH: tools.path },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  const world = new LinuxWorld(plan, tools, child, addresses);
  try {
    await world.open();
  } catch (error) {
    await world[Symbol.asyncDispose]();
    throw error;
  }
  return world;
}

/**
 * Folders that programs find empty and may write to: the temporary one and the person's own. Not
 * where programs lie that they are started with.
 */
function coveredFolders({ path, home }: LinuxTools): string[] {
  const folders = ["/tmp", "/var/tmp", ...(home.length > 1 ? [home] : [])];
  const programs = path.split(":");
  return folders.filter((folder) =>
    !programs.some((program) => program === folder || program.startsWith(`${folder}/`))
  );
}

class LinuxWorld implements World {
  readonly kind = "hosts";
  readonly seesListeners = true;
  readonly hosts: number;
  readonly traffic: Traffic;
  readonly #plan: WorldPlan;
  readonly #tools: LinuxTools;
  readonly #child: Deno.ChildProcess;
  readonly #hostOf: ReadonlyMap<string, number>;
  readonly #running = new Set<Running>();
  #sampler: Deno.ChildProcess | undefined;
  #capture: Deno.ChildProcess | undefined;
  #sampling: Promise<void> = Promise.resolve();

  constructor(
    plan: WorldPlan,
    tools: LinuxTools,
    child: Deno.ChildProcess,
    addresses: readonly string[],
  ) {
    this.hosts = plan.hosts;
    this.traffic = new Traffic(plan.hosts, tools.hasNft);
    this.#plan = plan;
    this.#tools = tools;
    this.#child = child;
    const hostOf = new Map<string, number>();
    for (let host = 1; host <= plan.hosts; host++) hostOf.set(this.address(host), host);
    for (const pair of addresses) {
      const [host, address] = pair.split("=");
      hostOf.set(address!, Number(host!.slice(1)));
    }
    this.#hostOf = hostOf;
  }

  /** Waits until the hosts are there, and starts counting. */
  async open(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<string>((resolve) =>
      timer = setTimeout(() => resolve("it took too long"), START_TIMEOUT)
    );
    const reading = firstLine(this.#child.stdout);
    const problem = new Response(this.#child.stderr).text();
    problem.catch(() => {});
    const line = await Promise.race([reading, late]);
    clearTimeout(timer);
    if (line !== "ready") {
      this.#child.kill("SIGKILL");
      const said = (await problem).trim().split("\n").at(-1);
      throw new WorldError(`No network of hosts can be made here: ${said || line || "no reason"}`);
    }
    const script = this.#tools.hasNft ? NFT_SAMPLER : DEVICE_SAMPLER;
    this.#sampler = this.#enter(["/bin/sh", "-c", script]);
    this.#sampling = this.#sample(this.#sampler.stdout);
    if (this.#plan.pcap && this.#tools.capture !== undefined) {
      const file = join(this.#plan.folder, "packets.pcap");
      this.#capture = this.#enter(captureCommand(this.#tools.capture, file));
      this.#capture.stdout.cancel().catch(() => {});
      // What is sent before it listens would be missing.
      for (let tries = 0; tries < 100 && !await exists(file); tries++) await pause(50);
    }
  }

  address(host: number): string {
    return `${NETWORK}.${host}`;
  }

  port(host: number): number {
    return 7000 + host;
  }

  folder(host: number): string {
    return join(this.#plan.folder, hostName(host));
  }

  /** From within, where nothing but the run's folder can be written, wherever a link leads. */
  async write(path: string, bytes: Uint8Array): Promise<void> {
    const child = this.#enter(["/bin/sh", "-c", WRITE_SCRIPT, "sh", path, String(bytes.length)]);
    child.stdout.cancel().catch(() => {});
    const writer = child.stdin.getWriter();
    // Who does not take it ends, with a status that says so.
    writer.write(bytes).then(() => writer.close()).catch(() => {});
    const ended = await within(child.status, WRITE_TIMEOUT);
    if (ended?.success) return;
    if (ended === undefined) child.kill("SIGKILL");
    writer.abort().catch(() => {});
    throw new WorldError(`${path} cannot be written`);
  }

  start(host: number, start: Start): Promise<Running> {
    const command = start.pty
      ? `exec script -qfec ${
        shellQuoted(`stty -echo cols 200 rows 50; ${start.command}`)
      } /dev/null`
      : start.command;
    const env = {
      "XDG_CACHE_HOME": join(this.#plan.root, "cache"),
      ...start.env,
      PATH: this.#tools.path,
      HOME: this.folder(host),
    };
    const child = this.#enter([
      ...["ip", "netns", "exec", hostName(host), "unshare", "-u", "-m"],
      ...["env", "-i", ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
      ...["/bin/sh", "-c", HOST_SCRIPT, "sh", this.#plan.folder, hostName(host)],
      ...[String(start.memory ?? 0), command],
    ], true);
    const running = new Running(host, start.command, child);
    this.#running.add(running);
    return Promise.resolve(running);
  }

  /** Runs a command within the namespaces of the world. */
  #enter(command: readonly string[], withErrors = false): Deno.ChildProcess {
    const { pid } = this.#child;
    return new Deno.Command("nsenter", {
      args: [
        ...["-t", String(pid), "-U", "-m", "-n", "-u", `--pid=/proc/${pid}/ns/pid_for_children`],
        ...["--preserve-credentials", ...command],
      ],
      env: { PATH: this.#tools.path },
      stdin: "piped",
      stdout: "piped",
      stderr: withErrors ? "piped" : "null",
      detached: true,
    }).spawn();
  }

  async #run(command: readonly string[]): Promise<string> {
    const child = this.#enter(command);
    await child.stdin.close();
    const [text] = await Promise.all([new Response(child.stdout).text(), child.status]);
    return text;
  }

  async kill(host: number): Promise<void> {
    await this.#run(["/bin/sh", "-c", SIGNAL_SCRIPT, "sh", hostName(host), "KILL"]);
    const there = [...this.#running].filter((running) => running.host === host);
    await Promise.all(there.map((running) => running.end()));
    for (const running of there) this.#running.delete(running);
  }

  async freeze(host: number): Promise<void> {
    await this.#run(["/bin/sh", "-c", SIGNAL_SCRIPT, "sh", hostName(host), "STOP"]);
  }

  async listeners(host: number): Promise<string[]> {
    const text = await this.#run(["ip", "netns", "exec", hostName(host), "ss", "-ltunH"]);
    const found = text.split("\n").flatMap((line) => {
      const [kind, , , , local] = line.trim().split(/\s+/);
      return kind === undefined || local === undefined ? [] : [`${kind} ${local}`];
    });
    return [...new Set(found)].sort();
  }

  async calls(): Promise<Calls> {
    const called = new Map<string, number>();
    const refused = new Map<string, number>();
    if (!this.#tools.hasNft) return { called, refused };
    const name = (address: string) => {
      const host = this.#hostOf.get(address);
      return host === undefined ? address : hostName(host);
    };
    const ip = String.raw`(\d+\.\d+\.\d+\.\d+)`;
    const count = String.raw`counter packets (\d+)`;
    const c = await this.#run(["nft", "-n", "list", "set", "bridge", "w", "c"]);
    for (
      const [, from, to, port, packets] of c.matchAll(
        new RegExp(`${ip} \\. ${ip} \\. (\\d+) ${count}`, "g"),
      )
    ) called.set(`${name(from!)} → ${name(to!)}:${port}`, Number(packets));
    const r = await this.#run(["nft", "-n", "list", "set", "bridge", "w", "r"]);
    for (
      const [, from, port, to, packets] of r.matchAll(
        new RegExp(`${ip} \\. (\\d+) \\. ${ip} ${count}`, "g"),
      )
    ) refused.set(`${name(to!)} → ${name(from!)}:${port}`, Number(packets));
    return { called, refused };
  }

  async #sample(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    try {
      for await (const bytes of stream) {
        text += decoder.decode(bytes, { stream: true });
        const end = text.lastIndexOf("\n.\n");
        if (end < 0) continue;
        const start = text.lastIndexOf("\n.\n", end - 1);
        const latest = text.slice(start < 0 ? 0 : start + 3, end);
        text = text.slice(end + 3);
        this.traffic.add({ at: performance.now(), bytes: this.#parse(latest) });
      }
    } catch {
      // The world has ended.
    }
  }

  #parse(text: string): number[][] {
    const bytes = Array.from(
      { length: this.hosts + 1 },
      () => new Array<number>(this.hosts + 1).fill(0),
    );
    if (this.#tools.hasNft) {
      const rows = text.matchAll(
        /(\d+\.\d+\.\d+\.\d+) \. (\d+\.\d+\.\d+\.\d+) counter packets \d+ bytes (\d+)/g,
      );
      for (const [, from, to, count] of rows) {
        const [source, target] = [this.#hostOf.get(from!), this.#hostOf.get(to!)];
        if (source === undefined || target === undefined) continue;
        bytes[source]![target]! += Number(count);
      }
    } else {
      // The bridge's end of a link sends what its host takes, and receives what it gives.
      for (const [, host, rest] of text.matchAll(/^\s*v(\d+):\s*(.*)$/gm)) {
        const counts = rest!.split(/\s+/);
        bytes[0]![Number(host)] = Number(counts[8]);
        bytes[Number(host)]![0] = Number(counts[0]);
      }
    }
    return bytes;
  }

  async #endCapture(): Promise<void> {
    if (this.#capture === undefined) return;
    await this.#capture.stdin.close().catch(() => {});
    await within(this.#capture.status, CAPTURE_END);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endCapture();
    // Asked to end, unshare would not: killed, it takes the first process with it, and that all others.
    for (const child of [this.#child, this.#sampler, this.#capture]) {
      try {
        child?.kill("SIGKILL");
      } catch {
        // It has ended.
      }
    }
    await this.#child.status;
    await Promise.all([...this.#running].map((running) => running.end()));
    await Promise.all([this.#sampler?.status, this.#capture?.status, this.#sampling]);
    for (const child of [this.#child, this.#sampler, this.#capture]) {
      child?.stdin.abort().catch(() => {});
    }
  }
}

/**
 * Records what goes over the bridge, 100 MB at most, until its input ends. Killed, it would keep to
 * itself what it has not written yet; the system hands packets over up to 250 ms late.
 */
function captureCommand(tool: "tcpdump" | "dumpcap", file: string): string[] {
  const command = tool === "tcpdump"
    ? [tool, "-i", "br0", "-w", file, "-U", "-s", "0", "-Z", "root", "-C", "100", "-W", "1"]
    : [tool, "-q", "-i", "br0", "-w", file, "-P", "-a", "filesize:100000"];
  const script = '"$@" & tool=$!; read _; sleep 0.3; kill -TERM $tool; wait $tool';
  return ["/bin/sh", "-c", script, "sh", ...command];
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).size > 0;
  } catch {
    return false;
  }
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  reader.cancel().catch(() => {});
  return text.split("\n")[0]!;
}

/** A word that a shell reads as it stands. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
