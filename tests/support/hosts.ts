/**
 * Real hosts on one machine: network namespaces, each with an address of its own in a network that
 * exists nowhere else (a bridge in one more namespace). Linux, as root.
 *
 * @module
 */
import { leaveOut } from "./left_out.ts";
import { runToEnd } from "./process.ts";

const PREFIX = "vtorrent-test";
/** Files of tests run side by side in one process. */
const RUN = crypto.randomUUID().slice(0, 8);
/** Networks side by side in one file. */
let networks = 0;

/** Where a program runs: its address, and what comes before its command. */
export type Place = Pick<Host, "ip4" | "through">;

/** This machine, for tests that need no hosts of their own. */
export const LOOPBACK: Place = { ip4: "127.0.0.1", through: [] };

/** One host. */
export interface Host {
  readonly ip4: string;
  readonly ip6: string;
  /** What comes before a command to run it there. */
  readonly through: readonly string[];
}

/** A network of hosts; `await using` takes it down. End what runs there first. */
export class HostNetwork<Name extends string> implements AsyncDisposable {
  readonly #number = ++networks;
  readonly #namespaces: string[] = [];
  readonly #hosts = new Map<Name, Host>();
  /** Their ends of the cables at the bridge, which is the first namespace. */
  readonly #ports = new Map<Name, string>();

  /** Hosts that reach each other by 10.77.0.0/24 and fd77::/64, in the order of `names` from 1 on. */
  static async start<Name extends string>(names: readonly Name[]): Promise<HostNetwork<Name>> {
    await removeLeftovers();
    const network = new HostNetwork<Name>();
    try {
      const bridge = await network.#namespace("bridge");
      await ip("-n", bridge, "link", "add", "br0", "type", "bridge");
      await ip("-n", bridge, "link", "set", "br0", "up");
      for (const [index, name] of names.entries()) await network.#join(name, index + 1, bridge);
      return network;
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw error;
    }
  }

  host(name: Name): Host {
    return this.#hosts.get(name)!;
  }

  /** From now on no TCP passes between these two, as in a network that lets only uTP through. */
  async forbidTcp(one: Name, other: Name): Promise<void> {
    for (const [from, to] of [[one, other], [other, one]] as const) {
      const namespace = this.host(from).through.at(-1)!;
      const rule = ["ipproto", "tcp", "to", this.host(to).ip4];
      await ip("-n", namespace, "rule", "add", ...rule, "prohibit");
    }
  }

  /** From now on a host sends and receives at most so much, e.g. `50mbit`, as through its own cable. */
  async limit(name: Name, rate: string): Promise<void> {
    const [, , , namespace = ""] = this.host(name).through;
    const port = this.#ports.get(name)!;
    const bucket = ["root", "tbf", "rate", rate, "burst", "128kb", "latency", "50ms"];
    await run("tc", "-n", namespace, "qdisc", "add", "dev", "eth0", ...bucket);
    await run("tc", "-n", this.#namespaces[0]!, "qdisc", "add", "dev", port, ...bucket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const namespace of this.#namespaces) await ip("netns", "delete", namespace);
    this.#namespaces.length = 0;
  }

  async #join(name: Name, number: number, bridge: string): Promise<void> {
    const namespace = await this.#namespace(name);
    const [ip4, ip6] = [`10.77.0.${number}`, `fd77::${number}`];
    const port = `port${number}`;
    const wire = ["type", "veth", "peer", "name", port, "netns", bridge];
    await ip("link", "add", "eth0", "netns", namespace, ...wire);
    await ip("-n", bridge, "link", "set", port, "master", "br0", "up");
    await ip("-n", namespace, "link", "set", "lo", "up");
    await ip("-n", namespace, "link", "set", "eth0", "up");
    await ip("-n", namespace, "address", "add", `${ip4}/24`, "broadcast", "+", "dev", "eth0");
    await ip("-n", namespace, "address", "add", `${ip6}/64`, "dev", "eth0", "nodad");
    this.#ports.set(name, port);
    this.#hosts.set(name, { ip4, ip6, through: ["ip", "netns", "exec", namespace] });
  }

  async #namespace(name: string): Promise<string> {
    const namespace = `${PREFIX}-${Deno.pid}-${RUN}-${this.#number}-${name}`;
    await ip("netns", "add", namespace);
    this.#namespaces.push(namespace);
    return namespace;
  }
}

/** Whether hosts can be made here; see {@linkcode leaveOut}. */
export async function canMakeHosts(): Promise<boolean> {
  const namespace = `${PREFIX}-${Deno.pid}-${RUN}-trial`;
  try {
    await ip("netns", "add", namespace);
    await ip("netns", "delete", namespace);
    return true;
  } catch (error) {
    return leaveOut(
      "makes network namespaces, which takes Linux, iproute2 and root: " + (error as Error).message,
    );
  }
}

/** A run that was killed leaves its namespaces behind. */
async function removeLeftovers(): Promise<void> {
  for (const line of (await ip("netns", "list")).split("\n")) {
    const [namespace = ""] = line.split(" ");
    const pid = new RegExp(`^${PREFIX}-(\\d+)-`).exec(namespace)?.[1];
    if (pid === undefined) continue;
    const isAlive = await Deno.stat(`/proc/${pid}`).then(() => true, () => false);
    if (!isAlive) await ip("netns", "delete", namespace);
  }
}

async function ip(...args: string[]): Promise<string> {
  return await run("ip", ...args);
}

async function run(command: "ip" | "tc", ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runToEnd(command, args);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr.trim()}`);
  return stdout;
}
