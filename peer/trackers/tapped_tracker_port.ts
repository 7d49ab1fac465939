/**
 * Trackers as a tap sees them: each announce with its reply.
 *
 * @module
 */
import type { AnnounceReply, AnnounceRequest, ScrapeEntry } from "../../protocol/announce.ts";
import type { Tapping, TrackerPort } from "../ports.ts";

/** Hands everything on to `inner`, and tells whoever listens in. */
export class TappedTrackerPort implements TrackerPort {
  readonly #inner: TrackerPort;
  readonly #tapping: Tapping;

  constructor(inner: TrackerPort, tapping: Tapping) {
    this.#inner = inner;
    this.#tapping = tapping;
  }

  async announce(
    url: string,
    request: AnnounceRequest,
    signal: AbortSignal,
  ): Promise<AnnounceReply> {
    try {
      const reply = await this.#inner.announce(url, request, signal);
      this.#tapping.current?.tracker({ url, request, reply });
      return reply;
    } catch (error) {
      this.#tapping.current?.tracker({ url, request, reply: (error as Error).message });
      throw error;
    }
  }

  async scrape(
    url: string,
    infoHashes: Uint8Array[],
    signal: AbortSignal,
  ): Promise<ScrapeEntry[]> {
    return await this.#inner.scrape(url, infoHashes, signal);
  }
}
