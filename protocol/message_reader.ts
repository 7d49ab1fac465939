/**
 * The receive buffer of one connection: bytes go in as they come, messages come out in place.
 *
 * @module
 */
import { ProtocolError } from "./errors.ts";
import { SHA256_LENGTH } from "./merkle.ts";
import { type HashRange, MAX_FRAME_LENGTH, type Message, MessageId } from "./message.ts";

/** Bytes of root, base, index, length and proof layers (BEP 52). */
const HASH_RANGE_LENGTH = SHA256_LENGTH + 16;

/**
 * One linear buffer:
 *
 *     0 ........ start ........ end ........ buffer.length
 *       (read)        (unread)      (space)
 *
 * `space` moves what is unread to the front, so a view from `next` is valid until then.
 */
export class MessageReader {
  #buffer: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #start = 0;
  #end = 0;
  /** Where the last message's length prefix is. */
  #last = 0;
  #filled = false;
  readonly #maxBuffer: number;
  readonly #maxFrame: number;

  /**
   * @param options.initial bytes to begin with; doubled whenever a read fills them
   * @param options.max where doubling ends
   * @param options.maxFrame longest frame taken, in bytes (BEP 3 names no limit; this is a guard)
   */
  constructor(options: { initial?: number; max?: number; maxFrame?: number } = {}) {
    this.#buffer = new Uint8Array(options.initial ?? 16384);
    this.#view = new DataView(this.#buffer.buffer);
    this.#maxBuffer = options.max ?? 1 << 18;
    this.#maxFrame = options.maxFrame ?? MAX_FRAME_LENGTH;
  }

  /** Where the next bytes belong. Never empty. Ends the life of all views given out before. */
  space(): Uint8Array<ArrayBuffer> {
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    const need = this.#end >= 4 ? 4 + this.#view.getUint32(0) : 4;
    // Only for a frame that `next` would take: these four bytes are whatever a stranger sent, and the
    // first of a handshake would read as 323 MB.
    if (need > this.#buffer.length && need <= 4 + this.#maxFrame) this.#grow(need);
    else if (this.#filled && this.#buffer.length < this.#maxBuffer) {
      this.#grow(Math.min(this.#maxBuffer, this.#buffer.length * 2));
    } else if (this.#end === this.#buffer.length) this.#grow(this.#buffer.length * 2);
    return this.#buffer.subarray(this.#end);
  }

  /** `count` bytes were put into `space`. */
  commit(count: number): void {
    this.#end += count;
    this.#filled = this.#end === this.#buffer.length;
  }

  /** The next `length` raw bytes, for the handshake; undefined until they are there. */
  take(length: number): Uint8Array | undefined {
    if (this.#end - this.#start < length) return undefined;
    this.#start += length;
    return this.#buffer.subarray(this.#start - length, this.#start);
  }

  /** Unread bytes, without taking them. */
  peek(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /**
   * The next whole message; undefined until one is there.
   *
   * @throws {ProtocolError} where its length is over the limit or wrong for its kind
   */
  next(): Message | undefined {
    const unread = this.#end - this.#start;
    if (unread < 4) return undefined;
    const length = this.#view.getUint32(this.#start);
    if (length > this.#maxFrame) throw new ProtocolError(`message of ${length} bytes`);
    if (unread - 4 < length) return undefined;
    const at = this.#start + 4;
    this.#last = this.#start;
    this.#start = at + length;
    return length === 0 ? { type: "keep-alive" } : this.#decode(at, length);
  }

  /** The message that `next` gave last as it is on the wire, length prefix included; a view. */
  get frame(): Uint8Array {
    return this.#buffer.subarray(this.#last, this.#start);
  }

  #decode(at: number, length: number): Message {
    const view = this.#view;
    const id = view.getUint8(at);
    switch (id) {
      case MessageId.piece:
        if (length < 10) throw wrongLength(id, length);
        return {
          type: "piece",
          piece: view.getUint32(at + 1),
          begin: view.getUint32(at + 5),
          block: this.#buffer.subarray(at + 9, at + length),
        };
      case MessageId.request:
      case MessageId.cancel:
      case MessageId.reject:
        if (length !== 13) throw wrongLength(id, length);
        return {
          type: id === MessageId.request
            ? "request"
            : id === MessageId.cancel
            ? "cancel"
            : "reject",
          piece: view.getUint32(at + 1),
          begin: view.getUint32(at + 5),
          length: view.getUint32(at + 9),
        };
      case MessageId.have:
      case MessageId.suggest:
      case MessageId.allowedFast:
        if (length !== 5) throw wrongLength(id, length);
        return {
          type: id === MessageId.have
            ? "have"
            : id === MessageId.suggest
            ? "suggest"
            : "allowed-fast",
          piece: view.getUint32(at + 1),
        };
      case MessageId.bitfield:
        return { type: "bitfield", bytes: this.#buffer.subarray(at + 1, at + length) };
      case MessageId.extended:
        if (length < 2) throw wrongLength(id, length);
        return {
          type: "extended",
          id: view.getUint8(at + 1),
          payload: this.#buffer.subarray(at + 2, at + length),
        };
      case MessageId.hashRequest:
      case MessageId.hashReject:
        if (length !== 1 + HASH_RANGE_LENGTH) throw wrongLength(id, length);
        return {
          type: id === MessageId.hashRequest ? "hash-request" : "hash-reject",
          ...this.#hashRange(at + 1),
        };
      case MessageId.hashes: {
        const count = (length - 1 - HASH_RANGE_LENGTH) / SHA256_LENGTH;
        if (count < 0 || !Number.isInteger(count)) throw wrongLength(id, length);
        return {
          type: "hashes",
          ...this.#hashRange(at + 1),
          hashes: this.#buffer.subarray(at + 1 + HASH_RANGE_LENGTH, at + length),
        };
      }
      case MessageId.port:
        if (length !== 3) throw wrongLength(id, length);
        return { type: "port", port: view.getUint16(at + 1) };
    }
    const plain = PLAIN[id];
    if (plain === undefined) return { type: "unknown", id };
    if (length !== 1) throw wrongLength(id, length);
    return plain;
  }

  #hashRange(at: number): HashRange {
    const view = this.#view;
    const end = at + SHA256_LENGTH;
    return {
      root: this.#buffer.subarray(at, end),
      base: view.getUint32(end),
      index: view.getUint32(end + 4),
      length: view.getUint32(end + 8),
      proofLayers: view.getUint32(end + 12),
    };
  }

  #grow(size: number): void {
    const buffer = new Uint8Array(size);
    buffer.set(this.#buffer.subarray(0, this.#end));
    this.#buffer = buffer;
    this.#view = new DataView(buffer.buffer);
    this.#filled = false;
  }
}

/** Messages without a body: one object each will do. */
const PLAIN: Readonly<Record<number, Message>> = {
  [MessageId.choke]: { type: "choke" },
  [MessageId.unchoke]: { type: "unchoke" },
  [MessageId.interested]: { type: "interested" },
  [MessageId.notInterested]: { type: "not-interested" },
  [MessageId.haveAll]: { type: "have-all" },
  [MessageId.haveNone]: { type: "have-none" },
};

function wrongLength(id: number, length: number): ProtocolError {
  return new ProtocolError(`message ${id} of ${length} bytes`);
}
