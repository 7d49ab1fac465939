/**
 * LSD, local service discovery (BEP 14): finds peers in the local networks without a tracker.
 *
 * @module
 */
import { encodeLsd, MAX_LSD_HASHES, parseLsd } from "../../protocol/lsd.ts";
import type { JoinNetworks, LocalNetworks } from "./lsd_sockets.ts";
import { isInScope } from "../destination/address_scope.ts";
import { BackgroundTasks } from "../background_tasks.ts";
import { LsdSchedule } from "./lsd_schedule.ts";
import type { Clock } from "../clock.ts";
import type { Discoverable } from "../discoverable.ts";

/** The part of the engine that local discovery needs. */
export interface LsdContext {
  /** The port that we listen on. */
  readonly port: number;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  readonly joinNetworks: JoinNetworks;
  /** Takes a bug that nobody awaits. Must not throw. */
  onFault(fault: unknown): void;
}

/** Announces our torrents, and hears of those of others. */
export class Lsd implements AsyncDisposable {
  readonly #context: LsdContext;
  readonly #plan = new LsdSchedule();
  readonly #cookie: string;
  readonly #searched: () => readonly Discoverable[];
  #sockets: LocalNetworks | undefined;
  readonly #background: BackgroundTasks;
  #sending: Promise<void> = Promise.resolve();

  private constructor(context: LsdContext, searched: () => readonly Discoverable[]) {
    this.#context = context;
    this.#searched = searched;
    this.#background = new BackgroundTasks((fault) => context.onFault(fault));
    // Knowing it, others could not do more than be ignored.
    this.#cookie = Math.floor(context.random() * 2 ** 48).toString(16).padStart(12, "0");
  }

  /** @param host the address that the engine listens on */
  static async start(
    context: LsdContext,
    host: string,
    searched: () => readonly Discoverable[],
  ): Promise<Lsd> {
    const discovery = new Lsd(context, searched);
    discovery.#sockets = await context.joinNetworks(host, (bytes, from) => {
      discovery.#background.guard(() => discovery.#onPacket(bytes, from));
    });
    return discovery;
  }

  /** A second has passed. */
  tick(now: number): void {
    const open = this.#searched().filter((one) => one.isRunning && !one.isPrivate);
    const due = new Set(this.#plan.next(open.map(({ infoHash }) => infoHash), now));
    if (due.size === 0) return;
    const names = open.filter(({ infoHash }) => due.has(infoHash)).flatMap(({ hashes }) => hashes);
    this.#sending = this.#send(names).catch(this.#context.onFault);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sending;
    await this.#sockets?.[Symbol.asyncDispose]();
  }

  /** As many packets as the names take: hybrids have two. */
  async #send(names: readonly Uint8Array[]): Promise<void> {
    for (let at = 0; at < names.length; at += MAX_LSD_HASHES) {
      const infoHashes = names.slice(at, at + MAX_LSD_HASHES);
      const announce = { infoHashes, port: this.#context.port, cookie: this.#cookie };
      await this.#sockets!.send((family) => encodeLsd(announce, family));
    }
  }

  #onPacket(bytes: Uint8Array, host: string): void {
    if (!this.#plan.mayHear(host, this.#context.clock.now())) return;
    const announce = parseLsd(bytes);
    if (announce === undefined || announce.cookie === this.#cookie) return;
    const address = { host, port: announce.port };
    if (!isInScope(address, host)) return;
    const meant = new Set(announce.infoHashes.map((infoHash) => infoHash.toHex()));
    for (const one of this.#searched()) {
      if (one.hashes.some((hash) => meant.has(hash.toHex())) && one.isRunning && !one.isPrivate) {
        one.addPeers([address], "lsd");
      }
    }
  }
}
