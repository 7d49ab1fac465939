/**
 * The magnet links of an engine that are no torrents yet: added, remembered, and handed on.
 *
 * @module
 */
import { snapshotMagnet } from "./magnet_snapshot.ts";
import { BencodeError, MagnetError, MetainfoError } from "../../protocol/errors.ts";
import { faultSentence } from "../../protocol/fault.ts";
import { formatMagnet, type Magnet, parseMagnet, selectedIndexes } from "../../protocol/magnet.ts";
import { torrentOfInfo } from "../../protocol/torrent_of_info.ts";
import type { MagnetContext } from "./magnet_torrent.ts";
import { AlreadyAddedError } from "../errors.ts";
import { leftOutOfLink, tellLeftOut, type UsedSources } from "../left_out.ts";
import type { MagnetRecords } from "./magnet_files.ts";
import type { OpeningMarks } from "../resume/opening_marks.ts";
import { readMetainfo } from "../../loop/process_loop.ts";
import { SelectionError } from "../pieces/file_priorities.ts";
import { HELD, isLinkHeld } from "../resume/opening_order.ts";
import { type MagnetInit, MagnetTorrent } from "./magnet_torrent.ts";
import type { AddOptions, ChosenOptions } from "../options.ts";
import { StorageError } from "../ports.ts";
import type { TorrentSnapshot } from "../snapshot.ts";

/** The engine around it. */
export interface MagnetListOwner {
  /** Where files go that no folder was named for. */
  readonly dir: string;
  /** Undefined where nothing is remembered. */
  readonly records: MagnetRecords | undefined;
  /** Adds the torrent that a link has become. @throws {StorageError | AlreadyAddedError} */
  become(torrent: Uint8Array, options: AddOptions): Promise<void>;
  readonly marks: OpeningMarks;
  /** Which sources that a link names are used. */
  readonly uses: UsedSources;
  /** Keeps a promise until the engine is closed. */
  track(promise: Promise<void>): void;
}

/** The part of the engine that magnet links need. */
export type MagnetListContext = MagnetContext & {
  /** Takes a bug that nobody awaits. Must not throw. */
  onFault(fault: unknown): void;
};

/** Magnet links by info hash (hex). */
export class MagnetList {
  readonly #context: MagnetListContext;
  readonly #owner: MagnetListOwner;
  readonly #magnets = new Map<string, MagnetTorrent>();

