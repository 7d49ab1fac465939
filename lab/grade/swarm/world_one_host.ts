/**
 * All programs on this computer, told apart by ports: for systems where no hosts can be made.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import { ClaimedPort, isFree } from "../../programs/claimed_port.ts";
import { FOLDER_VARIABLE, type Guardian } from "../../programs/guardian.ts";
import { endProcess, endSurvivors, MARK, markedProcesses } from "../../programs/survivors.ts";
import { listenersOf, type ListenerSource, listenerSource } from "./own_listeners.ts";
import { Running } from "./running.ts";
import { type Calls, hostName, type Start, type World, type WorldPlan } from "./world.ts";

/** Ports of the first world; every further one has others, since closed ones stay taken for a while. */
const FIRST_PORT = 7000;
const LAST_PORT = 9500;

let nextPort = FIRST_PORT;

/** Makes a world on this computer. */
export async function makeOneHost(plan: WorldPlan, guardian: Guardian): Promise<World> {
  for (let host = 1; host <= plan.hosts; host++) {
    await Deno.mkdir(join(plan.folder, hostName(host)), { recursive: true });
  }
  return new OneHost(plan, guardian, await freePorts(plan.hosts), await listenerSource());
}

/** So many free ports in a row, which no other grader takes. @throws {RangeError} where none are */
async function freePorts(count: number): Promise<readonly ClaimedPort[]> {
  for (let tries = 0; tries < 200; tries++) {
    if (nextPort + count > LAST_PORT) nextPort = FIRST_PORT;
    const base = nextPort;
    nextPort += count + 1;
    const ports = Array.from({ length: count }, (_, index) => base + 1 + index);
    const claims = ports.map((port) => ClaimedPort.take(port)).filter((claim) =>
      claim !== undefined
    );
    if (claims.length === count && ports.every(isFree)) return claims;
    for (const claim of claims) await claim[Symbol.asyncDispose]();
  }
  throw new RangeError(`No ${count} ports in a row are free from ${FIRST_PORT} to ${LAST_PORT}`);
}

class OneHost implements World {
  readonly kind = "one-host";
  readonly hosts: number;
  readonly traffic = undefined;
  readonly #plan: WorldPlan;
  readonly #guardian: Guardian;
  readonly #ports: readonly ClaimedPort[];
  readonly #running = new Set<Running>();
  readonly #listenerSource: ListenerSource | undefined;
  /** By this the processes of a host are known, also those that left their group. */
  readonly #mark = crypto.randomUUID();

  constructor(
    plan: WorldPlan,
    guardian: Guardian,
    ports: readonly ClaimedPort[],
    listenerSource: ListenerSource | undefined,
  ) {
    this.#listenerSource = listenerSource;
    this.hosts = plan.hosts;
    this.#plan = plan;
    this.#guardian = guardian;
    this.#ports = ports;
  }

  get seesListeners(): boolean {
    return this.#listenerSource !== undefined;
  }

  address(_host: number): string {
    return "127.0.0.1";
  }

  port(host: number): number {
    return this.#ports[0]!.port - 1 + host;
  }

  folder(host: number): string {
    return join(this.#plan.folder, hostName(host));
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await Deno.mkdir(dirname(path), { recursive: true });
    using file = await Deno.open(path, { write: true, create: true });
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.truncate(bytes.length);
  }

  async start(host: number, start: Start): Promise<Running> {
    const isWindows = Deno.build.os === "windows";
    const command = start.pty && !isWindows
      ? Deno.build.os === "darwin"
        ? [
          "script",
          "-q",
          "/dev/null",
          "/bin/sh",
          "-c",
          `stty -echo cols 200 rows 50; ${start.command}`,
        ]
        : ["script", "-qfec", `stty -echo cols 200 rows 50; ${start.command}`, "/dev/null"]
      : isWindows
      ? ["cmd", "/d", "/s", "/c", start.command]
      : ["/bin/sh", "-c", start.command];
    const child = new Deno.Command(command[0]!, {
      args: command.slice(1),
      cwd: this.folder(host),
      env: {
        "XDG_CACHE_HOME": join(this.#plan.root, "cache"),
        ...start.env,
        HOME: this.folder(host),
        [FOLDER_VARIABLE]: this.folder(host),
        [MARK]: this.#markOf(host),
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: !isWindows,
    }).spawn();
    const running = new Running(host, start.command, child);
    this.#running.add(running);
    if (!isWindows) await this.#guardian.watch(child.pid);
    return running;
  }

  #markOf(host: number): string {
    // The dot behind: h1 is no h10.
    return `${this.#mark}.${hostName(host)}.`;
  }

  async kill(host: number): Promise<void> {
    const there = [...this.#running].filter((running) => running.host === host);
    await Promise.all(there.map((running) => this.#end(running)));
    await endSurvivors(this.#markOf(host));
  }

  async #end(running: Running): Promise<void> {
    this.#running.delete(running);
    signalGroup(running, "SIGKILL");
    await running.end();
    await this.#guardian.forget(running.pid);
  }

  async freeze(host: number): Promise<void> {
    for (const running of this.#running) {
      if (running.host === host) signalGroup(running, "SIGSTOP");
    }
    for (const pid of await markedProcesses(this.#markOf(host))) endProcess(pid, "SIGSTOP");
  }

  async listeners(host: number): Promise<string[]> {
    if (this.#listenerSource === undefined) return [];
    const pids = await markedProcesses(this.#markOf(host));
    return await listenersOf(this.#listenerSource, pids);
  }

  calls(): Promise<Calls> {
    return Promise.resolve({ called: new Map(), refused: new Map() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((running) => this.#end(running)));
    await endSurvivors(this.#mark);
    for (const claim of this.#ports) await claim[Symbol.asyncDispose]();
  }
}

/** Sends a signal to a process and all that it started. */
function signalGroup(running: Running, signal: Deno.Signal): void {
  try {
    Deno.kill(Deno.build.os === "windows" ? running.pid : -running.pid, signal);
  } catch {
    // It has ended.
  }
}
