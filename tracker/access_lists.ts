/**
 * Allow and deny lists: which torrents a tracker serves.
 *
 * @module
 */
import { TrackerError } from "../protocol/errors.ts";
import { parseAccessList } from "./access_list.ts";
import { TrackerStartError } from "./contract/start_error.ts";

/** When a refused client may ask again, in minutes: the lists may have changed. */
const RETRY_MINUTES = 60;
/** The largest list read, in bytes. */
const MAX_LENGTH = 64 << 20;

/** The files; undefined where there is no such list. */
export interface ListFiles {
  readonly allow?: string | undefined;
  readonly deny?: string | undefined;
}

/** How many torrents each list names. */
export interface ListSizes {
  readonly allowed: number | undefined;
  readonly denied: number | undefined;
}

/** The lists, as they were when last read. */
export class AccessLists {
  readonly #files: ListFiles;
  #allow: ReadonlySet<string> | undefined;
  #deny: ReadonlySet<string> | undefined;

  /** @throws {TrackerStartError} naming the file and what is wrong with it */
  constructor(files: ListFiles) {
    this.#files = files;
    this.#read();
  }

  get sizes(): ListSizes {
    return { allowed: this.#allow?.size, denied: this.#deny?.size };
  }

  /**
   * Reads both files anew. Where one is wrong both lists stay as they are.
   *
   * @returns what is wrong, in a sentence; undefined where nothing is
   */
  reload(): string | undefined {
    try {
      this.#read();
      return undefined;
    } catch (error) {
      if (!(error instanceof TrackerStartError)) throw error;
      return `${error.message}. The lists stay as they were`;
    }
  }

  /** @throws {TrackerError} where the torrent is not served here */
  check(infoHash: Uint8Array): void {
    if (this.#allow === undefined && this.#deny === undefined) return;
    const hex = infoHash.toHex();
    if (this.#deny?.has(hex)) {
      throw new TrackerError("this tracker refuses this torrent", { retryIn: RETRY_MINUTES });
    }
    if (this.#allow !== undefined && !this.#allow.has(hex)) {
      throw new TrackerError("this torrent is not on this tracker's list", {
        retryIn: RETRY_MINUTES,
      });
    }
  }

  #read(): void {
    const allow = readList(this.#files.allow);
    this.#deny = readList(this.#files.deny);
    this.#allow = allow;
  }
}

function readList(path: string | undefined): Set<string> | undefined {
  if (path === undefined) return undefined;
  try {
    const { size, isDirectory } = Deno.statSync(path);
    if (isDirectory) throw new Error("it is a folder");
    if (size > MAX_LENGTH) throw new Error("it is too large");
    return parseAccessList(Deno.readTextFileSync(path));
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound
      ? "no such file"
      : (error as Error).message.replace(/ \(os error \d+\).*$/s, "");
    throw new TrackerStartError(`Cannot use the list ${path}: ${why}`, { cause: error });
  }
}
