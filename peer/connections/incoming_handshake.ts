/**
 * Incoming handshakes: peers that have connected and have not said yet which torrent they want.
 *
 * @module
 */
import type { Encryption } from "../options.ts";
import { equalBytes } from "../../protocol/bytes20.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import type { Handshake } from "../../protocol/handshake.ts";
import type { ConnectionLimits } from "./connection_limits.ts";
import { Connection } from "./connection.ts";
import { decrypt, type MseSocket } from "./mse_socket.ts";
import { addressKey } from "../admission/address_key.ts";
import { isWelcome } from "../peers/encryption.ts";
import { type HalfOpen, isOverdue, MAX_HALF_OPEN, oldestOfMost } from "../admission/half_open.ts";
import { AddressQuota, KEY_AGREEMENTS } from "../admission/address_quota.ts";
import type { Socket, Tapping } from "../ports.ts";

/** The part of the engine that callers need. */
export interface IncomingHandshakesContext {
  readonly encryption: Encryption;
  /** The listener, if there is one. */
  readonly tapping: Tapping;
  readonly places: ConnectionLimits;
  /** ms since the epoch, never going back. */
  now(): number;
  /** Hard to guess. */
  randomBytes(length: number): Uint8Array;
}

/** Who is called. */
export interface HandshakeOwner {
  /** Those of our torrents: an encrypted caller proves that it knows one, and does not name it. */
  infoHashes(): Iterable<Uint8Array>;
  /** Takes the connection over, or closes it. */
  onHandshake(connection: Connection, theirs: Handshake): void;
}

/** Hears callers out, in clear or encrypted. */
export class IncomingHandshakes {
  readonly #context: IncomingHandshakesContext;
  readonly #party: HandshakeOwner;
  /** In the order they came. */
  readonly #waiting = new Map<Connection, HalfOpen>();
  readonly #agreements = new AddressQuota(KEY_AGREEMENTS);

  constructor(context: IncomingHandshakesContext, party: HandshakeOwner) {
    this.#context = context;
    this.#party = party;
  }

  /** Callers without a handshake. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Finds out which torrent a caller wants. */
  async welcome(socket: Socket): Promise<void> {
    if (this.#waiting.size >= MAX_HALF_OPEN) this.#makeRoom();
    const connection = new Connection(socket, this.#context.tapping);
    const address = addressKey(socket.remote.host);
    this.#waiting.set(connection, { address, since: this.#context.now() });
    try {
      const theirs = await this.#hear(connection, address);
      // Its place is free before its torrent looks for one for it.
      this.#waiting.delete(connection);
      this.#party.onHandshake(connection, theirs);
    } catch (error) {
      // Whatever it was, it was no peer of ours; scanners must not fill the log.
      connection.close(error instanceof ProtocolError ? error.message : "no handshake");
    } finally {
      this.#waiting.delete(connection);
    }
  }

  /** A second has passed: hangs up on those that had their time; who queues for a place may have one. */
  tick(now: number): void {
    this.#context.places.tick(now);
    const { size } = this.#waiting;
    for (const [connection, { since }] of this.#waiting) {
      const { hasSpoken } = connection;
      if (isOverdue({ address: "", since, hasSpoken }, size, now)) connection.close("no handshake");
    }
  }

  close(reason: string): void {
    this.#context.places.close();
    for (const connection of this.#waiting.keys()) connection.close(reason);
  }

  #makeRoom(): void {
    const entries = [...this.#waiting].map(([connection, { address, since }]) => ({
      connection,
      address,
      since,
    }));
    const { connection } = oldestOfMost(entries)!;
    this.#waiting.delete(connection);
    connection.close("evicted: silent, and its address holds many connections");
  }

  async #hear(connection: Connection, address: string): Promise<Handshake> {
    const { encryption, randomBytes: random } = this.#context;
    let infoHash: Uint8Array | undefined;
    const unlock = async (socket: Socket, begun: Uint8Array): Promise<Socket> => {
      if (!this.#agreements.take(address, this.#context.now())) {
        throw new ProtocolError("too many encrypted handshakes from its address");
      }
      const infoHashes = this.#party.infoHashes();
      const unlocked: MseSocket = await decrypt(socket, {
        ...{ infoHashes, encryption, begun, random },
      });
      ({ infoHash } = unlocked);
      return unlocked;
    };
    const theirs = await connection.hear(
      isWelcome(encryption, "encrypted") ? unlock : undefined,
    );
    if (infoHash === undefined && !isWelcome(encryption, "plain")) {
      throw new ProtocolError("it does not encrypt");
    }
    if (infoHash !== undefined && !equalBytes(infoHash, theirs.infoHash)) {
      throw new ProtocolError("it encrypts for a torrent that we do not have");
    }
    return theirs;
  }
}
