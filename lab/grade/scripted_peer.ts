/**
 * A peer that does as it is told: a right seed, with one thing changed for each probe.
 *
 * @module
 */
import {
  BLOCK_LENGTH,
  encodeHandshake,
  type Handshake,
  isHandshakePrefix,
  type MessageWriter,
} from "../../protocol/mod.ts";
import type { Cutting } from "./cutting.ts";
import { messageWords } from "./message_words.ts";
import { type ConnectionHost, type Heard, PeerConnection } from "./peer_connection.ts";
import type { Finding } from "./finding.ts";
import { bitfieldOf, type MadeTorrent, pieceLengthOf } from "./torrents.ts";

/** A block as it is asked for. */
export interface Block {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
}

/** What a scripted peer does otherwise than a plain seed. */
export interface Manner {
  /** How its messages are cut into packets. Default: each in a packet of its own. */
  readonly cutting?: Cutting;
  /** What its handshake says otherwise. */
  readonly handshake?: Partial<Handshake>;
  /** Answers with the caller's own peer ID, as the caller itself would. */
  readonly mirrors?: boolean;
  /** Pieces it has. Default: all. */
  readonly has?: (piece: number) => boolean;
  /** What it says after the handshakes. Default: its bitfield. */
  readonly greet?: (connection: PeerConnection) => void;
  /** What it does when it is told of interest. Default: it unchokes. */
  readonly interested?: (connection: PeerConnection) => void;
  /** What it does with a request within the torrent; `count` is its number from 1. */
  readonly request?: (connection: PeerConnection, block: Block, count: number) => void;
  /** Called with all other messages. */
  readonly message?: (connection: PeerConnection, heard: Heard) => void;
  /** Called once a connection is there, before a word was said. */
  readonly connected?: (connection: PeerConnection) => void;
}

/** Bytes where a request's piece, begin and length are. */
const REQUEST_PIECE: readonly [number, number] = [5, 9];
const REQUEST_BEGIN: readonly [number, number] = [9, 13];
const REQUEST_LENGTH: readonly [number, number] = [13, 17];

/** A listening peer of 127.0.0.1. */
export class ScriptedPeer implements AsyncDisposable {
  readonly torrent: MadeTorrent;
  readonly peerId: Uint8Array;
  readonly connections: PeerConnection[] = [];
  /** Requests within the torrent so far, over all connections. */
  requests = 0;
  /** Most blocks that were asked for at one time. */
  mostOpen = 0;
  /** What no peer may do, in the order of its happening: out of range, no protocol. */
  readonly faults: Finding[] = [];
  /** Connections that began with something encrypted: they were ended, and do not count. */
  readonly #encrypted: { readonly connection: PeerConnection; readonly fault: Finding }[] = [];
  readonly #open = new Set<string>();
  readonly #interested = new Set<PeerConnection>();
  readonly #manner: Manner;
  readonly #listener: Deno.TcpListener;
  readonly #host: ConnectionHost & { nextConnection(): number };
  readonly #accepting: Promise<void>;
  #listens = true;

