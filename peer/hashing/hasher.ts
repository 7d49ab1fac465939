/**
 * Hasher: SHA-1 and SHA-256 in the way that is cheapest on this machine.
 *
 * @module
 */
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import { SHA256_LENGTH } from "../../protocol/merkle.ts";
import type { Hasher } from "../ports.ts";
import { hashesFast } from "./piece_digester.ts";
import { createHash, sha256 } from "./node_hash.ts";

let isFast: boolean | undefined;

/** Whether hashing on the spot is the way here: see {@linkcode hashesFast}. */
export function hasFastSha1(): boolean {
  isFast ??= hashesFast(createHash);
  return isFast;
}

/**
 * Hashes at once where that is cheap, and otherwise with Web Crypto, whose digests run beside the JS
 * thread. Each of those holds a copy of its input, so those over the limit wait in line.
 */
export class PoolHasher implements Hasher {
  readonly #limit: number;
  readonly #isFast: boolean;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /**
   * @param limit digests of Web Crypto at a time; more than a few per core only takes memory
   * @param isFast whether to hash on the spot
   */
  constructor(limit = 8, isFast = hasFastSha1()) {
    this.#limit = limit;
    this.#isFast = isFast;
  }

  async sha1(bytes: Uint8Array): Promise<Uint8Array> {
    if (this.#isFast) return createHash("sha1").update(bytes).digest();
    return await this.#inLine(() => digest("SHA-1", bytes));
  }

  async sha256Blocks(bytes: Uint8Array): Promise<Uint8Array> {
    const hashes = new Uint8Array(Math.ceil(bytes.length / BLOCK_LENGTH) * SHA256_LENGTH);
    const blocks = Array.from(
      { length: hashes.length / SHA256_LENGTH },
      (_, block) => bytes.subarray(block * BLOCK_LENGTH, (block + 1) * BLOCK_LENGTH),
    );
    // The same instructions of the processor serve both: where SHA-1 is fast, this is.
    if (this.#isFast) {
      for (const [i, block] of blocks.entries()) hashes.set(sha256(block), i * SHA256_LENGTH);
      return hashes;
    }
    const digests = await this.#inLine(() =>
      Promise.all(blocks.map((block) => digest("SHA-256", block)))
    );
    for (const [i, hash] of digests.entries()) hashes.set(hash, i * SHA256_LENGTH);
    return hashes;
  }

  async #inLine<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limit) this.#running++;
    // Whoever finishes hands its place over, so the count stays as it is.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

async function digest(algorithm: string, bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(algorithm, bytes as Uint8Array<ArrayBuffer>));
}
