/**
 * Bounds of everything that a .torrent, its metadata, a link or a record may claim: one table for all
 * readers. What is beyond is refused in a sentence with the number; of lists that only say where to
 * look (trackers, web seeds, peers, nodes) the rest is left out, and how many that were is told.
 *
 * @module
 */

/** Longest .torrent file that is read, in bytes. */
export const MAX_TORRENT_SIZE = 64 * 1024 * 1024;

/**
 * Pieces of a torrent. Metadata of a v2 torrent says only the lengths of files: what is laid out by
 * piece (hashes, bitfields, availability: about 60 bytes each) is not paid for by bytes that were
 * sent, so this is what bounds it. libtorrent has the same bound.
 */
export const MAX_PIECES = 1 << 21;

/** Longest piece in bytes that is read and made: one has to fit into memory several times over. */
export const MAX_PIECE_LENGTH = 128 * 1024 * 1024;

/**
 * Longest "piece length" in bytes that a torrent may claim whose content is shorter than
 * {@linkcode MAX_PIECE_LENGTH}: libtorrent reads up to here.
 */
export const MAX_CLAIMED_PIECE_LENGTH = 32767 * 16384;

/** Files of a torrent, padding included. */
export const MAX_FILES = 1 << 18;

/** Bytes of a key in bencode: each becomes text at once. */
export const MAX_KEY = 65_536;

/** Bytes of a name in a path, before it is cut to what a disk takes. */
export const MAX_NAME = 65_536;

/** Components of a file's path. */
export const MAX_PATH_DEPTH = 100;

/**
 * Characters of all folders' paths together, where each folder counts again that is not the one of
 * the file before.
 */
export const MAX_PREFIX_SUM = 1 << 25;

/** Characters of all files' paths together: a folder's name is in the path of each of its files. */
export const MAX_PATH_SUM = 1 << 26;

/** Announce URLs of a .torrent or link, over all tiers. */
export const MAX_TRACKERS = 256;

/** HTTP(S) URLs of a .torrent or link. */
export const MAX_WEB_SEEDS = 64;

/** Web seeds of a torrent that are asked, from its .torrent and all links together. */
export const MAX_USED_WEB_SEEDS = 32;

/** Characters of a URL in a .torrent; a longer one is left out, and counted. */
export const MAX_URL = 4096;

/** Peers that a link names (`x.pe`). */
export const MAX_LINK_PEERS = 64;

/** DHT nodes that a .torrent names. */
export const MAX_NODES = 64;

/** Ranges of files that a link selects (`so`), or a person. */
export const MAX_RANGES = 10_000;

/** Patterns by which a person selects files: each is held against all paths. */
export const MAX_GLOBS = 100;

/** Characters of a comment and other texts that are only shown; of a longer one the rest is cut off, and `…` says so. */
export const MAX_TEXT = 65_536;

/** Longest magnet link that is read, in characters. */
export const MAX_LINK_LENGTH = 65_536;
