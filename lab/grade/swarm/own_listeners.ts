/**
 * Listeners of some processes of this computer: from the system's own tables of sockets where there are
 * such (Linux), else by `lsof`.
 *
 * @module
 */
import { formatHostPort, formatIp, unmapIp } from "../../../protocol/address.ts";
import { within } from "./timing.ts";

/** How the listeners of a process can be found here. */
export type ListenerSource = "/proc" | "lsof";

/** The tables of sockets, and the state in which theirs wait for somebody to call. */
const TABLES = [
  { name: "tcp", kind: "tcp", state: "0A" },
  { name: "tcp6", kind: "tcp", state: "0A" },
  // Of those that are connected to one address the state is another.
  { name: "udp", kind: "udp", state: "07" },
  { name: "udp6", kind: "udp", state: "07" },
] as const;
/** ms that `lsof` may take. */
const LSOF_TIMEOUT = 5000;
const LSOF = ["-nP", "-w", "-i", "-FPnT"];

/** How they can be found here; undefined where they cannot. */
export async function listenerSource(): Promise<ListenerSource | undefined> {
  try {
    await Deno.readTextFile("/proc/net/tcp");
    return "/proc";
  } catch {
    // No Linux.
  }
  return await outputOf("lsof", ["-v"]) === undefined ? undefined : "lsof";
}

/** What some processes listen on, each once, such as `tcp 127.0.0.1:7002`. */
export async function listenersOf(
  source: ListenerSource,
  pids: readonly number[],
): Promise<string[]> {
  const found = source === "/proc" ? await fromTables(pids) : await fromLsof(pids);
  return [...new Set(found)].sort();
}

async function fromTables(pids: readonly number[]): Promise<string[]> {
  const own = new Set((await Promise.all(pids.map(socketsOf))).flat());
  if (own.size === 0) return [];
  const rows = await Promise.all(TABLES.map(async ({ name, kind, state }) => {
    try {
      return readSocketTable(await Deno.readTextFile(`/proc/net/${name}`), kind, state);
    } catch {
      // A kernel without IPv6 has no such table.
      return [];
    }
  }));
  return rows.flat().filter(({ socket }) => own.has(socket)).map(({ listens }) => listens);
}

/** Numbers of the sockets that a process has open. */
async function socketsOf(pid: number): Promise<string[]> {
  const sockets: string[] = [];
  try {
    for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
      const [, socket] = /^socket:\[(\d+)\]$/.exec(await linkOf(`/proc/${pid}/fd/${name}`)) ?? [];
      if (socket !== undefined) sockets.push(socket);
    }
  } catch {
    // It has ended, or belongs to somebody else.
  }
  return sockets;
}

async function linkOf(path: string): Promise<string> {
  try {
    return await Deno.readLink(path);
  } catch {
    return "";
  }
}

/**
 * The rows of a table such as `/proc/net/tcp` in one state.
 *
 * @param state in hex, as the table has it
 */
export function readSocketTable(
  text: string,
  kind: "tcp" | "udp",
  state: string,
): { readonly socket: string; readonly listens: string }[] {
  return text.split("\n").slice(1).flatMap((line) => {
    const [, local = "", , is, , , , , , socket = ""] = line.trim().split(/\s+/);
    const [address = "", port = ""] = local.split(":");
    if (is !== state || !/^([0-9A-F]{8}|[0-9A-F]{32})$/.test(address)) return [];
    const ip = formatIp(unmapIp(bytesOf(address)));
    return [{ socket, listens: `${kind} ${formatHostPort(ip, parseInt(port, 16))}` }];
  });
}

/** An address as the kernel writes it: each 32 bits as a number, the last byte first. */
function bytesOf(hex: string): Uint8Array {
  const bytes = Uint8Array.from(hex.match(/../g)!, (byte) => parseInt(byte, 16));
  for (let at = 0; at < bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  return bytes;
}

async function fromLsof(pids: readonly number[]): Promise<string[]> {
  if (pids.length === 0) return [];
  return readLsof(await outputOf("lsof", ["-a", "-p", pids.join(","), ...LSOF]) ?? "");
}

/** What `lsof -F PnT` prints: a letter and a value on each line, of one socket after the other. */
export function readLsof(text: string): string[] {
  const found: string[] = [];
  let [kind, name] = ["", ""];
  for (const line of text.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("P")) kind = value.toLowerCase();
    else if (line.startsWith("n")) name = value;
    const isBound = kind === "udp" && line.startsWith("n") && !name.includes("->");
    if (isBound || kind === "tcp" && line === "TST=LISTEN") found.push(`${kind} ${name}`);
  }
  return found;
}

/** What a program prints; undefined where there is none of that name. */
async function outputOf(command: string, args: string[]): Promise<string | undefined> {
  try {
    const child = new Deno.Command(command, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const output = await within(child.output(), LSOF_TIMEOUT);
    if (output === undefined) child.kill("SIGKILL");
    return new TextDecoder().decode(output?.stdout);
  } catch {
    return undefined;
  }
}
