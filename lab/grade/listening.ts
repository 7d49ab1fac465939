/**
 * Listening ports: whether a program can be called, without a call that it would have to answer.
 *
 * @module
 */

/** The state of a socket that listens, as Linux lists it. */
const LISTENS = "0A";

/** Whether somebody takes TCP connections at a port of 127.0.0.1. */
export async function isListening(port: number, host = "127.0.0.1"): Promise<boolean> {
  const tables = await Promise.all(["tcp", "tcp6"].map(readTable));
  if (tables[0] === undefined) return await takesCall(host, port);
  const addresses = tables.flatMap((text, index) =>
    listeners(text ?? "", port).filter((address) => mayMean(address, index === 1, host))
  );
  return addresses.length > 0;
}

/** A table of the sockets of this host; undefined where the system has none. */
async function readTable(name: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(`/proc/net/${name}`);
  } catch {
    return undefined;
  }
}

/** The addresses, as the kernel writes them, at which somebody listens on a port. */
function listeners(table: string, port: number): string[] {
  const place = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTENS && (local ?? "").endsWith(place))
    .map(([, local]) => local!.slice(0, -place.length));
}

/** Whether a call to a loopback address reaches what listens at `address`. */
function mayMean(address: string, isSix: boolean, host: string): boolean {
  if (/^0+$/.test(address)) return true;
  if (host === "::1") return isSix && /^0{24}01000000$/.test(address);
  // Each 32 bits are written in the order of the machine: 127.0.0.1 begins with its last byte.
  return address === "0100007F" || address === "0000000000000000FFFF00000100007F";
}

async function takesCall(hostname: string, port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname, port })).close();
    return true;
  } catch {
    return false;
  }
}