  constructor(context: MagnetListContext, owner: MagnetListOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** @param infoHash hex: any name of the torrent */
  get(infoHash: string): MagnetTorrent | undefined {
    const magnet = this.#magnets.get(infoHash);
    return magnet ??
      [...this.#magnets.values()].find(({ names }) =>
        names.all.some((name) => name.toHex() === infoHash)
      );
  }

  /** The names of all their swarms, 20 bytes each. */
  swarms(): Uint8Array[] {
    return [...this.#magnets.values()].flatMap(({ names }) => names.all);
  }

  /** Announces everything to one more tracker when its own fail. */
  addTracker(url: string): void {
    for (const { announces } of this.#magnets.values()) announces.addTracker(url);
  }

  [Symbol.iterator](): Iterator<MagnetTorrent> {
    return this.#magnets.values();
  }

  /** Begins with a link that is not here yet; its info hash in hex. */
  add(magnet: Magnet, options: AddOptions): string {
    const tiers = options.trackers ?? magnet.trackers.map((url) => [url]);
    const added = this.#open({
      magnet: {
        ...magnet,
        trackers: tiers.flat(),
        peers: [...magnet.peers, ...options.peers ?? []],
      },
      tiers,
      dir: options.dir ?? this.#owner.dir,
      wanted: options.paused ? "paused" : "active",
      addedAt: this.#context.now(),
      choices: chosen(options),
    });
    this.#save(added);
    const { infoHash, name } = added;
    this.#context.emit({ infoHash, name, event: "magnet-added" });
    const leftOut = leftOutOfLink(magnet, this.#owner.uses);
    tellLeftOut((event) => this.#context.emit(event), added, leftOut);
    added.addPeers(options.peers ?? [], "manual");
    added.start();
    return infoHash;
  }

  /** The info hashes of the links of last time, in hex. */
  remembered(): string[] {
    return this.#owner.records?.infoHashes() ?? [];
  }

  /** Goes on with the links of last time, but for those whose torrent is here. */
  restore(isHere: (infoHash: string) => boolean): void {
    for (const record of this.#owner.records?.load() ?? []) {
      if (isHere(record.infoHash)) {
        this.#owner.records?.remove(record.infoHash);
        continue;
      }
      try {
        const magnet = parseMagnet(record.link);
        const tiers = magnet.trackers.map((url) => [url]);
        const { dir, state: wanted, addedAt, choices } = record;
        const restored = this.#open({ magnet, tiers, dir, wanted, addedAt, choices });
        const { infoHash, name } = restored;
        this.#context.emit({ infoHash, name, event: "magnet-restored", wanted });
        const isHeld = isLinkHeld(this.#owner.marks.strikes(infoHash));
        restored.start(isHeld ? HELD : undefined);
      } catch (error) {
        // One link that is of no use any more hinders no other.
        const { infoHash } = record;
        const reason = error instanceof MagnetError ? error.message : faultSentence(error);
        this.#context.emit({ infoHash, name: infoHash, event: "restore-failed", reason });
      }
    }
  }

  /** It is a torrent now, or nobody wants it any more. Its connections are not closed. */
  forget(infoHash: string): MagnetTorrent | undefined {
    const magnet = this.#magnets.get(infoHash);
    if (!this.#magnets.delete(infoHash)) return undefined;
    try {
      this.#owner.records?.remove(infoHash);
    } catch (error) {
      // The link is dropped at the next start: its torrent is here, which must not wait for that.
      this.#context.onFault(error);
    }
    return magnet;
  }

  snapshot(now: number): TorrentSnapshot[] {
    return [...this.#magnets.values()].map((magnet) => snapshotMagnet(magnet, now));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#magnets.values()].map((magnet) => magnet.close()));
  }

  #open(init: MagnetInit): MagnetTorrent {
    const magnet: MagnetTorrent = new MagnetTorrent(this.#context, init, {
      onMetadata: (bytes) => this.#owner.track(this.#grow(magnet, bytes)),
      onSources: () => this.#save(magnet),
      onWanted: () => {
        // A person says how to go on: what was before does not count any more.
        this.#owner.marks.end(magnet.infoHash);
        this.#save(magnet);
      },
    });
    this.#magnets.set(magnet.infoHash, magnet);
    return magnet;
  }

  #save({ infoHash, init, wanted, announces }: MagnetTorrent): void {
    const { magnet, dir, addedAt } = init;
    const choices = { ...init.choices, lists: announces.moreLists };
    const link = formatMagnet(magnet);
    this.#owner.records?.save({ infoHash, link, dir, state: wanted, addedAt, choices });
  }

  /** What has the right hash may still be no usable torrent, or find no place. */
  async #grow(magnet: MagnetTorrent, infoBytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { dir, tiers: trackers, choices, magnet: { webSeeds } } = magnet.init;
    const paused = magnet.wanted !== "active";
    this.#owner.marks.begin(magnet.infoHash);
    try {
      const torrent = torrentOfInfo(infoBytes, { trackers, webSeeds });
      const { files } = (await readMetainfo(torrent)).info;
      const select = choices.select ?? selectedIndexes(magnet.init.magnet, files.length);
      await this.#owner.become(torrent, { ...choices, dir, trackers, paused, select });
    } catch (error) {
      const isExpected = error instanceof BencodeError || error instanceof MetainfoError ||
        error instanceof StorageError || error instanceof AlreadyAddedError ||
        error instanceof SelectionError;
      if (isExpected) magnet.fail(error);
      else magnet.fault(error);
    } finally {
      this.#owner.marks.end(magnet.infoHash);
    }
  }
}

function chosen(options: AddOptions): ChosenOptions {
  const { select, sequential, differing, downloadLimit, uploadLimit, lists } = options;
  return { select, sequential, differing, downloadLimit, uploadLimit, lists };
}
