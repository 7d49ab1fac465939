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
import { TappedAnnouncer } from "./io/tapped_announcer.ts";
import { dial } from "./io/tcp.ts";
import { TrackerClient } from "./io/tracker_client.ts";
import { WebClient } from "./io/web_client.ts";
import { BufferPool } from "./logic/buffer_pool.ts";
import { RateLimit } from "./logic/rate_limit.ts";
import type { EngineOptions } from "./options.ts";
import type { Tapping } from "./ports.ts";

/** Memory for pieces on their way, and for pieces kept for uploads, in bytes. */
const BUFFER_BYTES = 32 << 20;
const CACHE_BYTES = 32 << 20;

/** @param engine what only the engine knows: its port, its name, its connections, its listeners */
export function newContext(
  options: EngineOptions,
  engine: Pick<EngineContext, "port" | "name" | "emit"> & { connections(): number },
): EngineContext {
  const tapping: Tapping = { current: undefined };
  const buffers = new BufferPool(BUFFER_BYTES);
  const started = performance.timeOrigin;
  return {
    peerId: newPeerId(),
    port: engine.port,
    name: engine.name,
    sources: { tracker: true, pex: true, lsd: false, ...options.sources },
    uploadSlots: options.uploadSlots ?? 8,
    superSeed: options.superSeed ?? false,
    encryption: options.encryption ?? "allow",
    announcer: new TappedAnnouncer(new TrackerClient(), tapping),
    hasher: new PoolHasher(),
    web: new WebClient(CLIENT),
    buffers,
    cache: new PieceCache(CACHE_BYTES, buffers),
    tapping,
    downLimit: new RateLimit(options.downloadLimit),
    upLimit: new RateLimit(options.uploadLimit),
    now: () => started + performance.now(),
    random: Math.random,
    dial,
    mayConnect: () => engine.connections() < (options.maxConnections ?? 200),
    emit: engine.emit,
  };
}
