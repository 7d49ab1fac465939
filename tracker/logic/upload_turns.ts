/**
 * Uploads that wait to be read: a .torrent takes some twenty times its length while it is read, so
 * large ones are read one at a time, and small ones beside them.
 *
 * Of those that wait, it is another host's turn than the last one's where there is one: whoever
 * sends many delays others by one.
 *
 * @module
 */

/** Up to so many bytes an upload is small. */
export const SMALL_UPLOAD = 64 * 1024;
/** Small ones that are read side by side. */
const SMALL_AT_ONCE = 16;

/** This machine, which may have all of the room. */
export const OWN_HOST = "";

/** How much may wait and be read together. */
export interface UploadLimits {
  /** Bytes. */
  readonly bytes: number;
  /** Bytes of one host. */
  readonly ofHost: number;
}

/** There is no room to wait in. */
export class UploadsFullError extends Error {
  override name = "UploadsFullError";
}

interface Waiting {
  readonly host: string;
  readonly begin: () => void;
}

/** Those of one size. */
class Lane {
  readonly #atOnce: number;
  #running = 0;
  #last = "";
  readonly #waiting: Waiting[] = [];

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Resolves when it is this host's turn; then `leave` must follow. */
  enter(host: string): Promise<void> | void {
    if (this.#running < this.#atOnce) return this.#begin(host);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ host, begin: resolve });
    return promise;
  }

  leave(): void {
    this.#running--;
    const other = this.#waiting.findIndex(({ host }) => host !== this.#last);
    const [next] = this.#waiting.splice(Math.max(0, other), 1);
    if (next === undefined) return;
    this.#begin(next.host);
    next.begin();
  }

  #begin(host: string): void {
    this.#running++;
    this.#last = host;
  }
}

/** Whose upload is read now. */
export class UploadTurns {
  readonly #limits: UploadLimits;
  readonly #small = new Lane(SMALL_AT_ONCE);
  readonly #large = new Lane(1);
  readonly #ofHosts = new Map<string, number>();
  #bytes = 0;

  constructor(limits: UploadLimits) {
    this.#limits = limits;
  }

  /**
   * Does the work of an upload when it is its turn.
   *
   * @param bytes its length
   * @param host where it comes from; {@linkcode OWN_HOST} for this machine
   * @throws {UploadsFullError} where too much waits, of all or of this host
   */
  async run<T>(bytes: number, host: string, work: () => Promise<T>): Promise<T> {
    const ofHost = this.#ofHosts.get(host) ?? 0;
    const isFull = this.#bytes + bytes > this.#limits.bytes ||
      (host !== OWN_HOST && ofHost > 0 && ofHost + bytes > this.#limits.ofHost);
    if (isFull) throw new UploadsFullError();
    this.#count(host, bytes);
    try {
      const lane = bytes <= SMALL_UPLOAD ? this.#small : this.#large;
      await lane.enter(host);
      try {
        return await work();
      } finally {
        lane.leave();
      }
    } finally {
      this.#count(host, -bytes);
    }
  }

  #count(host: string, bytes: number): void {
    this.#bytes += bytes;
    const ofHost = (this.#ofHosts.get(host) ?? 0) + bytes;
    if (ofHost === 0) this.#ofHosts.delete(host);
    else this.#ofHosts.set(host, ofHost);
  }
}
