/**
 * Turns: a torrent that is added (or removed) twice at a time is added once, whoever asks.
 *
 * @module
 */

/** See the module's text. */
export class TorrentTurns {
  /** By each name of the torrent on the wire, in hex: when the one whose turn it is is done. */
  readonly #byName = new Map<string, Promise<void>>();

  /** Waits for those before with one of these names; dispose it when this one is done. */
  async begin(names: readonly string[]): Promise<Disposable> {
    for (let other; (other = this.#oneOf(names)) !== undefined;) await other;
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const name of names) this.#byName.set(name, promise);
    return {
      [Symbol.dispose]: () => {
        for (const name of names) this.#byName.delete(name);
        resolve();
      },
    };
  }

  #oneOf(names: readonly string[]): Promise<void> | undefined {
    return names.map((name) => this.#byName.get(name)).find(Boolean);
  }
}
