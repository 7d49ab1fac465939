/**
 * A .torrent completed with the piece layers that peers told (BEP 52).
 *
 * @module
 */
import { encodeBencode, encodeKey, rawEntries } from "./bencode.ts";
import { concatBytes } from "./concat_bytes.ts";
import type { PieceLayers } from "./piece_layers.ts";

/** The same .torrent with these layers; every other byte of its values stays as it is. */
export function addPieceLayers(torrent: Uint8Array, layers: PieceLayers): Uint8Array<ArrayBuffer> {
  const entries = rawEntries(torrent)!;
  entries.set(
    "piece layers",
    encodeBencode(
      new Map(
        [...layers].map(([hex, layer]) => {
          return [String.fromCharCode(...Uint8Array.fromHex(hex)), layer];
        }),
      ),
    ),
  );
  const parts = [...entries].sort(([a], [b]) => a < b ? -1 : 1).flatMap(([key, value]) => {
    return [encodeKey(key), value];
  });
  const encoder = new TextEncoder();
  return concatBytes([encoder.encode("d"), ...parts, encoder.encode("e")]);
}
