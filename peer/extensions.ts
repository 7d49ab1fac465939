/**
 * The extension messages of one torrent's peers (BEP 10): what we offer, and what is done with what
 * they say.
 *
 * @module
 */
import {
  encodeExtensionHandshake,
  parseExtensionHandshake,
  parseMetadataMessage,
} from "../protocol/extended.ts";
import type { MessageWriter } from "../protocol/message_writer.ts";
import type { EngineContext } from "./context.ts";
import type { Connection } from "./io/connection.ts";
import { MAX_UPLOAD_QUEUE } from "./io/uploads.ts";
import { OUR_EXTENSIONS } from "./logic/extensions.ts";
import type { Peer } from "./logic/peer.ts";
import type { PeerPool } from "./logic/peer_pool.ts";
import { MetadataService } from "./metadata_service.ts";

/** Client and version as told to others (BEP 10 `v`). */
export const CLIENT = "vtorrent 0.1.0";

/** The torrent around them. */
export interface ExtensionsOwner {
  /** The info dictionary; undefined while only its hash is known. */
  readonly infoBytes: Uint8Array | undefined;
  readonly pool: PeerPool;
  isSeeding(): boolean;
}

/** One torrent's extensions. */
export class Extensions {
  readonly #context: EngineContext;
  readonly #owner: ExtensionsOwner;
  readonly #metadata: MetadataService;

  constructor(context: EngineContext, owner: ExtensionsOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#metadata = new MetadataService(owner.infoBytes);
  }

  /** Says what we are and speak. */
  greet(writer: MessageWriter): void {
    const { size } = this.#metadata;
    writer.extended(
      0,
      encodeExtensionHandshake({
        messages: OUR_EXTENSIONS,
        client: CLIENT,
        port: this.#context.port,
        reqq: MAX_UPLOAD_QUEUE,
        name: this.#context.name(),
        uploadOnly: this.#owner.isSeeding(),
        ...(size === undefined ? {} : { metadataSize: size }),
      }),
    );
  }

  /** Something came under an ID of ours. @throws {ProtocolError} */
  onMessage(peer: Peer, connection: Connection, id: number, payload: Uint8Array): void {
    if (id === 0) return this.#onHandshake(peer, payload);
    if (id === OUR_EXTENSIONS["ut_metadata"]) {
      const message = parseMetadataMessage(payload);
      if (message === undefined || message.type === "data") return;
      const { type, piece } = message;
      this.#metadata.onRequest(peer, connection.writer, { type, piece }, this.#context.now());
    }
  }

  #onHandshake(peer: Peer, payload: Uint8Array): void {
    const hello = parseExtensionHandshake(payload);
    peer.extensions = hello.messages;
    if (hello.client !== undefined) peer.client = hello.client;
    peer.name = hello.name;
    peer.metadataSize = hello.metadataSize;
    if (hello.reqq !== undefined) peer.maxRequests = Math.max(1, hello.reqq);
    if (hello.port !== undefined && peer.incoming && hello.port !== peer.port) {
      // Its listening port: where it can be called again, and others should not call it twice.
      this.#owner.pool.add(peer.host, hello.port, "incoming", this.#context.now());
      this.#owner.pool.learnPeerId(peer.host, hello.port, peer.peerId.toHex());
      peer.port = hello.port;
    }
  }
}
