/**
 * A peer that knows nothing but a torrent's info dictionary, right or wrong (BEP 9).
 *
 * @module
 */
import {
  encodeExtensionHandshake,
  encodeMetadataMessage,
  METADATA_PIECE_LENGTH,
  parseExtensionHandshake,
  parseMetadataMessage,
} from "../../protocol/extension_message.ts";
import { FakePeer } from "./fake_peer.ts";

/** The ID under which it wants its messages. */
const OWN_ID = 7;

/** One connection to the program under test. */
export class MetadataPeer implements Disposable {
  readonly #peer: FakePeer;
  readonly #info: Uint8Array;
  readonly #theirId: number;

  private constructor(peer: FakePeer, info: Uint8Array, theirId: number) {
    this.#peer = peer;
    this.#info = info;
    this.#theirId = theirId;
  }

  /** Says its handshakes and hears the other's. `info` undefined: it has none. */
  static async connect(
    port: number,
    infoHash: string,
    info: Uint8Array | undefined,
    options: {
      size?: number;
      /** It says each thing in a handshake of its own (BEP 10). */
      tellsChangesOnly?: boolean;
    } = {},
  ): Promise<MetadataPeer> {
    const peer = await FakePeer.connect(port);
    await peer.handshake(Uint8Array.fromHex(infoHash), { extended: true });
    const metadataSize = options.size ?? info?.length;
    const size = metadataSize === undefined ? {} : { metadataSize };
    const messages = { "ut_metadata": OWN_ID };
    const hellos = options.tellsChangesOnly === true
      ? [{ messages }, { messages: {}, ...size }, { messages: {}, uploadOnly: true }]
      : [{ messages, ...size }];
    for (const hello of hellos) peer.say.extended(0, encodeExtensionHandshake(hello));
    await peer.flush();
    for (let message; (message = await peer.hear()) !== undefined;) {
      if (message.type !== "extended" || message.id !== 0) continue;
      const { messages } = parseExtensionHandshake(message.payload);
      return new MetadataPeer(peer, info ?? new Uint8Array(), messages["ut_metadata"]!);
    }
    throw new Error("closed before its extension handshake");
  }

  /** Answers every request until the connection ends. */
  async serve(): Promise<void> {
    for (let message; (message = await this.#peer.hear()) !== undefined;) {
      if (message.type !== "extended" || message.id !== OWN_ID) continue;
      const request = parseMetadataMessage(message.payload);
      if (request?.type !== "request") continue;
      this.#data(request.piece);
      try {
        await this.#peer.flush();
      } catch {
        return; // it hung up on us, which is what some tests want
      }
    }
  }

  /** Sends so many pieces that nobody asked for. */
  async flood(count: number): Promise<void> {
    for (let i = 0; i < count; i++) this.#data(0);
    await this.#peer.flush();
  }

  /** Asks for pieces; the kinds of the answers, in order. */
  async ask(pieces: readonly number[]): Promise<string[]> {
    for (const piece of pieces) {
      this.#peer.say.extended(this.#theirId, encodeMetadataMessage({ type: "request", piece }));
    }
    await this.#peer.flush();
    const answers: string[] = [];
    while (answers.length < pieces.length) {
      const message = await this.#peer.hear();
      if (message === undefined) break;
      if (message.type !== "extended" || message.id !== OWN_ID) continue;
      answers.push(parseMetadataMessage(message.payload)!.type);
    }
    return answers;
  }

  /** Resolves when the other end has closed. */
  closed(): Promise<void> {
    return this.#peer.closed();
  }

  [Symbol.dispose](): void {
    this.#peer[Symbol.dispose]();
  }

  #data(piece: number): void {
    const from = piece * METADATA_PIECE_LENGTH;
    const data = this.#info.subarray(from, from + METADATA_PIECE_LENGTH);
    const totalSize = this.#info.length;
    const payload = encodeMetadataMessage({ type: "data", piece, totalSize, data });
    this.#peer.say.extended(this.#theirId, payload);
  }
}
