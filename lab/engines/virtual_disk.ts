/**
 * The disk of one member: which pieces lie on it, and what its engine remembers. It outlasts the engine,
 * however that ends.
 *
 * @module
 */
import { Bitfield } from "../../protocol/bitfield.ts";
import type { Steps } from "../../protocol/steps.ts";
import {
  type DhtMemory,
  type Disk,
  type MagnetRecords,
  type PieceStore,
  type ResumeRecords,
  saveRecord,
  StorageError,
  type TorrentDisk,
} from "../../peer/lab.ts";
import type { SharedContent } from "../run/content.ts";

type TorrentRecord = Parameters<ResumeRecords["saveSteps"]>[0];
type MagnetRecord = ReturnType<MagnetRecords["load"]>[number];
type OpenOptions = Parameters<Disk["openTorrent"]>[0];

/** See the module. */
export class VirtualDisk implements Disk {
  /** Nothing can be written any more. */
  isFull = false;
  readonly have: Bitfield;
  readonly #content: SharedContent;
  readonly #pieceLength: number;
  readonly #records = new MemoryRecords();
  readonly #magnets = new Map<string, MagnetRecord>();
  #dht: ReturnType<DhtMemory["load"]> = { ids: {}, nodes: [] };

  /** @param has the pieces that lie on it from the start @param pieceLength bytes */
  constructor(content: SharedContent, pieceLength: number, has: Iterable<number>) {
    this.#content = content;
    this.#pieceLength = pieceLength;
    this.have = new Bitfield(Math.ceil(content.bytes.length / pieceLength));
    for (const piece of has) this.have.add(piece);
  }

  openRecords(): Promise<ResumeRecords> {
    return Promise.resolve(this.#records);
  }

  magnetRecords(): MagnetRecords {
    const magnets = this.#magnets;
    return {
      infoHashes: () => [...magnets.keys()],
      load: () => [...magnets.values()].sort((a, b) => a.addedAt - b.addedAt),
      save: (record) => void magnets.set(record.infoHash, record),
      remove: (infoHash) => void magnets.delete(infoHash),
    };
  }

  dhtMemory(): DhtMemory {
    return { load: () => this.#dht, save: (state) => void (this.#dht = state) };
  }

  openTorrent({ records }: OpenOptions): Promise<TorrentDisk> {
    return Promise.resolve({
      store: this.#store(),
      // What was written is found again, as by hashing it.
      check: () => Promise.resolve({ have: this.have.copy(), problem: undefined }),
      files: {
        suspects: () => Promise.resolve([]),
        verify: () => Promise.resolve(this.have.copy()),
        allow: () => {},
        prepare: () => Promise.resolve(undefined),
        renamed: () => ({ renamed: 0, renamedFiles: [] }),
      },
      delete: () => Promise.resolve([]),
      diskName: () => "content",
      pathsInUse: () => [],
      save: async (torrent, have, clean) => {
        const files = () => Promise.resolve([]);
        await saveRecord(records!, { torrent, have, clean, files, aliveAt: 0 });
      },
    });
  }

  #store(): PieceStore {
    const { bytes } = this.#content;
    return {
      readRange: (offset, into) => {
        into.set(bytes.subarray(offset, offset + into.length));
        return Promise.resolve();
      },
      write: (piece, written) => {
        if (this.isFull) {
          return Promise.reject(new StorageError("full", "/", "No space is left on the disk"));
        }
        const from = piece * this.#pieceLength;
        for (let i = 0; i < written.length; i++) {
          if (written[i] !== bytes[from + i]) throw new Error(`Piece ${piece} is wrong`);
        }
        this.have.add(piece);
        return Promise.resolve();
      },
      sync: () => Promise.resolve(),
      finish: () => Promise.resolve(undefined),
      want: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
}

/** What a real peer keeps in SQLite. */
class MemoryRecords implements ResumeRecords {
  readonly warnings: readonly string[] = [];
  readonly #torrents = new Map<string, TorrentRecord>();
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #settings = new Map<string, string>();

  *torrentSteps(): Steps<TorrentRecord[]> {
    yield;
    return [...this.#torrents.values()];
  }

  infoHashes(): string[] {
    return [...this.#torrents.keys()];
  }

  has(infoHash: string): boolean {
    return this.#torrents.has(infoHash);
  }

  *recordSteps(infoHash: string): Steps<TorrentRecord | undefined> {
    yield;
    return this.#torrents.get(infoHash);
  }

  *saveSteps(record: TorrentRecord): Steps<void> {
    yield;
    this.#torrents.set(record.infoHash, record);
  }

  saveWishes(
    infoHash: string,
    state: TorrentRecord["state"],
    choices: NonNullable<TorrentRecord["choices"]>,
  ): void {
    const record = this.#torrents.get(infoHash);
    if (record !== undefined) this.#torrents.set(infoHash, { ...record, state, choices });
  }

  remove(infoHash: string): void {
    this.#torrents.delete(infoHash);
    this.#files.delete(infoHash);
  }

  saveTorrentFile(infoHash: string, bytes: Uint8Array): Promise<void> {
    this.saveTorrentFileNow(infoHash, bytes);
    return Promise.resolve();
  }

  saveTorrentFileNow(infoHash: string, bytes: Uint8Array): void {
    this.#files.set(infoHash, bytes.slice());
  }

  torrentFile(infoHash: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return Promise.resolve(this.#files.get(infoHash));
  }

  setting(key: string): string | undefined {
    return this.#settings.get(key);
  }

  setSetting(key: string, value: string): void {
    this.#settings.set(key, value);
  }

  deleteSetting(key: string): void {
    this.#settings.delete(key);
  }

  [Symbol.dispose](): void {}
}
