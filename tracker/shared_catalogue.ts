/**
 * Shared catalogue: published torrents in memory, in the tracker's file and, where trackers share a
 * store, in that.
 *
 * The shared one counts, and each tracker's catalogue is a copy of it, looked after before anybody is
 * answered from it. One that lost everything, or is new, is given what the trackers have.
 *
 * @module
 */
import { hash } from "node:crypto";
import { ID_LENGTH } from "../protocol/bytes20.ts";
import { classifyIp } from "../protocol/address.ts";
import { BencodeError, MetainfoError, TrackerError } from "../protocol/errors.ts";
import { faultSentence } from "../protocol/fault.ts";
import type { Metainfo } from "../protocol/metainfo.ts";
import { requireLayers } from "./published_piece_layers.ts";
import { readMetainfo } from "../loop/process_loop.ts";
import type { TrackerDb } from "./tracker_db.ts";
import type { MaybePromise } from "./contract/maybe_promise.ts";
import {
  Catalogue,
  type CatalogueEntry,
  CatalogueError,
  CatalogueFullError,
  entryOf,
  type StoredTorrent,
} from "./contract/catalogue.ts";
import { MAX_GONE } from "./redis/catalogue_scripts.ts";
import { FRESH, SEEDED, TAKEN, UNUSED, type Use } from "./contract/catalogue_eviction.ts";
import { hostPrefix } from "./swarms/host_prefix.ts";
import { OWN_HOST, UploadTurns } from "./http/upload_turns.ts";
import { isStoreAway } from "./swarms/swarm_store.ts";
import type { SharedTorrents, Withdrawal } from "./contract/ports.ts";
import type { SwarmNumbers, TrackerEvent } from "./contract/snapshot.ts";

/** A torrent of which no seed was heard for so long (ms) has none. */
const FRESH_MS = 30_000;
/** After a start seeds come back within this (ms). */
const RETURN_MS = 600_000;
/** Torrents that give way to one at most. */
const MAX_GIVING_WAY = 256;

/** Bytes of uploads that are read or wait for it. */
const MAX_UPLOADS = 32 << 20;

/** What they lie in, and who is told. */
export interface SharedCatalogueParts {
  readonly db: TrackerDb | undefined;
  readonly shared: SharedTorrents | undefined;
  /** @throws {TrackerError} where a torrent is not served here */
  readonly check: (infoHash: Uint8Array) => void;
  /** Counts of torrents, in the same order. */
  readonly counts: (infoHashes: readonly string[]) => MaybePromise<readonly SwarmNumbers[]>;
  readonly emit: (event: TrackerEvent) => void;
}

