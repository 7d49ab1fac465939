/**
 * The ways to find peers that serve all torrents of an engine at once.
 *
 * @module
 */
import type { EngineContext } from "./context.ts";
import { LocalDiscovery } from "./local_discovery.ts";
import type { Searched } from "./searched.ts";

/** What is switched on, running. */
export class Finders implements AsyncDisposable {
  readonly #lsd: LocalDiscovery | undefined;

  private constructor(lsd: LocalDiscovery | undefined) {
    this.#lsd = lsd;
  }

  /** @param searched all torrents and links, as they are now */
  static async start(
    context: EngineContext,
    host: string,
    searched: () => readonly Searched[],
  ): Promise<Finders> {
    const lsd = context.sources.lsd
      ? await LocalDiscovery.start(context, host, searched)
      : undefined;
    return new Finders(lsd);
  }

  /** A second has passed. */
  tick(now: number): void {
    this.#lsd?.tick(now);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lsd?.[Symbol.asyncDispose]();
  }
}
