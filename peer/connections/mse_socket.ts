/**
 * MSE, message stream encryption: the key agreement, and the encrypted socket that comes of it.
 *
 * @module
 */
import type { Encryption } from "../options.ts";
import { createHash } from "node:crypto";
import { ProtocolError } from "../../protocol/errors.ts";
import {
  answerMse,
  initiateMse,
  type MseAgreement,
  type MseEffects,
  type MseHandshake,
} from "../../protocol/mse.ts";
import { payloadKinds } from "../peers/encryption.ts";
import type { Protection, Socket, Transport } from "../ports.ts";

/** Bytes encrypted for one write. */
const CHUNK = 1 << 16;

/** What both ends of an agreement need. */
interface MseOptions {
  readonly encryption: Encryption;
  /** Random bytes that are hard to guess. */
  readonly random: MseEffects["random"];
}

function sha1(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha1");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/**
 * Makes a dialled socket an encrypted one and says `initial` (the BitTorrent handshake) with it.
 *
 * @throws {ProtocolError} where the other end does not take part
 */
export async function encrypt(
  socket: Socket,
  options: MseOptions & { infoHash: Uint8Array; initial: Uint8Array },
): Promise<MseSocket> {
  const { infoHash, encryption, initial, random } = options;
  const provide = payloadKinds(encryption);
  const handshake = initiateMse({ infoHash, provide, initial, random, sha1 });
  return await drive(socket, handshake, new Uint8Array());
}

/**
 * Answers a caller that begins with an encryption handshake.
 *
 * @param options.begun what came already
 * @throws {ProtocolError} where it is none, or for none of `infoHashes`
 */
export async function decrypt(
  socket: Socket,
  options: MseOptions & { infoHashes: Iterable<Uint8Array>; begun: Uint8Array },
): Promise<MseSocket> {
  const { infoHashes, encryption, begun, random } = options;
  const accept = payloadKinds(encryption);
  return await drive(socket, answerMse({ infoHashes, accept, random, sha1 }), begun);
}

/** Sends and receives what a handshake wants. */
async function drive(
  socket: Socket,
  handshake: MseHandshake,
  begun: Uint8Array,
): Promise<MseSocket> {
  let buffer = new Uint8Array(Math.max(2048, begun.length));
  buffer.set(begun);
  let start = 0;
  let end = begun.length;
  let step = handshake.next();
  while (!step.done) {
    const { send, take } = step.value;
    if (send !== undefined) await writeAll(socket, send);
    if (start + take > buffer.length) {
      const larger = new Uint8Array(take + 2048);
      larger.set(buffer.subarray(start, end));
      buffer = larger;
      end -= start;
      start = 0;
    }
    while (end - start < take) {
      const count = await socket.read(buffer.subarray(end));
      if (count === null) throw new ProtocolError("it closed during the handshake");
      end += count;
    }
    start += take;
    step = handshake.next(buffer.slice(start - take, start));
  }
  return new MseSocket(socket, step.value, buffer.slice(start, end));
}

async function writeAll(socket: Socket, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await socket.write(bytes.subarray(done));
}

/** Passes bytes on, encrypted where that was agreed. */
export class MseSocket implements Socket {
  readonly remote: Socket["remote"];
  readonly local?: { host: string; port: number };
  readonly protection: Protection;
  readonly transport: Transport;
  /** The torrent that the encryption was for. */
  readonly infoHash: Uint8Array;
  readonly #socket: Socket;
  readonly #agreement: MseAgreement;
  readonly #encrypted: Uint8Array<ArrayBuffer> | undefined;
  /** Payload that came with the handshake. */
  #early: Uint8Array;

  constructor(socket: Socket, agreement: MseAgreement, rest: Uint8Array) {
    this.remote = socket.remote;
    if (socket.local !== undefined) this.local = socket.local;
    this.transport = socket.transport ?? "tcp";
    this.protection = agreement.rc4 ? "rc4" : "handshake";
    this.infoHash = agreement.infoHash;
    this.#socket = socket;
    this.#agreement = agreement;
    this.#encrypted = agreement.rc4 ? new Uint8Array(CHUNK) : undefined;
    if (agreement.rc4) agreement.incoming.apply(rest);
    this.#early = new Uint8Array([...agreement.initial, ...rest]);
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#early.length > 0) {
      const count = Math.min(into.length, this.#early.length);
      into.set(this.#early.subarray(0, count));
      this.#early = this.#early.subarray(count);
      return count;
    }
    const count = await this.#socket.read(into);
    if (count !== null && this.#agreement.rc4) {
      this.#agreement.incoming.apply(into.subarray(0, count));
    }
    return count;
  }

  /** What is encrypted has to go out, so it resolves when all of a chunk is written. */
  async write(bytes: Uint8Array): Promise<number> {
    if (this.#encrypted === undefined) return await this.#socket.write(bytes);
    const chunk = bytes.subarray(0, CHUNK);
    const encrypted = this.#encrypted.subarray(0, chunk.length);
    await writeAll(this.#socket, this.#agreement.outgoing.apply(chunk, encrypted));
    return chunk.length;
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }
}
