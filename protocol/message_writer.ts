/**
 * The send buffer of one connection: messages are encoded as they are said and leave together.
 *
 * @module
 */
import { SHA256_LENGTH } from "./merkle.ts";
import { type HashRange, MessageId } from "./message.ts";

/**
 * Corked output. Everything said in one turn collects here; whoever owns the connection is told
 * once (`onFirst`) and takes it all in one write. While that write is under way, output collects in
 * the other of two buffers.
 */
export class MessageWriter {
  #buffer: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #spare: Uint8Array<ArrayBuffer> | undefined;
  #length = 0;
  readonly #onFirst: () => void;

  /** @param onFirst called when output begins to wait; it is to `take` later, not at once */
  constructor(onFirst: () => void) {
    this.#buffer = new Uint8Array(1024);
    this.#view = new DataView(this.#buffer.buffer);
    this.#onFirst = onFirst;
  }

  /** Bytes waiting. */
  get length(): number {
    return this.#length;
  }

  /** All waiting bytes; valid until the next `take`. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#buffer.subarray(0, this.#length);
    const next = this.#spare ?? new Uint8Array(1024);
    this.#spare = this.#buffer;
    this.#buffer = next;
    this.#view = new DataView(next.buffer);
    this.#length = 0;
    return taken;
  }

  /** Bytes as they are: the handshake. */
  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
  }

  keepAlive(): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, 0);
  }

  choke(): void {
    this.#plain(MessageId.choke);
  }

  unchoke(): void {
    this.#plain(MessageId.unchoke);
  }

  interested(): void {
    this.#plain(MessageId.interested);
  }

  notInterested(): void {
    this.#plain(MessageId.notInterested);
  }

  haveAll(): void {
    this.#plain(MessageId.haveAll);
  }

  haveNone(): void {
    this.#plain(MessageId.haveNone);
  }

  have(piece: number): void {
    this.#index(MessageId.have, piece);
  }

  allowedFast(piece: number): void {
    this.#index(MessageId.allowedFast, piece);
  }

  bitfield(bytes: Uint8Array): void {
    const at = this.#head(MessageId.bitfield, bytes.length);
    this.#buffer.set(bytes, at);
  }

  request(piece: number, begin: number, length: number): void {
    this.#block(MessageId.request, piece, begin, length);
  }

  cancel(piece: number, begin: number, length: number): void {
    this.#block(MessageId.cancel, piece, begin, length);
  }

  reject(piece: number, begin: number, length: number): void {
    this.#block(MessageId.reject, piece, begin, length);
  }

  /** BEP 3: `<9+n><7><piece><begin><block>`. Copies the block. */
  piece(piece: number, begin: number, block: Uint8Array): void {
    const at = this.#head(MessageId.piece, 8 + block.length);
    this.#view.setUint32(at, piece);
    this.#view.setUint32(at + 4, begin);
    this.#buffer.set(block, at + 8);
  }

  port(port: number): void {
    const at = this.#head(MessageId.port, 2);
    this.#view.setUint16(at, port);
  }

  /** BEP 10: `<2+n><20><id><payload>`. */
  extended(id: number, payload: Uint8Array): void {
    const at = this.#head(MessageId.extended, 1 + payload.length);
    this.#buffer[at] = id;
    this.#buffer.set(payload, at + 1);
  }

  /** BEP 52. */
  hashRequest(range: HashRange): void {
    this.#hashRange(MessageId.hashRequest, range, 0);
  }

  hashReject(range: HashRange): void {
    this.#hashRange(MessageId.hashReject, range, 0);
  }

  /** BEP 52: the hashes of the range, then their uncles, lowest first. */
  hashes(range: HashRange, hashes: Uint8Array): void {
    const at = this.#hashRange(MessageId.hashes, range, hashes.length);
    this.#buffer.set(hashes, at);
  }

  #hashRange(id: number, range: HashRange, more: number): number {
    const at = this.#head(id, SHA256_LENGTH + 16 + more);
    this.#buffer.set(range.root, at);
    const numbers = at + SHA256_LENGTH;
    this.#view.setUint32(numbers, range.base);
    this.#view.setUint32(numbers + 4, range.index);
    this.#view.setUint32(numbers + 8, range.length);
    this.#view.setUint32(numbers + 12, range.proofLayers);
    return numbers + 16;
  }

  #plain(id: number): void {
    this.#head(id, 0);
  }

  #index(id: number, piece: number): void {
    // In two steps: making room may replace the view.
    const at = this.#head(id, 4);
    this.#view.setUint32(at, piece);
  }

  #block(id: number, piece: number, begin: number, length: number): void {
    const at = this.#head(id, 12);
    this.#view.setUint32(at, piece);
    this.#view.setUint32(at + 4, begin);
    this.#view.setUint32(at + 8, length);
  }

  /** Length prefix and ID; where the `body` bytes that follow begin. */
  #head(id: number, body: number): number {
    const at = this.#reserve(5 + body);
    this.#view.setUint32(at, 1 + body);
    this.#buffer[at + 4] = id;
    return at + 5;
  }

  #reserve(bytes: number): number {
    const at = this.#length;
    if (at + bytes > this.#buffer.length) this.#grow(at + bytes);
    this.#length = at + bytes;
    if (at === 0) this.#onFirst();
    return at;
  }

  #grow(need: number): void {
    const buffer = new Uint8Array(Math.max(need, this.#buffer.length * 2));
    buffer.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = buffer;
    this.#view = new DataView(buffer.buffer);
  }
}