  constructor(
    torrent: MadeTorrent,
    peerId: Uint8Array,
    manner: Manner,
    host: ConnectionHost & { nextConnection(): number },
  ) {
    this.torrent = torrent;
    this.peerId = peerId;
    this.#manner = manner;
    this.#host = host;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accepting = this.#accept();
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** `127.0.0.1:40123`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Everything heard on any connection, in the order of time. */
  heard(): { readonly heard: Heard; readonly connection: PeerConnection }[] {
    return this.connections
      .flatMap((connection) => connection.heard.map((heard) => ({ heard, connection })))
      .sort((a, b) => a.heard.at - b.heard.at);
  }

  /** The blocks asked for, in their order. */
  blocksAsked(): Block[] {
    return this.heard().flatMap(({ heard: { said } }) => said.type === "request" ? [said] : []);
  }

  /** Calls the student's program, as any peer of the swarm may. */
  async call(port: number): Promise<PeerConnection> {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    const connection = this.#adopt(socket);
    this.#sayHandshake(connection);
    return connection;
  }

  /** Gives a block as it is, or `bytes` in its place. */
  give(connection: PeerConnection, { piece, begin, length }: Block, bytes?: Uint8Array): void {
    this.#open.delete(`${connection.number}/${piece}/${begin}`);
    const start = piece * this.torrent.pieceLength + begin;
    const block = bytes ?? this.torrent.content.subarray(start, start + length);
    connection.say(
      `piece: piece ${piece}, begin ${begin}, ${block.length} bytes`,
      (writer) => writer.piece(piece, begin, block),
    );
  }

  sayBitfield(connection: PeerConnection): void {
    const bytes = bitfieldOf(this.torrent, this.#manner.has);
    connection.say("its bitfield", (writer) => writer.bitfield(bytes));
  }

  unchoke(connection: PeerConnection): void {
    connection.say("unchoke", (writer: MessageWriter) => writer.unchoke());
  }

  /**
   * Whether it was met encrypted first (MSE), as common clients do, and plainly when it had hung up on
   * that.
   */
  get wasMetEncrypted(): boolean {
    return this.#encrypted.length > 0 && this.#wasGreeted();
  }

  /** `faults`, and what first bytes were no handshake where none followed on another connection. */
  allFaults(): Finding[] {
    return this.#wasGreeted()
      ? this.faults
      : [...this.faults, ...this.#encrypted.map(({ fault }) => fault)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#listens) this.#listener.close();
    this.#listens = false;
    await this.#accepting;
    const encrypted = this.#encrypted.map(({ connection }) => connection);
    await Promise.all([...this.connections, ...encrypted].map((one) => one.close()));
  }

  async #accept(): Promise<void> {
    try {
      for await (const socket of this.#listener) this.#adopt(socket);
    } catch {
      // Closed.
    }
  }

  #adopt(socket: Deno.TcpConn): PeerConnection {
    const connection = new PeerConnection(
      socket,
      this.#host.nextConnection(),
      this.#manner.cutting ?? "plain",
      this.#host,
      (heard, from) => this.#react(heard, from),
    );
    this.connections.push(connection);
    this.#manner.connected?.(connection);
    this.#host.stir();
    return connection;
  }

  #sayHandshake(connection: PeerConnection, peerId = this.peerId): void {
    const bytes = encodeHandshake({
      infoHash: this.torrent.infoHash,
      peerId,
      fast: false,
      extended: false,
      dht: false,
      ...this.#manner.handshake,
    });
    connection.say("the handshake", bytes);
  }

  #react(heard: Heard, connection: PeerConnection): void {
    const { said } = heard;
    const manner = this.#manner;
    if (said.type === "handshake") {
      const called = connection.lastSaid !== "nothing yet";
      if (!called) {
        this.#sayHandshake(connection, manner.mirrors ? said.handshake.peerId : this.peerId);
      }
      if (manner.greet) manner.greet(connection);
      else this.sayBitfield(connection);
      return;
    }
    if (said.type === "garbage") {
      const fault = {
        expected: heard.number === 1
          ? "the handshake: the byte 13 (hexadecimal), then `BitTorrent protocol`"
          : "a message: its length in 4 bytes, big endian, then its ID",
        seen: heard.number === 1 ? `${said.problem}${kindOf(heard.bytes)}` : said.problem,
        why: heard.number === 1
          ? "BEP 3: a connection begins with the 68 bytes of the handshake"
          : "BEP 3: messages follow each other as <length><ID><payload>",
        ...connection.placeOf(heard, heard.number === 1 ? noHandshakeAt(heard.bytes) : undefined),
      };
      if (heard.number === 1 && mayBeEncrypted(heard.bytes)) this.#refuse(connection, fault);
      else this.faults.push(fault);
      return;
    }
    // A program that says it again, for safety, is not answered again.
    if (said.type === "interested" && !this.#interested.has(connection)) {
      this.#interested.add(connection);
      if (manner.interested) manner.interested(connection);
      else this.unchoke(connection);
    }
    if (said.type === "request") {
      const fault = this.#faultOf(heard, said, connection);
      if (fault !== undefined) {
        this.faults.push(fault);
        void connection.close();
        return;
      }
      const count = ++this.requests;
      this.#open.add(`${connection.number}/${said.piece}/${said.begin}`);
      this.mostOpen = Math.max(this.mostOpen, this.#open.size);
      if (manner.request) manner.request(connection, said, count);
      else this.give(connection, said);
    } else manner.message?.(connection, heard);
  }

  #wasGreeted(): boolean {
    return this.connections.some(({ handshake }) => handshake !== undefined);
  }

