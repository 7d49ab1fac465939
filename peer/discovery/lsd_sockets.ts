/**
 * Multicast in every local network, IPv4 and IPv6, for local service discovery (BEP 14).
 *
 * @module
 */
import { networkInterfaces } from "node:os";
import { LSD_GROUPS, LSD_PORT } from "../../protocol/lsd.ts";
import { loopTurns } from "../../loop/process_loop.ts";

/** Errors in a row after which nothing more is expected of a socket. */
const MAX_FAILURES = 1000;

/** Called with every packet that comes; must not throw. */
export type LsdHearer = (bytes: Uint8Array, from: string) => void;

/** The local networks that were joined. */
export type LocalNetworks = Pick<LsdSockets, "send" | typeof Symbol.asyncDispose>;

/** Joins those that `host` is in, as `LsdSockets.open` does. */
export type JoinNetworks = (host: string, onPacket: LsdHearer) => Promise<LocalNetworks>;

/** One network that we are in: an IPv4 address of ours, or an IPv6 scope. */
interface Network {
  readonly family: 4 | 6;
  /** Bound to for sending where it is IPv4; for IPv6 the scope says it all. */
  readonly address: string;
  readonly scope: number;
}

/** A socket per family that hears all networks, and one per IPv4 network that speaks in it. */
export class LsdSockets implements AsyncDisposable {
  readonly #hearers: Deno.DatagramConn[] = [];
  readonly #speakers: {
    readonly network: Network;
    readonly socket: Deno.DatagramConn;
    readonly addr: Deno.NetAddr;
  }[] = [];
  readonly #loops: Promise<void>[] = [];

  private constructor() {}

  /**
   * Joins the networks that `host` is in: all for `0.0.0.0` and `::`, else only its own, so that
   * who listens on 127.0.0.1 stays there. Networks that cannot do it are left out.
   */
  static async open(host: string, onPacket: LsdHearer): Promise<LsdSockets> {
    const sockets = new LsdSockets();
    const networks = networksOf(host);
    for (const family of [4, 6] as const) {
      const own = networks.filter((network) => network.family === family);
      if (own.length > 0) await sockets.#join(family, own, onPacket);
    }
    return sockets;
  }

  /** How many networks are reached. */
  get size(): number {
    return this.#speakers.length;
  }

  /** Sends a packet into every network; `packet` makes it for a family. */
  async send(packet: (family: 4 | 6) => Uint8Array): Promise<void> {
    await Promise.all(this.#speakers.map(async ({ network, socket, addr }) => {
      try {
        await socket.send(packet(network.family), addr);
      } catch {
        // A network that went away, or a firewall: the others go on.
      }
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of new Set([...this.#hearers, ...this.#speakers.map((one) => one.socket)])) {
      socket.close();
    }
    await Promise.all(this.#loops);
  }

  async #join(family: 4 | 6, networks: Network[], onPacket: LsdHearer): Promise<void> {
    const hearer = open(family === 4 ? "0.0.0.0" : "::", LSD_PORT);
    if (hearer === undefined) return;
    this.#hearers.push(hearer);
    const group = LSD_GROUPS[family];
    for (const network of networks) {
      try {
        if (family === 4) await hearer.joinMulticastV4(group, network.address);
        else await hearer.joinMulticastV6(group, network.scope);
      } catch {
        // Joined already by another address of the same network, or no multicast there.
      }
      // On Linux the address that a socket is bound to decides where its IPv4 multicast goes.
      const socket = family === 4 ? open(network.address, 0) : hearer;
      const hostname = family === 4 ? group : `${group}%${network.scope}`;
      const addr: Deno.NetAddr = { transport: "udp", hostname, port: LSD_PORT };
      if (socket !== undefined) this.#speakers.push({ network, socket, addr });
    }
    this.#loops.push(hear(hearer, onPacket));
  }
}

async function hear(socket: Deno.DatagramConn, onPacket: LsdHearer): Promise<void> {
  const buffer = new Uint8Array(2048);
  for (let failures = 0; failures < MAX_FAILURES;) {
    for (let turn; (turn = loopTurns.due()) !== undefined;) await turn;
    let received: [Uint8Array, Deno.Addr];
    try {
      received = await socket.receive(buffer);
    } catch (error) {
      // Closed; what others send cannot make a datagram socket fail for long.
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
        return;
      }
      failures++;
      continue;
    }
    failures = 0;
    const [bytes, from] = received;
    onPacket(bytes, (from as Deno.NetAddr).hostname.replace(/^::ffff:(?=\d+\.)/i, ""));
  }
}

/** Undefined where it cannot be opened: the family is off, or another program keeps the port. */
function open(hostname: string, port: number): Deno.DatagramConn | undefined {
  try {
    return Deno.listenDatagram({
      transport: "udp",
      hostname,
      port,
      reuseAddress: true,
      loopback: true,
    });
  } catch {
    return undefined;
  }
}

function networksOf(host: string): Network[] {
  const all = host === "0.0.0.0" || host === "::";
  const networks: Network[] = [];
  for (const addresses of Object.values(networkInterfaces())) {
    const own = (addresses ?? []).filter(({ address }) => all || address === host);
    for (const { family, address } of own) {
      if (family === "IPv4") networks.push({ family: 4, address, scope: 0 });
    }
    // Only its link-local address tells an interface's number; one packet does for all its addresses.
    const scope = (addresses ?? []).map(({ scopeid = 0 }) => scopeid).find((id) => id > 0);
    if (scope !== undefined && own.some(({ family }) => family === "IPv6")) {
      networks.push({ family: 6, address: host, scope });
    }
  }
  return networks;
}
