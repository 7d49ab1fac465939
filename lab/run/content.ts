/**
 * What a run shares: bytes that follow from the seed, and a .torrent for each member, which all have one
 * info hash and differ in the announce URL.
 *
 * @module
 */
import { createCipheriv, createHash } from "node:crypto";
import { encodeMetainfo } from "../../protocol/metainfo_encoder.ts";

/** Name of the file that is shared. */
export const CONTENT_NAME = "content.bin";

/** What is shared. */
export interface SharedContent {
  readonly bytes: Uint8Array;
  /** SHA-256 as hex. */
  readonly digest: string;
  readonly infoHash: Uint8Array;
  /** The .torrent with these announce URLs, each in a tier of its own (BEP 12), or without any. */
  readonly torrent: (...announce: readonly string[]) => Uint8Array<ArrayBuffer>;
}

/**
 * Makes the content of a run.
 *
 * @param size bytes
 * @param pieceLength bytes
 * @param options.isPrivate whether peers come from the tracker alone (BEP 27)
 */
export function makeContent(
  seed: number,
  size: number,
  pieceLength: number,
  { isPrivate }: { isPrivate: boolean },
): SharedContent {
  const key = createHash("sha256").update(`vtorrent lab ${seed}`).digest();
  const cipher = createCipheriv("aes-256-ctr", key, new Uint8Array(16));
  const bytes = new Uint8Array(cipher.update(new Uint8Array(size)));
  cipher.final();
  const count = Math.ceil(size / pieceLength);
  const pieces = new Uint8Array(20 * count);
  for (let piece = 0; piece < count; piece++) {
    const from = piece * pieceLength;
    const hash = createHash("sha1").update(bytes.subarray(from, from + pieceLength)).digest();
    pieces.set(hash, 20 * piece);
  }
  const encode = (announce: readonly string[]) =>
    encodeMetainfo({
      name: CONTENT_NAME,
      ...{ pieceLength, pieces, files: undefined, length: size },
      private: isPrivate,
      trackers: announce.map((url) => [url]),
      createdBy: "vtorrent lab",
    });
  return {
    bytes,
    digest: createHash("sha256").update(bytes).digest("hex"),
    infoHash: new Uint8Array(createHash("sha1").update(encode([]).infoBytes).digest()),
    torrent: (...announce) => encode(announce).bytes,
  };
}

/** Which pieces a member has at the start. @param random from 0 up to 1 */
export function startPieces(
  pieces: number,
  member: { readonly haveAtStart: number; readonly lacks: readonly number[] },
  random: () => number,
): number[] {
  const all = Array.from({ length: pieces }, (_, piece) => piece);
  const wanted = Math.round(pieces * member.haveAtStart);
  for (let i = all.length - 1; wanted < pieces && i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [all[i], all[other]] = [all[other]!, all[i]!];
  }
  const lacks = new Set(member.lacks);
  return all.slice(0, wanted).filter((piece) => !lacks.has(piece)).sort((a, b) => a - b);
}