/** Puts torrents in and takes them out, wherever they are kept. */
export class SharedCatalogue implements AsyncDisposable {
  readonly catalogue: Catalogue;
  readonly #parts: SharedCatalogueParts;
  readonly #startedAt = Date.now();
  readonly #uploads = new UploadTurns({ bytes: MAX_UPLOADS, ofHost: MAX_UPLOADS / 4 });
  /** What was taken out while this tracker ran, and when (ms), the latest last. */
  readonly #gone = new Map<string, number>();
  /** The state of what is shared that the catalogue is a copy of. */
  #state: string | undefined;
  /** The look at it that is under way, and the one that follows. */
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  /** What an earlier version kept and was not read yet. */
  #unread = new Set<string>();
  readonly #recalling = new Map<string, Promise<void>>();
  #reading: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(parts: SharedCatalogueParts) {
    this.#parts = parts;
    const { db } = parts;
    this.catalogue = new Catalogue({ read: db && ((infoHash) => db.torrent(infoHash)?.bytes) });
  }

  /** As `TrackerService.publish`. @throws {UploadsFullError} where too many uploads wait */
  async publish(
    bytes: Uint8Array,
    publishedBy: string | undefined,
    proof?: string,
    address?: Uint8Array,
  ): Promise<{ entry: CatalogueEntry; created: boolean }> {
    const isOwn = address === undefined || classifyIp(address) === "loopback";
    const host = isOwn ? OWN_HOST : hostPrefix(address);
    return await this.#uploads.run(
      bytes.length,
      host,
      () => this.#publish(bytes, publishedBy, proof, address),
    );
  }

  async #publish(
    bytes: Uint8Array,
    publishedBy: string | undefined,
    proof: string | undefined,
    address: Uint8Array | undefined,
  ): Promise<{ entry: CatalogueEntry; created: boolean }> {
    const metainfo = await readMetainfo(bytes);
    const name = await nameOf(metainfo);
    this.#parts.check(name);
    await requireLayers(metainfo);
    const torrent = {
      infoHash: name.toHex(),
      bytes,
      publishedBy,
      publishedAt: Date.now(),
      ...(proof === undefined ? {} : { owner: ownerOf(proof) }),
      ...(address === undefined ? {} : { host: hostPrefix(address) }),
    };
    for (let gone = 0;; gone++) {
      try {
        await this.#recall(torrent.infoHash);
        // What Redis lost is there again before anybody can publish it as his.
        await this.refresh();
        const isNew = await this.#parts.shared?.add(torrent);
        const { entry, created } = this.#take(torrent, metainfo);
        return { entry, created: isNew ?? created };
      } catch (error) {
        const isFull = error instanceof CatalogueFullError && gone < MAX_GIVING_WAY;
        if (!isFull || !(await this.#makeRoom(torrent))) throw error;
      }
    }
  }

  /** Takes one out that gives way to a torrent; false where none does. */
  async #makeRoom({ host = "", bytes, publishedAt: now }: StoredTorrent): Promise<boolean> {
    const question = this.catalogue.room.choose(host, bytes.length, now);
    let step = question.next();
    while (!step.done) {
      const counts = await this.#parts.counts(step.value);
      step = question.next(counts.map((one) => this.#useOf(one, now)));
    }
    if (step.value === undefined) return false;
    await this.remove(step.value);
    return true;
  }

  #useOf({ infoHash, seeders, leechers, completed }: SwarmNumbers, now: number): Use {
    if (seeders > 0) return leechers + completed > 0 ? TAKEN : SEEDED;
    const { publishedAt = 0 } = this.catalogue.entry(infoHash) ?? {};
    // Its first seed, or all of them after a start, may not have been heard of.
    const since = publishedAt < this.#startedAt
      ? this.#startedAt + RETURN_MS - FRESH_MS
      : publishedAt;
    return now - since < FRESH_MS ? FRESH : UNUSED;
  }

  /** As `TrackerService.withdraw`. */
  async withdraw(infoHash: string, proof: string): Promise<Withdrawal> {
    await this.#recall(infoHash);
    await this.refresh();
    const entry = this.catalogue.entry(infoHash);
    if (entry === undefined) return "unknown";
    if (this.#parts.shared !== undefined) {
      const outcome = await this.#parts.shared.withdraw(infoHash, ownerOf(proof));
      if (outcome !== "refused") this.#drop(infoHash);
      return outcome;
    }
    if (entry.owner !== ownerOf(proof)) return "refused";
    return await this.remove(infoHash) ? "withdrawn" : "unknown";
  }

  /** Takes a torrent out; its swarm lives on. False where it was not there. */
  async remove(infoHash: string): Promise<boolean> {
    await this.#recall(infoHash);
    const wasShared = await this.#parts.shared?.remove(infoHash);
    const wasHere = this.#drop(infoHash);
    return wasShared ?? wasHere;
  }

  /** Sees to it that the catalogue is what is shared now. Never rejected: else it stays as it is. */
  refresh(): Promise<void> | undefined {
    if (this.#parts.shared === undefined) return undefined;
    // Who asks while a look is under way needs a later one, but one for all of them.
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#running = this.#refresh(this.#parts.shared!).catch((error) => {
        if (isStoreAway(error)) return;
        this.#parts.emit({ event: "warning", text: faultSentence(error) });
      });
    });
    return this.#next;
  }

  async #refresh(shared: SharedTorrents): Promise<void> {
    let state = await shared.state();
    if (!isLaterThan(state, this.#state)) {
      await shared.bury(this.#gone);
      await this.#giveBack(shared);
      state = await shared.state();
    }
    if (state === this.#state) return;
    const there = new Set(state === undefined ? [] : await shared.infoHashes());
    for (const { infoHash } of this.catalogue.list()) {
      if (!there.has(infoHash)) this.#drop(infoHash);
    }
    const missing = [...there].filter((one) => this.catalogue.entry(one) === undefined);
    for await (const torrent of shared.torrents(missing)) await this.#takeOver(torrent);
    this.#state = state;
  }

  /** Gives a store that is new to this tracker, or lost everything, what the catalogue has. */
  async #giveBack(shared: SharedTorrents): Promise<void> {
    for (const infoHash of await shared.wanted(this.catalogue.list())) {
      const entry = this.catalogue.entry(infoHash);
      const bytes = this.catalogue.get(infoHash);
      if (entry === undefined || bytes === undefined) continue;
      const { publishedBy, publishedAt, owner, host } = entry;
      try {
        await shared.giveBack({ infoHash, bytes, publishedBy, publishedAt, owner, host });
      } catch (error) {
        // What finds no room there is not here either.
        if (!(error instanceof CatalogueFullError)) throw error;
      }
    }
  }

  /** Takes what another tracker took, if it holds here too. */
  async #takeOver(torrent: StoredTorrent): Promise<void> {
    try {
      const metainfo = await readMetainfo(torrent.bytes);
      const name = await nameOf(metainfo);
      if (name.toHex() !== torrent.infoHash) return;
      this.#parts.check(name);
      await requireLayers(metainfo);
      this.#take(torrent, metainfo);
    } catch (error) {
      const isKnown = error instanceof BencodeError || error instanceof MetainfoError ||
        error instanceof CatalogueError || error instanceof TrackerError;
      if (!isKnown) throw error;
    }
  }

  /** @throws {CatalogueError} where it is too much, or cannot be kept */
  #take(torrent: StoredTorrent, metainfo: Metainfo): { entry: CatalogueEntry; created: boolean } {
    const published = this.catalogue.add(entryOf(torrent, metainfo), torrent.bytes);
    if (published.created) {
      this.#keep(torrent, published.entry);
      const { infoHash, name, publishedBy: peer } = published.entry;
      this.#parts.emit({ event: "published", infoHash, name, peer });
    }
    return published;
  }

  /** What cannot be kept is not published. @throws {CatalogueError} */
  #keep(torrent: StoredTorrent, entry: CatalogueEntry): void {
    try {
      this.#parts.db?.saveTorrent(torrent, entry);
    } catch (error) {
      this.catalogue.remove(torrent.infoHash);
      const { message } = error as Error;
      this.#parts.emit({ event: "warning", text: message });
      throw new CatalogueError("The tracker cannot keep it now: try again later", { cause: error });
    }
  }

  /**
   * Takes in what an earlier version kept, of which it is not known yet what to show, with pauses in
   * which announces are answered.
   */
  restore(): void {
    const infoHashes = this.#parts.db?.unshown() ?? [];
    this.#unread = new Set(infoHashes);
    this.#reading = (async () => {
      for (const infoHash of infoHashes) {
        if (this.#isClosed) return;
        await this.#recall(infoHash);
      }
      // What trackers share may lack them.
      if (infoHashes.length > 0) this.#state = undefined;
    })();
  }

  /** Waits for what is being read. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#reading;
  }

  /** Takes in one of those that {@linkcode restore} comes to later. */
  #recall(infoHash: string): Promise<void> | undefined {
    if (!this.#unread.has(infoHash)) return undefined;
    let reading = this.#recalling.get(infoHash);
    if (reading === undefined) {
      reading = this.#readKept(infoHash).finally(() => {
        this.#unread.delete(infoHash);
        this.#recalling.delete(infoHash);
      });
      this.#recalling.set(infoHash, reading);
    }
    return reading;
  }

  /** Never rejected: what cannot be read is left out, and said. */
  async #readKept(infoHash: string): Promise<void> {
    try {
      const torrent = this.#parts.db!.torrent(infoHash);
      if (torrent === undefined) return;
      const entry = entryOf(torrent, await readMetainfo(torrent.bytes));
      // Meanwhile the tracker may have been closed, and its file with it.
      if (this.#isClosed) return;
      this.catalogue.add(entry);
      this.#parts.db!.saveTorrent(torrent, entry);
    } catch (error) {
      const { message } = error as Error;
      const text = `The torrent ${infoHash} of the catalogue is left out: ${message}`;
      this.#parts.emit({ event: "warning", text });
    }
  }

  #drop(infoHash: string): boolean {
    const entry = this.catalogue.entry(infoHash);
    if (entry === undefined) return false;
    this.#parts.db?.removeTorrent(infoHash);
    this.catalogue.remove(infoHash);
    this.#gone.delete(infoHash);
    this.#gone.set(infoHash, Math.max(Date.now(), entry.publishedAt));
    if (this.#gone.size > MAX_GONE) this.#gone.delete(this.#gone.keys().next().value!);
    const { name, publishedBy: peer } = entry;
    this.#parts.emit({ event: "unpublished", infoHash, name, peer });
    return true;
  }
}

/** Whether what is shared only went on, and was not lost or set back, since it was in another state. */
function isLaterThan(state: string | undefined, earlier: string | undefined): boolean {
  if (state === undefined || earlier === undefined) return false;
  const [epoch, version] = state.split(" ");
  const [earlierEpoch, earlierVersion] = earlier.split(" ");
  return epoch === earlierEpoch && Number(version) >= Number(earlierVersion);
}

/** What is kept of a proof: whoever reads the tracker's records cannot give it. */
function ownerOf(proof: string): string {
  return hash("sha256", proof);
}

/** A v2-only torrent goes by the start of its longer hash (BEP 52). */
async function nameOf({ info, infoBytes }: Metainfo): Promise<Uint8Array> {
  const algorithm = info.kind === "v2" ? "SHA-256" : "SHA-1";
  return new Uint8Array(await crypto.subtle.digest(algorithm, infoBytes), 0, ID_LENGTH);
}
