/**
 * Callers that have not said yet which torrent they want.
 *
 * @module
 */
import { equalBytes } from "../protocol/bytes20.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { Handshake } from "../protocol/handshake.ts";
import { Connection } from "./io/connection.ts";
import { decrypt, type MseSocket } from "./io/mse_socket.ts";
import { type Encryption, isWelcome } from "./logic/encryption.ts";
import type { Socket, Tapping } from "./ports.ts";

/** ms a caller has for its handshake. */
const HANDSHAKE_MS = 10_000;

/** Who is called. */
export interface CalledParty {
  readonly encryption: Encryption;
  readonly tapping: Tapping;
  /** Those of our torrents: an encrypted caller proves that it knows one, and does not name it. */
  infoHashes(): Iterable<Uint8Array>;
  /** Takes the connection over, or closes it. */
  onHandshake(connection: Connection, theirs: Handshake): void;
}

/** Hears callers out, in clear or encrypted. */
export class Callers {
  readonly #party: CalledParty;
  readonly #waiting = new Set<Connection>();

  constructor(party: CalledParty) {
    this.#party = party;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Finds out which torrent a caller wants. */
  async welcome(socket: Socket): Promise<void> {
    const connection = new Connection(socket, this.#party.tapping);
    this.#waiting.add(connection);
    const timer = setTimeout(() => connection.close("no handshake"), HANDSHAKE_MS);
    try {
      const theirs = await this.#hear(connection);
      this.#party.onHandshake(connection, theirs);
    } catch (error) {
      // Whatever it was, it was no peer of ours; scanners must not fill the log.
      connection.close(error instanceof ProtocolError ? error.message : "no handshake");
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(connection);
    }
  }

  close(reason: string): void {
    for (const connection of this.#waiting) connection.close(reason);
  }

  async #hear(connection: Connection): Promise<Handshake> {
    const { encryption } = this.#party;
    let infoHash: Uint8Array | undefined;
    const unlock = async (socket: Socket, begun: Uint8Array): Promise<Socket> => {
      const infoHashes = this.#party.infoHashes();
      const unlocked: MseSocket = await decrypt(socket, { infoHashes, encryption, begun });
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
      throw new ProtocolError("it encrypts for another torrent");
    }
    return theirs;
  }
}
