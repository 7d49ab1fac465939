/**
 * The DHT's memory over restarts: our node IDs and the nodes that we knew.
 *
 * @module
 */
import { join } from "@std/path";
import { parseInfoHash } from "../../protocol/bytes20.ts";
import type { PeerAddress } from "../../protocol/address.ts";
import { replaceFile } from "../storage/replace_file.ts";

/** Nodes kept: enough to find the others again. */
const MAX_NODES = 200;

/** What is remembered. */
export interface DhtState {
  /** By family. */
  readonly ids: { readonly 4?: Uint8Array | undefined; readonly 6?: Uint8Array | undefined };
  readonly nodes: readonly PeerAddress[];
}

/** Where it is remembered. */
export type DhtMemory = Pick<DhtStateFile, "load" | "save">;

/** One file of JSON, `dht.json` in the folder of the records. */
export class DhtStateFile {
  readonly #path: string;

  constructor(stateDir: string) {
    this.#path = join(stateDir, "dht.json");
  }

  /** What it says; nothing where it is missing or damaged. */
  load(): DhtState {
    try {
      const { id4, id6, nodes } = JSON.parse(Deno.readTextFileSync(this.#path));
      const known: PeerAddress[] = [];
      for (const node of Array.isArray(nodes) ? nodes.slice(0, MAX_NODES) : []) {
        const [host, port] = Array.isArray(node) ? node : [];
        if (typeof host === "string" && Number.isInteger(port)) known.push({ host, port });
      }
      return {
        ids: { 4: parseInfoHash(String(id4)), 6: parseInfoHash(String(id6)) },
        nodes: known,
      };
    } catch {
      return { ids: {}, nodes: [] };
    }
  }

  /** @throws {StorageError} */
  save({ ids, nodes }: DhtState): void {
    const state = {
      id4: ids[4]?.toHex(),
      id6: ids[6]?.toHex(),
      nodes: nodes.slice(0, MAX_NODES).map(({ host, port }) => [host, port]),
    };
    replaceFile(this.#path, new TextEncoder().encode(`${JSON.stringify(state)}\n`));
  }
}
