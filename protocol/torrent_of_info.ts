/**
 * A .torrent around an info dictionary that came from peers (BEP 9), byte for byte as it came.
 *
 * @module
 */
import { encodeBencode } from "./bencode.ts";
import { concatBytes } from "./concat_bytes.ts";

/**
 * The .torrent's bytes.
 *
 * @param infoBytes the dictionary, hashed already: it is copied as it is, so the info hash stays
 */
export function torrentOfInfo(
  infoBytes: Uint8Array,
  more: { trackers: readonly (readonly string[])[]; webSeeds?: readonly string[] },
): Uint8Array<ArrayBuffer> {
  const trackers = more.trackers.filter((tier) => tier.length > 0);
  const urls = trackers.flat();
  // "info" sorts behind these keys and before "url-list".
  const before = encodeBencode({
    announce: urls[0],
    "announce-list": urls.length > 1 ? trackers : undefined,
  });
  const after = encodeBencode({
    "url-list": more.webSeeds?.length ? more.webSeeds : undefined,
  });
  const key = new TextEncoder().encode("4:info");
  return concatBytes([before.subarray(0, -1), key, infoBytes, after.subarray(1)]);
}
