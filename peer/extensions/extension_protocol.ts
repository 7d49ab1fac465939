/**
 * Extension protocol (BEP 10) of one torrent: which extensions we offer, and what happens with the
 * messages of peers.
 *
 * @module
 */
import { CLIENT } from "../../protocol/version.ts";
import { MAX_UPLOAD_QUEUE } from "../options.ts";
import { parseIp } from "../../protocol/address.ts";
import {
  encodeExtensionHandshake,
  parseExtensionHandshake,
  parseMetadataMessage,
} from "../../protocol/extension_message.ts";
import type { MessageWriter } from "../../protocol/message_writer.ts";
import type { ExternalIp } from "../peers/external_ip.ts";
import type { Sources } from "../options.ts";
import type { Connection } from "../connections/connection.ts";
import { addHandshake } from "./extension_handshake.ts";
import { OUR_EXTENSIONS } from "../../protocol/extension_ids.ts";
import { losePiece } from "./lt_donthave.ts";
import type { Peer } from "../peers/peer.ts";
import type { ToldPieces } from "../peers/told_pieces.ts";
import type { Connections } from "../connections/connections.ts";
import { UtMetadata } from "./ut_metadata.ts";
import { UtPex } from "./ut_pex.ts";

/** The torrent around them. */
export interface ExtensionProtocolOwner {
  /** The info dictionary; undefined while only its hash is known. */
  readonly infoBytes: Uint8Array | undefined;
  readonly connections: Connections;
  /** Undefined while its pieces are not known. */
  readonly told?: ToldPieces;
  /** BEP 27: private torrents never do, and of a link nobody knows yet whether it is private. */
  readonly exchangesPeers: "tells" | "listens" | "never";
  isSeeding(): boolean;
}

/** The part of the engine that extensions need. */
export interface ExtensionProtocolContext {
  /** The port that we listen on. */
  readonly port: number;
  /** Where addresses may come from. */
  readonly sources: Sources;
  /** Our address as others see it. */
  readonly externalIp: ExternalIp;
  /** The name that people give us; it may change. */
  name(): string;
  /** ms since the epoch, never going back. */
  now(): number;
  /** The UDP port of our DHT node; undefined where we take no part. */
  dhtPort(): number | undefined;
  /** A peer of a public torrent says where its DHT node is. */
  meetNode(node: { host: string; port: number }): void;
}

/** One torrent's extensions. */
export class ExtensionProtocol {
  readonly #context: ExtensionProtocolContext;
  readonly #owner: ExtensionProtocolOwner;
  readonly #metadata: UtMetadata;
  readonly #pex: UtPex | undefined;
  /** What peers were told last of our name, and of whether we want anything. */
  #said: { readonly name: string; readonly uploadOnly: boolean } | undefined;

  constructor(context: ExtensionProtocolContext, owner: ExtensionProtocolOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#metadata = new UtMetadata(owner.infoBytes);
    const exchanges = context.sources.pex && owner.exchangesPeers !== "never";
    this.#pex = exchanges ? new UtPex(owner.connections) : undefined;
  }

  /** Says what we are and speak, as far as the peer understands. */
  greet(peer: Peer, writer: MessageWriter): void {
    const dhtPort = this.#context.dhtPort();
    // BEP 27: peers of private torrents hear nothing of the DHT.
    const isPrivate = this.#owner.exchangesPeers === "never";
    if (peer.dht && dhtPort !== undefined && !isPrivate) writer.port(dhtPort);
    if (!peer.extended) return;
    this.#said ??= this.#news();
    this.#sayHello(peer, writer);
  }

  #news(): { readonly name: string; readonly uploadOnly: boolean } {
    return { name: this.#context.name(), uploadOnly: this.#owner.isSeeding() };
  }

  #sayHello(peer: Peer, writer: MessageWriter): void {
    const yourIp = parseIp(peer.host);
    const { size } = this.#metadata;
    writer.extended(
      0,
      encodeExtensionHandshake({
        messages: { ...OUR_EXTENSIONS, ...(this.#pex === undefined ? { "ut_pex": 0 } : {}) },
        client: CLIENT,
        port: this.#context.port,
        reqq: MAX_UPLOAD_QUEUE,
        ...this.#news(),
        ...(size === undefined ? {} : { metadataSize: size }),
        ...(yourIp === undefined ? {} : { yourIp }),
      }),
    );
  }

  /** BEP 5: where its DHT node is; that of a peer of a private torrent is none of our business. */
  onPort(peer: Peer, port: number): void {
    if (this.#owner.exchangesPeers === "never") return;
    this.#context.meetNode({ host: peer.host, port });
  }

  /** A second has passed. */
  tick(now: number): void {
    if (this.#owner.exchangesPeers === "tells") this.#pex?.tick(now);
    const { name, uploadOnly } = this.#news();
    const said = this.#said;
    if (said === undefined || (said.name === name && said.uploadOnly === uploadOnly)) return;
    // BEP 21: who wants nothing any more says so, or that it does again; and who is called otherwise.
    this.#said = { name, uploadOnly };
    for (const [peer, { writer }] of this.#owner.connections) {
      if (peer.extended) this.#sayHello(peer, writer);
    }
  }

  /** Something came under an ID of ours. @throws {ProtocolError} */
  onMessage(peer: Peer, connection: Connection, id: number, payload: Uint8Array): void {
    const now = this.#context.now();
    if (id === 0) return this.#onHandshake(peer, payload);
    if (id === OUR_EXTENSIONS["ut_pex"]) return this.#pex?.onMessage(peer, payload, now);
    if (id === OUR_EXTENSIONS["lt_donthave"]) {
      const { told } = this.#owner;
      return told === undefined ? undefined : losePiece(peer, payload, told);
    }
    if (id === OUR_EXTENSIONS["ut_metadata"]) {
      const message = parseMetadataMessage(payload);
      if (message === undefined || message.type === "data") return;
      const { type, piece } = message;
      this.#metadata.onRequest(peer, connection.writer, { type, piece }, now);
    }
  }

  #onHandshake(peer: Peer, payload: Uint8Array): void {
    const hello = parseExtensionHandshake(payload);
    addHandshake(peer, hello);
    // Once: with our own address the ranks of all known addresses change.
    if (hello.yourIp !== undefined && !peer.saidHello) {
      this.#context.externalIp.told(peer.host, hello.yourIp);
    }
    peer.saidHello = true;
    if (hello.port !== undefined && peer.incoming && !peer.knowsPort) {
      // Its listening port: where it can be called again, and others should not call it twice.
      const { peerList } = this.#owner.connections;
      const now = this.#context.now();
      peerList.add(peer.host, hello.port, "incoming", now);
      peerList.learnPeerId(peer.host, hello.port, peer.peerId.toHex(), now);
      peer.port = hello.port;
      peer.knowsPort = true;
    }
  }
}
