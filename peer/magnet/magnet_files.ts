/**
 * Magnet links whose metadata is not here yet, remembered beside the .torrent files.
 *
 * @module
 */
import type { Consent } from "../options.ts";
import { join } from "@std/path";
import { replaceFile } from "../storage/replace_file.ts";
import { toStorageError } from "../storage/storage_error.ts";

/** As `ChosenOptions`. */
interface MagnetChoices {
  readonly select?: string | readonly number[] | undefined;
  readonly sequential?: boolean | undefined;
  readonly differing?: Consent | undefined;
  readonly downloadLimit?: number | undefined;
  readonly uploadLimit?: number | undefined;
  readonly lists?: readonly (readonly (readonly string[])[])[] | undefined;
}

/** What is remembered of a link. */
export interface MagnetRecord {
  /** Hex. */
  readonly infoHash: string;
  readonly link: string;
  /** The folder its files will go to. */
  readonly dir: string;
  readonly state: "active" | "paused" | "stopped";
  /** ms since the epoch. */
  readonly addedAt: number;
  readonly choices: MagnetChoices;
}

/** Where links are remembered. */
export type MagnetRecords = Pick<MagnetFiles, "infoHashes" | "load" | "save" | "remove">;

/** One file of JSON for each link, `torrents/<info hash>.magnet`. */
export class MagnetFiles {
  readonly #dir: string;

  /** @param stateDir the folder of the records; it is there already */
  constructor(stateDir: string) {
    this.#dir = join(stateDir, "torrents");
  }

  /** The info hashes of all links, in hex, without looking into them. */
  infoHashes(): string[] {
    return [...Deno.readDirSync(this.#dir)]
      .map(({ name }) => /^([0-9a-f]{40})\.magnet$/.exec(name)?.[1])
      .filter((infoHash) => infoHash !== undefined);
  }

  /** All links, the oldest first. A file that says nothing useful is left out. */
  load(): MagnetRecord[] {
    const records: MagnetRecord[] = [];
    for (const { name } of Deno.readDirSync(this.#dir)) {
      const infoHash = /^([0-9a-f]{40})\.magnet$/.exec(name)?.[1];
      const record = infoHash === undefined ? undefined : this.#read(infoHash);
      if (record !== undefined) records.push(record);
    }
    return records.sort((a, b) => a.addedAt - b.addedAt);
  }

  /** @throws {StorageError} */
  save(record: MagnetRecord): void {
    const { infoHash, ...rest } = record;
    replaceFile(this.#path(infoHash), new TextEncoder().encode(`${JSON.stringify(rest)}\n`));
  }

  /** @throws {StorageError} */
  remove(infoHash: string): void {
    try {
      Deno.removeSync(this.#path(infoHash));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      throw toStorageError(error, "delete", this.#path(infoHash));
    }
  }

  #read(infoHash: string): MagnetRecord | undefined {
    try {
      const { link, dir, state, addedAt, choices } = JSON.parse(
        Deno.readTextFileSync(this.#path(infoHash)),
      );
      if (typeof link !== "string" || typeof dir !== "string") return undefined;
      return {
        infoHash,
        link,
        dir,
        state: state === "active" || state === "stopped" ? state : "paused",
        addedAt: typeof addedAt === "number" ? addedAt : 0,
        choices: typeof choices === "object" ? { ...choices } : {},
      };
    } catch {
      return undefined;
    }
  }

  #path(infoHash: string): string {
    return join(this.#dir, `${infoHash}.magnet`);
  }
}