  /** Hangs up on what may be encrypted: a client that can do without calls again. */
  #refuse(connection: PeerConnection, fault: Finding): void {
    this.#encrypted.push({ connection, fault });
    this.connections.splice(this.connections.indexOf(connection), 1);
    void connection.close();
  }

  /** What is wrong with a request by itself. */
  #faultOf(heard: Heard, block: Block, connection: PeerConnection): Finding | undefined {
    const { torrent } = this;
    const seen = messageWords({ type: "request", ...block });
    const filter = "bittorrent.msg.type == 6";
    if (block.piece >= torrent.pieceCount) {
      return {
        expected: `a request of a piece from 0 to ${torrent.pieceCount - 1}`,
        seen,
        why: `BEP 3: pieces are counted from 0 and numbers are big endian; there are ` +
          `${torrent.pieceCount}`,
        filter,
        ...connection.placeOf(heard, REQUEST_PIECE),
      };
    }
    const length = pieceLengthOf(torrent, block.piece);
    const room = length - block.begin;
    if (room <= 0) {
      return {
        expected: `a request that begins before ${length}, where piece ${block.piece} ends`,
        seen,
        why: "BEP 3: peers hang up on requests beyond the end of a piece",
        filter,
        ...connection.placeOf(heard, REQUEST_BEGIN),
      };
    }
    if (block.length > room) {
      const is = block.piece === torrent.pieceCount - 1
        ? "the file ends there"
        : "the piece ends there";
      return {
        expected: `request: piece ${block.piece}, begin ${block.begin}, length ` +
          `${Math.min(room, BLOCK_LENGTH)} (${is})`,
        seen,
        why: "BEP 3: the last piece and its last block are shorter; peers hang up on requests " +
          "beyond the end",
        filter,
        ...connection.placeOf(heard, REQUEST_LENGTH),
      };
    }
    if (block.length === 0 || block.length > BLOCK_LENGTH) {
      return {
        expected: `a request of at most ${BLOCK_LENGTH} bytes`,
        seen,
        why:
          "BEP 3: all current implementations use 16 KiB and close connections that ask for more",
        filter,
        ...connection.placeOf(heard, REQUEST_LENGTH),
      };
    }
    return undefined;
  }
}

/** What every handshake begins with. */
const PROTOCOL = new TextEncoder().encode("\x13BitTorrent protocol");

/** Bytes of the key that an encrypted connection begins with (MSE). */
const MSE_KEY = 96;
/** So many of them differ in every one but some in a million, and in no plain handshake. */
const MSE_DISTINCT = 64;

/** Whether first bytes look like those of an encrypted connection. */
function mayBeEncrypted(bytes: Uint8Array): boolean {
  return new Set(bytes.subarray(0, MSE_KEY)).size >= MSE_DISTINCT;
}

/** Which bytes are no handshake. */
function noHandshakeAt(bytes: Uint8Array): readonly [number, number] | undefined {
  let at = 0;
  while (at < bytes.length && isHandshakePrefix(bytes.subarray(0, at + 1))) at++;
  if (at >= bytes.length) return undefined;
  let end = Math.min(bytes.length, PROTOCOL.length);
  while (end > at + 1 && bytes[end - 1] === PROTOCOL[end - 1]) end--;
  return [at, end];
}

/** What first bytes are in place of a handshake, where they give it away. */
function kindOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 64));
  const kind = /^\s*[{[]/.test(text)
    ? "JSON"
    : bytes[0] === 0x80 && (bytes[1] ?? 9) <= 5
    ? "Python's pickle"
    : /^[\x20-\x7e\r\n\t]{4,}$/.test(text)
    ? "text"
    : undefined;
  return kind === undefined
    ? ""
    : `; they are ${kind}. A program with a protocol of its own is marked by vtorrent grade swarm`;
}
