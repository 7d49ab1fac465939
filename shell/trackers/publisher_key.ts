/**
 * The secret by which a peer proves that it published a torrent: kept in its store, never sent.
 *
 * @module
 */
import { createHmac } from "node:crypto";

const LENGTH = 32;

/** Proofs for the torrents of one peer. */
export class PublisherKey {
  readonly #secret: Uint8Array;

  private constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** Reads the secret, or makes it; without a path it is for this session only. */
  static async open(path?: string): Promise<PublisherKey> {
    const fresh = crypto.getRandomValues(new Uint8Array(LENGTH));
    if (path === undefined) return new PublisherKey(fresh);
    try {
      const kept = await Deno.readFile(path);
      if (kept.length === LENGTH) return new PublisherKey(kept);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await Deno.writeFile(path, fresh, { mode: 0o600 });
    return new PublisherKey(fresh);
  }

  /** What shows a tracker that a torrent (hex) is ours. It shows nothing about any other. */
  proof(infoHash: string): string {
    return createHmac("sha256", this.#secret).update(`publisher of ${infoHash}`).digest("hex");
  }
}
