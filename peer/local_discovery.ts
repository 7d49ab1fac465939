/**
 * Finds peers in the local networks without a tracker (BEP 14).
 *
 * @module
 */
import { encodeLsd, MAX_LSD_HASHES, parseLsd } from "../protocol/lsd.ts";
import type { EngineContext } from "./context.ts";
import { LsdSockets } from "./io/lsd_sockets.ts";
import { isInScope } from "./logic/address_scope.ts";
import { Background } from "./logic/background.ts";
import { LsdPlan } from "./logic/lsd_plan.ts";
import type { Searched } from "./searched.ts";

/** Announces our torrents, and hears of those of others. */
export class LocalDiscovery implements AsyncDisposable {
  readonly #context: EngineContext;
  readonly #plan = new LsdPlan();
  readonly #cookie: string;
  readonly #searched: () => readonly Searched[];
  #sockets: LsdSockets | undefined;
  readonly #background: Background;
  #sending: Promise<void> = Promise.resolve();

  private constructor(context: EngineContext, searched: () => readonly Searched[]) {
    this.#context = context;
    this.#searched = searched;
    this.#background = new Background((fault) => context.onFault(fault));
    // Knowing it, others could not do more than be ignored.
    this.#cookie = Math.floor(context.random() * 2 ** 48).toString(16).padStart(12, "0");
  }

  /** @param host the address that the engine listens on */
  static async start(
    context: EngineContext,
    host: string,
    searched: () => readonly Searched[],
  ): Promise<LocalDiscovery> {
    const discovery = new LocalDiscovery(context, searched);
    discovery.#sockets = await LsdSockets.open(host, (bytes, from) => {
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
    if (!this.#plan.mayHear(host, this.#context.now())) return;
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
