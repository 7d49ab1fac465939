/**
 * The messages of the peer protocol: BEP 3, the fast extension (BEP 6), extension frames (BEP 10),
 * hashes of v2 (BEP 52).
 *
 * @module
 */

/** Message IDs on the wire. */
export const MessageId = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  extended: 20,
  hashRequest: 21,
  hashes: 22,
  hashReject: 23,
} as const;

/** BEP 52: a range of hashes of one level of a file's Merkle tree, and what proves them. */
export interface HashRange {
  /** Root of the file's tree, 32 bytes. */
  readonly root: Uint8Array;
  /** The level of the hashes; 0 for those of blocks. */
  readonly base: number;
  /** The first hash on that level, and how many: a power of two. */
  readonly index: number;
  readonly length: number;
  /** How many levels above `base` are to be proven. */
  readonly proofLayers: number;
}

/** A message as it is read. Byte arrays are views into the receive buffer, valid until its next read. */
export type Message =
  | {
    readonly type:
      | "keep-alive"
      | "choke"
      | "unchoke"
      | "interested"
      | "not-interested"
      | "have-all"
      | "have-none";
  }
  | { readonly type: "have" | "suggest" | "allowed-fast"; readonly piece: number }
  | { readonly type: "bitfield"; readonly bytes: Uint8Array }
  | {
    readonly type: "request" | "cancel" | "reject";
    readonly piece: number;
    /** Offset in bytes from the start of the piece. */
    readonly begin: number;
    /** Bytes. */
    readonly length: number;
  }
  | {
    readonly type: "piece";
    readonly piece: number;
    /** Offset in bytes from the start of the piece. */
    readonly begin: number;
    readonly block: Uint8Array;
  }
  | { readonly type: "port"; readonly port: number }
  | ({ readonly type: "hash-request" | "hash-reject" } & HashRange)
  | ({ readonly type: "hashes"; readonly hashes: Uint8Array } & HashRange)
  | { readonly type: "extended"; readonly id: number; readonly payload: Uint8Array }
  /** An ID we do not know: to be ignored. */
  | { readonly type: "unknown"; readonly id: number };

/** The longest frame (bytes after the length prefix) that is read, unless a bitfield needs more. */
export const MAX_FRAME_LENGTH = 1 << 20;
