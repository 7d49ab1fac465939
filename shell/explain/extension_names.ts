/**
 * What one side of a connection has called its extensions (BEP 10): the other side's messages carry
 * these IDs. Pure.
 *
 * @module
 */
import { parseExtensionHandshake, ProtocolError } from "../../protocol/mod.ts";

/** Learns from a side's extension handshakes. */
export class ExtensionNames {
  readonly #names = new Map<number, string>();

  /** Extension names by the ID that messages to this side carry. */
  get byId(): ReadonlyMap<number, string> {
    return this.#names;
  }

  /** Takes in an extension handshake; one that cannot be read teaches nothing. */
  learn(payload: Uint8Array): void {
    try {
      for (const [name, id] of Object.entries(parseExtensionHandshake(payload).messages)) {
        // A later handshake tells changes (BEP 10): another ID, or 0 for none.
        for (const [old, of] of this.#names) if (of === name) this.#names.delete(old);
        if (id > 0) this.#names.set(id, name);
      }
    } catch (error) {
      // It is told as what it is, and the connection will end for it.
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
}
