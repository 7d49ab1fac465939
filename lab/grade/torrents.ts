/**
 * Torrents made up for one probe, content included: nothing of them can stand in a student's source.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { BLOCK_LENGTH, encodeBencode } from "../../protocol/mod.ts";
import type { BencodeInput } from "../../protocol/mod.ts";
import type { Random } from "./random.ts";

/** What a torrent is to be like. */
export interface TorrentWish {
  /** Bytes of each piece; by default two blocks. */
  readonly pieceLength?: number;
  /** Bytes in all; by default four whole pieces. */
  readonly length?: number;
  /** Several files, by their lengths, in a folder; they take the place of `length`. */
  readonly files?: readonly number[];
  readonly announce?: string;
  /** Tiers (BEP 12). */
  readonly announceList?: readonly (readonly string[])[];
  /** More keys of the info dictionary. */
  readonly info?: Readonly<Record<string, BencodeInput>>;
  /** The info dictionary's keys in another order than the sorted one. */
  readonly unsorted?: boolean;
  /** Bytes that have to be in the info hash; without them there is none that has to be escaped with care. */
  readonly hashHas?: readonly number[];
  /** Ending of the name. */
  readonly extension?: string;
}

/** One file of a torrent. */
export interface MadeFile {
  /** Below the folder of the torrent's name; empty for a single file. */
  readonly path: readonly string[];
  readonly length: number;
  /** Where it begins in the content. */
  readonly offset: number;
}

/** A torrent and all that is known of it. */
export interface MadeTorrent {
  readonly name: string;
  /** The .torrent file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The info dictionary as it stands in the file. */
  readonly infoBytes: Uint8Array<ArrayBuffer>;
  readonly infoHash: Uint8Array<ArrayBuffer>;
  readonly content: Uint8Array<ArrayBuffer>;
  readonly length: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** SHA-1 of each piece. */
  readonly hashes: readonly Uint8Array[];
  readonly files: readonly MadeFile[];
  readonly announce: string | undefined;
}

/** Tries until an info hash has the wanted bytes: three of 256 are met once in 2,500. */
const MOST_TRIES = 200_000;
/**
 * NUL, space, `#`, `%`, `&`, `+`, `=` and `?`: a program that escapes them wrongly fails the probes
 * for that, and not by chance another one.
 */
const DELICATE = [0x00, 0x20, 0x23, 0x25, 0x26, 0x2b, 0x3d, 0x3f];

export function sha1(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha1").update(bytes).digest());
}

/** Makes a torrent as wished. */
export function makeTorrent(random: Random, wish: TorrentWish = {}): MadeTorrent {
  const pieceLength = wish.pieceLength ?? 2 * BLOCK_LENGTH;
  const lengths = wish.files ?? [wish.length ?? 4 * pieceLength];
  const length = lengths.reduce((sum, one) => sum + one, 0);
  const content = random.bytes(length);
  const pieceCount = Math.ceil(length / pieceLength);
  const hashes = Array.from(
    { length: pieceCount },
    (_, piece) => sha1(content.subarray(piece * pieceLength, (piece + 1) * pieceLength)),
  );
  const pieces = new Uint8Array(20 * pieceCount);
  hashes.forEach((hash, piece) => pieces.set(hash, 20 * piece));
  let offset = 0;
  const files: MadeFile[] = lengths.map((one, index) => {
    const path = wish.files === undefined ? [] : [`${index + 1}-${random.letters(4)}.bin`];
    const file = { path, length: one, offset };
    offset += one;
    return file;
  });
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const name = `${random.letters(8)}${wish.files === undefined ? wish.extension ?? ".bin" : ""}`;
    const info: Record<string, BencodeInput> = {
      ...(wish.files === undefined
        ? { length }
        : { files: files.map(({ path, length }) => ({ length, path })) }),
      name,
      "piece length": pieceLength,
      pieces,
      ...wish.info,
    };
    const infoBytes = wish.unsorted ? unsortedDictionary(info) : encodeBencode(info);
    const infoHash = sha1(infoBytes);
    if (!fitsHash(infoHash, wish.hashHas)) continue;
    return {
      name,
      bytes: torrentAround(infoBytes, wish),
      infoBytes,
      infoHash,
      content,
      length,
      pieceLength,
      pieceCount,
      hashes,
      files,
      announce: wish.announce,
    };
  }
  throw new RangeError(`No info hash with these bytes in ${MOST_TRIES} tries`);
}

/** Whether an info hash has what was wished, or nothing delicate where nothing was. */
function fitsHash(infoHash: Uint8Array, has: readonly number[] | undefined): boolean {
  return has === undefined
    ? !DELICATE.some((byte) => infoHash.includes(byte))
    : has.every((byte) => infoHash.includes(byte));
}

/** The blocks of a piece as they are asked for. */
export function blocksOf(
  torrent: MadeTorrent,
  piece: number,
): { piece: number; begin: number; length: number }[] {
  const length = pieceLengthOf(torrent, piece);
  const blocks = [];
  for (let begin = 0; begin < length; begin += BLOCK_LENGTH) {
    blocks.push({ piece, begin, length: Math.min(BLOCK_LENGTH, length - begin) });
  }
  return blocks;
}

/** Bytes of one piece: the last one may be shorter. */
export function pieceLengthOf(torrent: MadeTorrent, piece: number): number {
  return Math.min(torrent.pieceLength, torrent.length - piece * torrent.pieceLength);
}

/** One piece's bytes. */
export function pieceOf(torrent: MadeTorrent, piece: number): Uint8Array<ArrayBuffer> {
  const start = piece * torrent.pieceLength;
  return torrent.content.subarray(start, start + pieceLengthOf(torrent, piece));
}

/** A bitfield of these pieces; by default of all. */
export function bitfieldOf(
  torrent: MadeTorrent,
  has: (piece: number) => boolean = () => true,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil(torrent.pieceCount / 8));
  for (let piece = 0; piece < torrent.pieceCount; piece++) {
    if (has(piece)) bytes[piece >> 3]! |= 0x80 >> (piece & 7);
  }
  return bytes;
}

/** The same torrent with another tracker. */
export function withAnnounce(torrent: MadeTorrent, announce: string): MadeTorrent {
  return { ...torrent, announce, bytes: torrentAround(torrent.infoBytes, { announce }) };
}

/** The .torrent around an info dictionary whose bytes are kept as they are. */
function torrentAround(infoBytes: Uint8Array, wish: TorrentWish): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [encoder.encode("d")];
  const put = (key: string, value: Uint8Array) => parts.push(encodeBencode(key), value);
  if (wish.announce !== undefined) put("announce", encodeBencode(wish.announce));
  if (wish.announceList !== undefined) put("announce-list", encodeBencode(wish.announceList));
  put("created by", encodeBencode("vtorrent grade"));
  put("info", infoBytes);
  parts.push(encoder.encode("e"));
  return joined(parts);
}

/** As some old programs wrote it: a reader that sorts, as a writer has to, gets another info hash. */
function unsortedDictionary(info: Record<string, BencodeInput>): Uint8Array<ArrayBuffer> {
  const keys = Object.keys(info).sort().reverse();
  const encoder = new TextEncoder();
  return joined([
    encoder.encode("d"),
    ...keys.flatMap((key) => [encodeBencode(key), encodeBencode(info[key]!)]),
    encoder.encode("e"),
  ]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
