/**
 * Makes the engine context, which all torrents share, from the options.
 *
 * @module
 */
import type { EngineContext } from "./context.ts";
import { CLIENT } from "../../protocol/version.ts";
import { newPeerId } from "./peer_id.ts";
import { PieceCache } from "../uploading/piece_cache.ts";
import { TappedTrackerPort } from "../trackers/tapped_tracker_port.ts";
import { UtpEndpoint, type UtpOptions } from "../utp/utp_socket.ts";
import { WebClient } from "../web_seed/web_client.ts";
import { ALL_RULES } from "../crowd_rules.ts";
import { BufferPool } from "../pieces/buffer_pool.ts";
import { PeerPriorities } from "../peers/peer_priority.ts";
import { ExternalIp } from "../peers/external_ip.ts";
import { RateLimit } from "../rate/rate_limit.ts";
import { RoundRobin } from "../rate/round_robin.ts";
import { UserBans } from "../peers/user_bans.ts";
import type { EngineOptions } from "../options.ts";
import type { Socket, Tapping } from "../ports.ts";
import type { World } from "./world.ts";

/** Memory for pieces on their way, and for pieces kept for uploads, in bytes. */
const BUFFER_BYTES = 32 << 20;
const CACHE_BYTES = 32 << 20;

/** @param engine what only the engine knows: its port, its name, its places, its listeners */
export function newContext(
  options: EngineOptions,
  world: World,
  engine:
    & Pick<EngineContext, "port" | "name" | "emit" | "onFault" | "dhtPort" | "meetNode" | "places">
    & {
      onCall(socket: Socket): void;
    },
): EngineContext {
  const tapping: Tapping = { current: undefined };
  const buffers = new BufferPool(BUFFER_BYTES);
  const { clock, hasher, network, rules = ALL_RULES } = world;
  const random = () => world.random();
  const randomBytes = (length: number) => world.randomBytes(length);
  const listenDatagram = (host: string, port: number) => network.listenDatagram(host, port);
  const { port, onCall, onFault } = engine;
  const host = options.host ?? "0.0.0.0";
  const utp = options.utp === "off"
    ? undefined
    : openUtp({ host, port, clock, random, listenDatagram, onCall, onFault });
  const web = new WebClient(CLIENT);
  const externalIp = new ExternalIp();
  const downLimit = new RateLimit(options.downloadLimit);
  const upLimit = new RateLimit(options.uploadLimit);
  const typedTrackers = new Set([...options.trackers ?? [], ...options.moreTrackers ?? []]);
  const client = network.trackers(tapping, (url) => typedTrackers.has(url));
  return {
    peerId: newPeerId(randomBytes),
    port,
    name: engine.name,
    sources: { tracker: true, pex: true, lsd: false, dht: "off", ...options.sources },
    uploadSlots: options.uploadSlots ?? 8,
    slotsFollowUplink: options.uploadSlots === undefined && rules.has("uplink-slots"),
    rules,
    superSeed: options.superSeed ?? false,
    encryption: options.encryption ?? "allow",
    utp: utp === undefined ? "off" : options.utp ?? "allow",
    announcer: new TappedTrackerPort(client, tapping),
    typedTrackers,
    hasher,
    web,
    buffers,
    cache: new PieceCache(CACHE_BYTES, buffers),
    externalIp,
    ranks: new PeerPriorities(externalIp, port),
    unwelcome: new UserBans(),
    tapping,
    downLimit,
    upLimit,
    downRoundRobin: new RoundRobin(downLimit),
    upRoundRobin: new RoundRobin(upLimit),
    clock,
    now: () => clock.now(),
    random,
    randomBytes,
    dial: (host, port, signal, transport) =>
      transport === "utp" && utp !== undefined
        ? utp.dial(host, port, signal)
        : network.dial(host, port, signal),
    listenDatagram,
    joinNetworks: (host, onPacket) => network.joinNetworks(host, onPacket),
    resolve: (host, signal) => network.resolve(host, signal),
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
