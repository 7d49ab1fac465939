/**
 * Peers that a link or a person gives by the name of their host: each name is looked up once, and
 * all its addresses are tried like any others. While it stands for none it is looked up again, ever
 * more rarely.
 *
 * @module
 */
import type { PeerAddress } from "../protocol/compact.ts";
import type { EngineContext } from "./context.ts";
import type { PeerSource } from "./snapshot.ts";

/** Names of one torrent, and how many of them are looked up at once. */
const MAX_NAMES = 64;
const PARALLEL = 4;
/** ms until a name without addresses is looked up again; doubled each time, up to the most. */
const AGAIN_MS = 10_000;
const MOST_MS = 600_000;

/** A host by name, and where a peer listens there. */
interface Named extends PeerAddress {
  source: PeerSource;
  isAsked: boolean;
  /** Lookups in a row that found nothing. */
  failures: number;
  /** Infinity: its addresses are known. */
  nextAt: number;
}

/** Those of one torrent. */
export class NamedPeers {
  readonly #resolve: EngineContext["resolve"];
  readonly #onAddress: (address: PeerAddress, source: PeerSource) => void;
  readonly #known = new Map<string, Named>();

  /** @param onAddress called with each address that a name stands for; checks it */
  constructor(
    { resolve }: Pick<EngineContext, "resolve">,
    onAddress: (address: PeerAddress, source: PeerSource) => void,
  ) {
    this.#resolve = resolve;
    this.#onAddress = onAddress;
  }

  has({ host, port }: PeerAddress): boolean {
    return this.#known.has(keyOf(host, port));
  }

  /** Somebody gave a name; given again by a person, it is looked up again. */
  add({ host, port }: PeerAddress, source: PeerSource, now: number): void {
    const key = keyOf(host, port);
    const isTyped = source === "manual";
    const known = this.#known.get(key);
    if (known !== undefined) {
      if (isTyped) Object.assign(known, { source, failures: 0, nextAt: now });
    } else if (isTyped || this.#known.size < MAX_NAMES) {
      this.#known.set(key, { host, port, source, isAsked: false, failures: 0, nextAt: now });
    }
  }

  /** Goes on with the names that another was to look up. */
  inherit(other: NamedPeers, now: number): void {
    for (const { host, port, source, nextAt } of other.#known.values()) {
      if (nextAt < Infinity) this.add({ host, port }, source, now);
    }
  }

  /** Begins the lookups that are due. @returns what ends with them, and never throws */
  tick(now: number, signal: AbortSignal): Promise<void>[] {
    const begun: Promise<void>[] = [];
    if (this.#known.size === 0 || signal.aborted) return begun;
    let asked = [...this.#known.values()].filter(({ isAsked }) => isAsked).length;
    for (const named of this.#known.values()) {
      if (named.isAsked || named.nextAt > now || asked >= PARALLEL) continue;
      named.isAsked = true;
      asked++;
      begun.push(this.#lookUp(named, now, signal));
    }
    return begun;
  }

  async #lookUp(named: Named, now: number, signal: AbortSignal): Promise<void> {
    const { host, port } = named;
    const addresses = await this.#resolve(host, signal);
    named.isAsked = false;
    if (signal.aborted) return;
    if (addresses.length === 0) {
      named.nextAt = now + Math.min(AGAIN_MS * 2 ** named.failures++, MOST_MS);
      return;
    }
    named.nextAt = Infinity;
    for (const address of addresses) this.#onAddress({ host: address, port }, named.source);
  }
}

function keyOf(host: string, port: number): string {
  return `${host.toLowerCase()} ${port}`;
}
