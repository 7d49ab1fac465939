/**
 * What a downloader tells a tracker, right in everything that a test does not change.
 *
 * @module
 */
import type { AnnounceRequest } from "../../protocol/announce.ts";

/** An announce of the peer at that port. */
export function announceRequest(
  port: number,
  facts: Partial<AnnounceRequest> = {},
): AnnounceRequest {
  return {
    infoHash: new Uint8Array(20).fill(9),
    peerId: new TextEncoder().encode(`-VT0100-${String(port).padStart(12, "0")}`),
    port,
    uploaded: 0,
    downloaded: 0,
    left: 5,
    event: "started",
    numwant: 50,
    key: 1,
    compact: true,
    noPeerId: true,
    ...facts,
  };
}
