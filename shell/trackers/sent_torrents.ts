/**
 * Sent torrents, kept across sessions: the info hashes in a file, and what is still to be taken
 * out of a catalogue, as lines `withdraw INFO_HASH TRACKER`.
 *
 * @module
 */

/** The torrents that belong into the catalogues. */
export class SentTorrents {
  readonly #path: string | undefined;
  readonly #infoHashes: Set<string>;
  readonly #unwanted: Set<string>;
  #saving: Promise<void> = Promise.resolve();

  private constructor(path: string | undefined, text: string) {
    this.#path = path;
    this.#infoHashes = new Set(text.match(/^[0-9a-f]{40}$/gm) ?? []);
    this.#unwanted = new Set(text.match(/(?<=^withdraw )[0-9a-f]{40} \S+$/gm) ?? []);
  }

  /** Reads the list; without a path it is for this session only. */
  static async open(path?: string): Promise<SentTorrents> {
    if (path === undefined) return new SentTorrents(path, "");
    try {
      return new SentTorrents(path, await Deno.readTextFile(path));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return new SentTorrents(path, "");
      throw error;
    }
  }

  /** In hex. */
  get all(): Iterable<string> {
    return this.#infoHashes;
  }

  has(infoHash: string): boolean {
    return this.#infoHashes.has(infoHash);
  }

  async add(infoHash: string): Promise<void> {
    if (this.#infoHashes.has(infoHash)) return;
    this.#infoHashes.add(infoHash);
    await this.#save();
  }

  async delete(infoHash: string): Promise<void> {
    if (this.#infoHashes.delete(infoHash)) await this.#save();
  }

  /** `INFO_HASH TRACKER` each: that catalogue has it, and should not. */
  get unwanted(): Iterable<string> {
    return this.#unwanted;
  }

  async setUnwanted(key: string, isUnwanted: boolean): Promise<void> {
    if (this.#unwanted.has(key) === isUnwanted) return;
    if (isUnwanted) this.#unwanted.add(key);
    else this.#unwanted.delete(key);
    await this.#save();
  }

  /** One after the other: two writers of one file would rename it away from each other. */
  #save(): Promise<void> {
    const saved = this.#saving.then(() => this.#write());
    this.#saving = saved.catch(() => {});
    return saved;
  }

  async #write(): Promise<void> {
    if (this.#path === undefined) return;
    const withdrawals = Array.from(this.#unwanted, (key) => `withdraw ${key}`);
    const text = [...this.#infoHashes, ...withdrawals].map((line) => `${line}\n`).join("");
    const fresh = `${this.#path}.new`;
    await Deno.writeTextFile(fresh, text);
    await Deno.rename(fresh, this.#path);
  }
}
