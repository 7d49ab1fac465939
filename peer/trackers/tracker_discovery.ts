/**
 * Finds a tracker nobody named: on this machine, and only where none answers there in the network.
 *
 * @module
 */
import { networkInterfaces } from "node:os";
import {
  DISCOVERY_PORT,
  encodeDiscoveryRequest,
  parseDiscoveryReply,
} from "../../protocol/tracker_discovery.ts";
import { TRACKER_PORT } from "../../protocol/tracker_url.ts";
import { encodeConnectRequest, parseUdpReply } from "../../protocol/udp_tracker_packet.ts";
import {
  broadcastAddresses,
  type FoundTracker,
  nearestFirst,
  type OwnNetwork,
} from "./tracker_discovery_plan.ts";

/** Packets get lost, and a tracker may be busy: each question is asked so often. */
const ROUNDS = 3;
/** ms between two rounds, and after the last, on this machine and in the network. */
const LOCAL_ROUND_MS = 100;
const NETWORK_ROUND_MS = 250;
/** ms that others have after the first answer. */
const LOCAL_GRACE_MS = 30;
const NETWORK_GRACE_MS = 150;

/** How to look. */
export interface DiscoverOptions {
  /** Where the peer listens: it broadcasts only in networks that can reach it. Default: all. */
  readonly host?: string | undefined;
  /** Where trackers are asked. Default 8001. */
  readonly discoveryPort?: number | undefined;
  /** Where a tracker of any make on this machine is looked for. Default 8000. */
  readonly trackerPort?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A packet and where it goes. */
interface Question {
  readonly host: string;
  readonly port: number;
  readonly packet: (transaction: number) => Uint8Array;
}

/** Trackers that can be had, the nearest first; none where nobody answers. Never throws. */
export async function discoverTrackers(options: DiscoverOptions = {}): Promise<FoundTracker[]> {
  const port = options.discoveryPort ?? DISCOVERY_PORT;
  const own = ownNetworks();
  const asked = (host: string): Question => ({ host, port, packet: encodeDiscoveryRequest });
  const local = await ask("127.0.0.1", [
    // A tracker where trackers are: of any make, and with its discovery turned off.
    {
      host: "127.0.0.1",
      port: options.trackerPort ?? TRACKER_PORT,
      packet: (transaction) => encodeConnectRequest(transaction | 0),
    },
    // The second reaches all that share the port.
    asked("127.0.0.1"),
    asked("127.255.255.255"),
  ], { roundMs: LOCAL_ROUND_MS, graceMs: LOCAL_GRACE_MS, signal: options.signal });
  if (local.length > 0) return nearestFirst(local, own);
  const questions = broadcastAddresses(own, options.host).map(asked);
  if (questions.length === 0) return [];
  const times = { roundMs: NETWORK_ROUND_MS, graceMs: NETWORK_GRACE_MS, signal: options.signal };
  return nearestFirst(await ask("0.0.0.0", questions, times), own);
}

/** Asks in rounds until somebody answered and others had the time to. */
async function ask(
  from: string,
  questions: readonly Question[],
  times: { roundMs: number; graceMs: number; signal: AbortSignal | undefined },
): Promise<FoundTracker[]> {
  const found: FoundTracker[] = [];
  let socket: Deno.DatagramConn;
  try {
    socket = Deno.listenDatagram({ transport: "udp", hostname: from, port: 0 });
  } catch {
    return found; // no such network here
  }
  const base = crypto.getRandomValues(new Uint32Array(1))[0]!;
  const sentAt: number[] = [];
  const first = Promise.withResolvers<void>();
  const heard = receive(socket, (bytes, { hostname: host, port: fromPort }) => {
    const reply = parseAnswer(bytes, fromPort);
    const round = reply === undefined ? -1 : (reply.transaction - base) >>> 0;
    const at = sentAt[round];
    if (reply === undefined || at === undefined) return;
    const ms = performance.now() - at;
    found.push({ host, port: reply.port, instance: reply.instance, ms });
    first.resolve();
  });
  const stopped = () => first.resolve();
  times.signal?.addEventListener("abort", stopped);
  try {
    for (let round = 0; round < ROUNDS && found.length === 0; round++) {
      if (times.signal?.aborted) break;
      sentAt.push(performance.now());
      await Promise.all(questions.map(({ host, port, packet }) =>
        // A network that is down has no tracker.
        socket.send(packet((base + round) >>> 0), { transport: "udp", hostname: host, port })
          .catch(() => 0)
      ));
      await within(times.roundMs, first.promise);
    }
    if (found.length > 0) await within(times.graceMs, new Promise(() => {}));
  } finally {
    times.signal?.removeEventListener("abort", stopped);
    socket.close();
    await heard;
  }
  return found;
}

/** A reply of discovery, or of any UDP tracker (BEP 15) to a connect. */
function parseAnswer(
  bytes: Uint8Array,
  fromPort: number,
): { transaction: number; instance: number | undefined; port: number } | undefined {
  const reply = parseDiscoveryReply(bytes);
  if (reply !== undefined) return reply;
  try {
    const { action, transactionId } = parseUdpReply(bytes, 4);
    if (action !== "connect") return undefined;
    return { transaction: transactionId >>> 0, instance: undefined, port: fromPort };
  } catch {
    return undefined; // whatever it is, it is no tracker
  }
}

async function receive(
  socket: Deno.DatagramConn,
  onPacket: (bytes: Uint8Array, from: Deno.NetAddr) => void,
): Promise<void> {
  const buffer = new Uint8Array(128);
  for (let errors = 0; errors < 100;) {
    try {
      const [bytes, from] = await socket.receive(buffer) as [Uint8Array, Deno.NetAddr];
      onPacket(bytes, from);
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
        return;
      }
      errors++; // some systems report here that nobody listens where we asked
    }
  }
}

/** Waits for `done`, `ms` at most. */
async function within(ms: number, done: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([done, new Promise<void>((over) => timer = setTimeout(over, ms))]);
  clearTimeout(timer);
}

function ownNetworks(): OwnNetwork[] {
  return Object.values(networkInterfaces()).flatMap((list) => list ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address, cidr }) => ({ address, prefix: Number(cidr?.split("/")[1] ?? 0) }));
}
