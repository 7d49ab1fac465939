/**
 * The one tick that drives an engine's torrents, and the pulse between ticks.
 *
 * @module
 */
import type { IncomingHandshakes } from "../connections/incoming_handshake.ts";
import type { EngineContext } from "./context.ts";
import type { PeerDiscovery } from "../discovery/peer_discovery.ts";
import type { BackgroundTasks } from "../background_tasks.ts";
import { nextInQueue } from "./active_downloads.ts";
import type { MagnetList } from "../magnet/magnet_list.ts";
import type { EngineOptions } from "../options.ts";
import type { Torrent } from "../torrent/torrent.ts";

const TICK_MS = 1000;
/** While a rate limit is set, transfers go on this often (ms) instead of once a second. */
const PULSE_MS = 100;

/** What an engine consists of. */
interface Parts {
  readonly torrents: Iterable<Torrent>;
  readonly magnets: MagnetList;
  readonly callers: IncomingHandshakes;
  finders(): PeerDiscovery | undefined;
  readonly background: BackgroundTasks;
}

/** Everything periodic. What one torrent throws ends that torrent, and those behind it have their turn. */
export class Tick implements Disposable {
  readonly #context: EngineContext;
  readonly #parts: Parts;
  readonly #options: Pick<EngineOptions, "seedGoal" | "maxActive">;
  readonly #timers = new DisposableStack();

  constructor(
    context: EngineContext,
    parts: Parts,
    options: Pick<EngineOptions, "seedGoal" | "maxActive">,
  ) {
    this.#context = context;
    this.#parts = parts;
    this.#options = options;
  }

  start(): void {
    const { clock } = this.#context;
    this.#timers.use(clock.every(TICK_MS, () => this.#tick()));
    this.#timers.use(clock.every(PULSE_MS, () => this.#pulse()));
  }

  /** Lets downloads begin whose turn it is. */
  admit(): void {
    this.#parts.background.guard(() => {
      const torrents = [...this.#parts.torrents];
      // Who does something else has to wait again before it downloads.
      const { maxActive = 0 } = this.#options;
      for (const torrent of torrents) if (maxActive > 0 && !torrent.isDownload) torrent.queue();
      for (const torrent of nextInQueue(torrents, maxActive)) {
        torrent.background.guard(() => torrent.admit());
      }
    });
  }

  [Symbol.dispose](): void {
    this.#timers[Symbol.dispose]();
  }

  #tick(): void {
    const now = this.#context.now();
    const { torrents, magnets, callers, finders, background } = this.#parts;
    for (const torrent of torrents) {
      torrent.background.guard(() => {
        torrent.tick(now);
        const enough = torrent.enough(this.#options.seedGoal ?? {});
        if (enough === undefined) return;
        background.run(torrent.stop(enough).catch((fault) => torrent.fault(fault)));
      });
    }
    this.admit();
    for (const magnet of magnets) magnet.background.guard(() => magnet.tick(now));
    background.guard(() => callers.tick(now));
    background.guard(() => finders()?.tick(now));
    background.guard(() => this.#context.buffers.tick());
  }

  #pulse(): void {
    const now = this.#context.now();
    const { downLimit, downRoundRobin, upRoundRobin } = this.#context;
    for (const { exchange, background } of this.#parts.torrents) {
      if (downLimit.limit === 0 && exchange.downLimit.limit === 0) continue;
      background.guard(() => exchange.pulse(now));
    }
    this.#parts.background.guard(() => downRoundRobin.run(now));
    this.#parts.background.guard(() => upRoundRobin.run(now));
  }
}
