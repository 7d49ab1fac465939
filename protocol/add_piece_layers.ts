/**
 * A .torrent completed with the piece layers that peers told (BEP 52).
 *
 * @module
 */
import { decodeBencode, encodeBencode, rawValue } from "./bencode.ts";
import { concatBytes } from "./concat_bytes.ts";
import type { PieceLayers } from "./piece_layers.ts";

/** The same .torrent with these layers; every other byte of its values stays as it is. */
export function addPieceLayers(torrent: Uint8Array, layers: PieceLayers): Uint8Array<ArrayBuffer> {
  const root = decodeBencode(torrent, { lenient: true }) as ReadonlyMap<string, unknown>;
  const keys = [...new Set([...root.keys(), "piece layers"])].sort((a, b) => a < b ? -1 : 1);
  const parts = keys.flatMap((key) => {
    const value = key === "piece layers"
      ? encodeBencode(
        new Map(
          [...layers].map(([hex, layer]) => {
            return [String.fromCharCode(...Uint8Array.fromHex(hex)), layer];
          }),
        ),
      )
      : rawValue(torrent, [key])!;
    return [encodeBencode(Uint8Array.from(key, (character) => character.charCodeAt(0))), value];
  });
  const encoder = new TextEncoder();
  return concatBytes([encoder.encode("d"), ...parts, encoder.encode("e")]);
}
