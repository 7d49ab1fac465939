/**
 * Peer discovery: the DHT and LSD, which serve all torrents of an engine at once.
 *
 * @module
 */
import type { PeerAddress } from "../../protocol/address.ts";
import type { Sources } from "../options.ts";
import type { LsdContext } from "./lsd.ts";
import type { DhtContext } from "../dht/dht.ts";
import type { Dht, DhtOptions } from "../dht/dht.ts";
import { Lsd } from "./lsd.ts";
import type { Discoverable } from "../discoverable.ts";

/** The part of the engine that peer discovery needs. */
export type DiscoveryContext = LsdContext & DhtContext & { readonly sources: Sources };

/** Those that are switched on. */
export class PeerDiscovery implements AsyncDisposable {
  readonly #context: DiscoveryContext;
  readonly #dhtOptions: DhtOptions;
  readonly #searched: () => readonly Discoverable[];
  #lsd: Lsd | undefined;
  #dht: Dht | undefined;
  #loading: Promise<void> | undefined;
  #isClosed = false;

  private constructor(
    context: DiscoveryContext,
    dhtOptions: DhtOptions,
    searched: () => readonly Discoverable[],
  ) {
    this.#context = context;
    this.#dhtOptions = dhtOptions;
    this.#searched = searched;
  }

  /** @param searched all torrents and links, as they are now */
  static async start(
    context: DiscoveryContext,
    options: DhtOptions,
    searched: () => readonly Discoverable[],
  ): Promise<PeerDiscovery> {
    const finders = new PeerDiscovery(context, options, searched);
    if (context.sources.lsd) {
      finders.#lsd = await Lsd.start(context, options.host, searched);
    }
    if (context.sources.dht === "on") await finders.#load();
    return finders;
  }

  /** The UDP port of our DHT node; undefined while there is none. */
  get dhtPort(): number | undefined {
    return this.#dht?.port;
  }

  /** A peer of a public torrent says where its DHT node is. */
  meet(node: PeerAddress): void {
    this.#dht?.meet(node);
  }

  /** A second has passed. */
  tick(now: number): void {
    this.#lsd?.tick(now);
    const { dht } = this.#context.sources;
    if (dht === "off") return;
    const searched = this.#searched().filter((one) =>
      one.isRunning && !one.isPrivate && (dht === "on" || one.trackerCount === 0)
    );
    if (this.#dht !== undefined) return this.#dht.tick(searched, now);
    if (searched.length > 0) this.#loading ??= this.#load().catch(this.#context.onFault);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#loading;
    await Promise.all([this.#lsd?.[Symbol.asyncDispose](), this.#dht?.[Symbol.asyncDispose]()]);
  }

  /** Most engines never need it: its code is loaded with the first torrent that does. */
  async #load(): Promise<void> {
    const { Dht } = await import("../dht/dht.ts");
    if (!this.#isClosed) this.#dht = new Dht(this.#context, this.#dhtOptions);
  }
}
