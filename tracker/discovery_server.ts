/**
 * Tells peers of this network, which do not know where a tracker is, that one is here.
 *
 * An answer is shorter than its question, goes to addresses of the own network only, and to each
 * only so often: nothing to amplify with, and nothing that leaves the network.
 *
 * @module
 */
import { classifyIp, parseIp } from "../protocol/address.ts";
import { encodeDiscoveryReply, parseDiscoveryRequest } from "../protocol/tracker_discovery.ts";
import { AddressRate } from "./address_rate.ts";
import { loopTurns } from "../loop/process_loop.ts";

/** Answers to one address: a peer asks three times, and there may be many behind one address. */
const ANSWERS = 20;
const WINDOW_MS = 1000;
/** Receiving failed this often in a row: the socket is gone for good. */
const MAX_ERRORS = 100;

/** What is told, and to whom. */
export interface DiscoveryOptions {
  /** Where the tracker listens. */
  readonly host: string;
  readonly port: number;
  /** The UDP port that peers ask at; 0 for any free one. */
  readonly discoveryPort: number;
  /** 32 random bits for this tracker. */
  readonly instance: number;
  /** Whether an asker (4 bytes) can reach the tracker's host from where it is. */
  readonly reaches: (asker: Uint8Array) => boolean;
}

/** An open discovery port. Dispose it to be silent. */
export interface Discovery extends AsyncDisposable {
  readonly port: number;
}

/**
 * Listens for questions. Several trackers of one host share the port: each hears what is broadcast.
 *
 * @returns undefined where the port cannot be had
 */
export function serveDiscovery(options: DiscoveryOptions): Discovery | undefined {
  const address = parseIp(options.host);
  // A broadcast reaches only who listens on all addresses; loopback only keeps to itself.
  const isLocal = address !== undefined && classifyIp(address) === "loopback";
  let socket: Deno.DatagramConn;
  try {
    socket = Deno.listenDatagram({
      transport: "udp",
      hostname: isLocal ? "127.0.0.1" : "0.0.0.0",
      port: options.discoveryPort,
      reuseAddress: true,
    });
  } catch {
    return undefined;
  }
  const served = serve(socket, options);
  return {
    port: (socket.addr as Deno.NetAddr).port,
    async [Symbol.asyncDispose]() {
      socket.close();
      await served;
    },
  };
}

async function serve(socket: Deno.DatagramConn, options: DiscoveryOptions): Promise<void> {
  const { instance, port } = options;
  const rate = new AddressRate({ limit: ANSWERS, windowMs: WINDOW_MS });
  const buffer = new Uint8Array(64);
  for (let errors = 0; errors < MAX_ERRORS;) {
    for (let turn; (turn = loopTurns.due()) !== undefined;) await turn;
    try {
      const [packet, from] = await socket.receive(buffer) as [Uint8Array, Deno.NetAddr];
      errors = 0;
      const transaction = parseDiscoveryRequest(packet);
      const asker = parseIp(from.hostname);
      if (transaction === undefined || asker === undefined) continue;
      if (!["loopback", "private", "link-local"].includes(classifyIp(asker))) continue;
      if (!options.reaches(asker) || !rate.take(from.hostname, Date.now())) continue;
      await socket.send(encodeDiscoveryReply({ transaction, instance, port }), from);
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
        return;
      }
      errors++; // nobody can be reached there, or an earlier answer was not: the next one may be
    }
  }
}
