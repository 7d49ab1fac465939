/**
 * What an engine's torrents share, made from its options.
 *
 * @module
 */
import type { EngineContext } from "./context.ts";
import { CLIENT } from "./extensions.ts";
import { PoolHasher } from "./io/hasher.ts";
import { newPeerId } from "./io/peer_id.ts";
import { PieceCache } from "./io/piece_cache.ts";
import { resolveHost } from "./io/resolve_host.ts";
import { TappedAnnouncer } from "./io/tapped_announcer.ts";
import { dial } from "./io/tcp.ts";
import { TrackerClient } from "./io/tracker_client.ts";
import { UtpEndpoint, type UtpOptions } from "./io/utp.ts";
import { WebClient } from "./io/web_client.ts";
import { SHELL_ADVICE } from "./logic/advice.ts";
import { BufferPool } from "./logic/buffer_pool.ts";
import { ConnectionRanks } from "./logic/connection_rank.ts";
import { OwnAddresses } from "./logic/own_addresses.ts";
import { RateLimit } from "./logic/rate_limit.ts";
import { Turns } from "./logic/turns.ts";
import { Unwelcome } from "./logic/unwelcome.ts";
import type { EngineOptions } from "./options.ts";
import type { Socket, Tapping } from "./ports.ts";

/** Memory for pieces on their way, and for pieces kept for uploads, in bytes. */
const BUFFER_BYTES = 32 << 20;
const CACHE_BYTES = 32 << 20;

/** @param engine what only the engine knows: its port, its name, its places, its listeners */
export function newContext(
  options: EngineOptions,
  engine:
    & Pick<EngineContext, "port" | "name" | "emit" | "onFault" | "dhtPort" | "meetNode" | "places">
    & {
      onCall(socket: Socket): void;
    },
): EngineContext {
  const tapping: Tapping = { current: undefined };
  const buffers = new BufferPool(BUFFER_BYTES);
  const started = performance.timeOrigin;
  const now = () => started + performance.now();
  const random = Math.random;
  const { port, onCall, onFault } = engine;
  const host = options.host ?? "0.0.0.0";
  const utp = options.utp === "off"
    ? undefined
    : openUtp({ host, port, now, random, onCall, onFault });
  const web = new WebClient(CLIENT);
  const ownAddresses = new OwnAddresses();
  const downLimit = new RateLimit(options.downloadLimit);
  const upLimit = new RateLimit(options.uploadLimit);
  const typedTrackers = new Set([...options.trackers ?? [], ...options.moreTrackers ?? []]);
  const client = new TrackerClient(tapping, { isTyped: (url) => typedTrackers.has(url) });
  return {
    peerId: newPeerId(),
    port,
    name: engine.name,
    sources: { tracker: true, pex: true, lsd: false, dht: "off", ...options.sources },
    uploadSlots: options.uploadSlots ?? 8,
    superSeed: options.superSeed ?? false,
    encryption: options.encryption ?? "allow",
    utp: utp === undefined ? "off" : options.utp ?? "allow",
    announcer: new TappedAnnouncer(client, tapping),
    typedTrackers,
    hasher: new PoolHasher(),
    web,
    buffers,
    cache: new PieceCache(CACHE_BYTES, buffers),
    ownAddresses,
    ranks: new ConnectionRanks(ownAddresses, port),
    unwelcome: new Unwelcome(),
    tapping,
    downLimit,
    upLimit,
    downTurns: new Turns(downLimit),
    upTurns: new Turns(upLimit),
    now,
    random,
    dial: (host, port, signal, transport) =>
      transport === "utp" && utp !== undefined
        ? utp.dial(host, port, signal)
        : dial(host, port, signal),
    resolve: resolveHost,
    advice: options.advice ?? SHELL_ADVICE,
    close: async () => {
      web[Symbol.dispose]();
      await utp?.[Symbol.asyncDispose]();
    },
    places: engine.places,
    emit: engine.emit,
    onFault: engine.onFault,
    udp: utp,
    dhtPort: engine.dhtPort,
    meetNode: engine.meetNode,
  };
}

/** uTP on the UDP port of the same number; none where somebody else has that. */
function openUtp(options: UtpOptions): UtpEndpoint | undefined {
  try {
    return new UtpEndpoint(options);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}
