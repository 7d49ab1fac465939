/**
 * The torrents that were published: in the catalogue, in the tracker's file, and, where trackers share
 * a store, in that.
 *
 * The shared one counts, and each tracker's catalogue is a copy of it, looked after before anybody is
 * answered from it. One that lost everything, or is new, is given what the trackers have.
 *
 * @module
 */
import { hash } from "node:crypto";
import { ID_LENGTH } from "../protocol/bytes20.ts";
import { BencodeError, MetainfoError, TrackerError } from "../protocol/errors.ts";
import { faultSentence } from "../protocol/fault.ts";
import { type Metainfo, parseMetainfo } from "../protocol/metainfo.ts";
import { requireLayers } from "./io/piece_layers.ts";
import type { TrackerDb } from "./io/tracker_db.ts";
import { Catalogue, type CatalogueEntry, CatalogueError } from "./logic/catalogue.ts";
import type { StoredTorrent } from "./logic/catalogue.ts";
import { isStoreAway } from "./logic/swarm_store.ts";
import type { SharedTorrents } from "./ports.ts";
import type { TrackerEvent } from "./snapshot.ts";

/** What they lie in, and who is told. */
export interface PublishedParts {
  readonly db: TrackerDb | undefined;
  readonly shared: SharedTorrents | undefined;
  /** @throws {TrackerError} where a torrent is not served here */
  readonly check: (infoHash: Uint8Array) => void;
  readonly emit: (event: TrackerEvent) => void;
}

/** Puts torrents in and takes them out, wherever they are kept. */
export class Published {
  readonly catalogue: Catalogue = new Catalogue();
  readonly #parts: PublishedParts;
  /** The state of what is shared that the catalogue is a copy of. */
  #state: string | undefined;
  /** The look at it that is under way, and the one that follows. */
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(parts: PublishedParts) {
    this.#parts = parts;
  }

  /** As `TrackerService.publish`. */
  async publish(
    bytes: Uint8Array,
    publishedBy: string | undefined,
    proof?: string,
  ): Promise<{ entry: CatalogueEntry; created: boolean }> {
    const metainfo = parseMetainfo(bytes);
    const name = await nameOf(metainfo);
    this.#parts.check(name);
    await requireLayers(metainfo);
    const owner = proof === undefined ? {} : { owner: ownerOf(proof) };
    const torrent = {
      infoHash: name.toHex(),
      bytes,
      publishedBy,
      publishedAt: Date.now(),
      ...owner,
    };
    const isNew = await this.#parts.shared?.add(torrent);
    const { entry, created } = this.#take(torrent, metainfo);
    return { entry, created: isNew ?? created };
  }

  /** As `TrackerService.withdraw`. */
  async withdraw(infoHash: string, proof: string): Promise<"withdrawn" | "unknown" | "refused"> {
    await this.refresh();
    const entry = this.catalogue.entry(infoHash);
    if (entry === undefined) return "unknown";
    if (entry.owner !== ownerOf(proof)) return "refused";
    return await this.remove(infoHash) ? "withdrawn" : "unknown";
  }

  /** Takes a torrent out; its swarm lives on. False where it was not there. */
  async remove(infoHash: string): Promise<boolean> {
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
    if (state === undefined) {
      for (const { infoHash, publishedBy, publishedAt, owner } of this.catalogue.list()) {
        const bytes = this.catalogue.get(infoHash)!;
        await shared.add({ infoHash, bytes, publishedBy, publishedAt, owner });
      }
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

  /** Takes what another tracker took, if it holds here too. */
  async #takeOver(torrent: StoredTorrent): Promise<void> {
    try {
      const metainfo = parseMetainfo(torrent.bytes);
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
    const { infoHash, bytes, publishedBy, publishedAt: now, owner } = torrent;
    const facts = { publishedBy, now, owner };
    const published = this.catalogue.publish(bytes, metainfo, infoHash, facts);
    if (published.created) {
      this.#keep(torrent);
      const { name } = published.entry;
      this.#parts.emit({ event: "published", infoHash, name, peer: publishedBy });
    }
    return published;
  }

  /** What cannot be kept is not published. @throws {CatalogueError} */
  #keep(torrent: StoredTorrent): void {
    try {
      this.#parts.db?.saveTorrent(torrent);
    } catch (error) {
      this.catalogue.remove(torrent.infoHash);
      const { message } = error as Error;
      this.#parts.emit({ event: "warning", text: message });
      throw new CatalogueError("The tracker cannot keep it now: try again later", { cause: error });
    }
  }

  #drop(infoHash: string): boolean {
    const entry = this.catalogue.entry(infoHash);
    if (entry === undefined) return false;
    this.#parts.db?.removeTorrent(infoHash);
    this.catalogue.remove(infoHash);
    const { name, publishedBy: peer } = entry;
    this.#parts.emit({ event: "unpublished", infoHash, name, peer });
    return true;
  }
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
