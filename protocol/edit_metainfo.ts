/**
 * Changing a .torrent around its info dictionary, which stays byte for byte: the info hash and all
 * that is not changed survive, unknown keys included.
 *
 * @module
 */
import { type BencodeInput, encodeBencode, encodeKey, rawEntries } from "./bencode.ts";
import { concatBytes } from "./concat_bytes.ts";
import { MetainfoError } from "./errors.ts";

/** What to change; what is left out stays. */
export interface MetainfoChanges {
  /** Tiers of announce URLs (BEP 12) in place of all there are; none at all removes them. */
  readonly trackers?: readonly (readonly string[])[];
  /** Web seeds (BEP 19) in place of all there are. */
  readonly webSeeds?: readonly string[];
  /** `""` removes it. */
  readonly comment?: string;
}

/**
 * The .torrent with other trackers, web seeds or comment.
 *
 * @throws {BencodeError | MetainfoError} for bytes that are no .torrent
 */
export function editMetainfo(bytes: Uint8Array, changes: MetainfoChanges): Uint8Array {
  const entries = rawEntries(bytes);
  if (entries === undefined || !entries.has("info")) {
    throw new MetainfoError("it has no info dictionary");
  }
  const put = (key: string, value: BencodeInput | undefined): void => {
    if (value === undefined) entries.delete(key);
    else entries.set(key, encodeBencode(value));
  };
  if (changes.trackers !== undefined) {
    const tiers = changes.trackers.filter((tier) => tier.length > 0);
    const urls = tiers.flat();
    put("announce", urls[0]);
    put("announce-list", urls.length > 1 ? tiers : undefined);
  }
  if (changes.webSeeds !== undefined) {
    put("url-list", changes.webSeeds.length === 0 ? undefined : changes.webSeeds);
  }
  if (changes.comment !== undefined) put("comment", changes.comment || undefined);
  const sorted = [...entries].sort(([a], [b]) => a < b ? -1 : 1);
  return concatBytes([
    new Uint8Array([0x64]),
    ...sorted.flatMap(([key, value]) => [encodeKey(key), value]),
    new Uint8Array([0x65]),
  ]);
}
