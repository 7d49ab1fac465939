/**
 * Tries whether a peer's port can be connected to, at the address that its announce came from and at
 * no other.
 *
 * @module
 */
import { formatIp } from "../protocol/address.ts";
import { Reachability } from "./reachability.ts";

/** ms that a peer has to accept. */
const CONNECT_MS = 2000;
/** Tries under way at once; what comes on top is tried at a later announce. */
const MAX_TRIES = 32;

/** A peer that nobody can connect to. */
export type OnUnreachable = (address: Uint8Array, port: number) => void;

/** Tries ports in the background. Dispose it to stop. */
export class PortCheck implements AsyncDisposable {
  readonly #reachability = new Reachability();
  readonly #abort = new AbortController();
  readonly #tries = new Set<Promise<void>>();
  readonly #onUnreachable: OnUnreachable;
  readonly #onFault: (fault: unknown) => void;

  constructor(onUnreachable: OnUnreachable, onFault: (fault: unknown) => void) {
    this.#onUnreachable = onUnreachable;
    this.#onFault = onFault;
  }

  /**
   * A peer announced: tries its port where that is not known yet.
   *
   * @returns what to tell it, from an earlier try; undefined where nothing is wrong
   */
  heard(
    address: Uint8Array,
    port: number,
    peerId: Uint8Array,
    now: number,
  ): string | undefined {
    if (
      this.#tries.size < MAX_TRIES && !this.#abort.signal.aborted &&
      this.#reachability.due(address, port, peerId, now)
    ) {
      const attempt = this.#try(address.slice(), port, peerId.slice())
        .catch(this.#onFault).finally(() => void this.#tries.delete(attempt));
      this.#tries.add(attempt);
    }
    return this.#reachability.isUnreachable(address, port, peerId)
      ? `port ${port} is not reachable from the tracker`
      : undefined;
  }

  /** A peer said goodbye. */
  left(address: Uint8Array, port: number): void {
    this.#reachability.forget(address, port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#tries);
  }

  async #try(address: Uint8Array, port: number, peerId: Uint8Array): Promise<void> {
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(CONNECT_MS)]);
    let reachable = false;
    try {
      (await Deno.connect({ hostname: formatIp(address), port, signal })).close();
      reachable = true;
    } catch {
      if (this.#abort.signal.aborted) return; // nothing was learnt
    }
    const wasKnown = this.#reachability.isUnreachable(address, port, peerId);
    const isThere = this.#reachability.settle(address, port, peerId, reachable, Date.now());
    if (isThere && !reachable && !wasKnown) this.#onUnreachable(address, port);
  }
}
