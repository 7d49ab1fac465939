/**
 * The catalogues of the trackers a peer knows, as one.
 *
 * @module
 */
import { BencodeError, MetainfoError, TrackerError } from "../../protocol/mod.ts";
import type { CatalogueClient, CatalogueListing } from "../../peer/mod.ts";
import { CommandError } from "../base/errors.ts";
import { nearest } from "../base/did_you_mean.ts";
import { newestFirst } from "./versions.ts";

/** An entry, and the announce URL of the tracker that has it. */
export interface Listed extends CatalogueListing {
  readonly tracker: string;
}

/** What a name means, and the others of that name that nobody was asked about. */
export interface Meant {
  readonly entry: Listed;
  readonly others: readonly Listed[];
}

/** Asks which of several of one name is meant; undefined where nobody can or wants to say. */
export type ChooseListed = (entries: readonly Listed[]) => Promise<Listed | undefined>;

/** Said where a catalogue is meant and there is none. */
export const NO_CATALOGUE = "No tracker is asked for its catalogue: name one with --tracker";

/** Trackers of a link whose catalogues are asked, and how many of all at a time. */
const MAX_NAMED = 16;
const AT_ONCE = 4;

/** What the catalogues of all trackers hold. */
export interface Listing {
  readonly entries: readonly Listed[];
  /** Why a catalogue is missing in it, one sentence each. */
  readonly failures: readonly string[];
}

/** Looks things up at every tracker at once. Its own trackers are those that a person named. */
export class Catalogues {
  readonly client: CatalogueClient;
  #trackers: readonly string[];

  readonly #whatThereIs: string;

  /** @param whatThereIs how a person sees all names. Default: in a shell */
  constructor(
    client: CatalogueClient,
    trackers: readonly string[],
    whatThereIs = "Type list to see what there is",
  ) {
    this.client = client;
    this.#trackers = trackers;
    this.#whatThereIs = whatThereIs;
  }

  /** Announce URLs, in the order they are asked. */
  get trackers(): readonly string[] {
    return this.#trackers;
  }

  /** From now on others are asked. */
  use(trackers: readonly string[]): void {
    this.#trackers = trackers;
  }

  /** All entries, each torrent once. */
  async list(search?: string): Promise<Listing> {
    const trackers = this.#trackers;
    const answers = await Promise.allSettled(
      trackers.map((tracker) => this.client.list(tracker, search)),
    );
    const entries = new Map<string, Listed>();
    const failures: string[] = [];
    for (const [index, answer] of answers.entries()) {
      if (answer.status === "rejected") {
        if (!(answer.reason instanceof TrackerError)) throw answer.reason;
        failures.push(answer.reason.message);
        continue;
      }
      for (const entry of answer.value) {
        if (entries.has(entry.infoHash)) continue;
        entries.set(entry.infoHash, { ...entry, tracker: trackers[index]! });
      }
    }
    return { entries: [...entries.values()], failures };
  }

  /**
   * The one entry that `name` means: the same name, or else the same but for capitals; of several
   * the newest that somebody seeds, unless `choose` says which.
   *
   * @throws {CommandError} where there is none
   */
  async find(
    name: string,
    { choose, whatThereIs = this.#whatThereIs }: {
      choose?: ChooseListed | undefined;
      /** How the person who asks sees all names. Default: as everybody here does. */
      whatThereIs?: string | undefined;
    } = {},
  ): Promise<Meant> {
    if (this.#trackers.length === 0) {
      throw new CommandError("failed", `No torrent "${name}" here. ${NO_CATALOGUE}`);
    }
    const { entries, failures } = await this.list();
    const same = entries.filter((entry) => entry.name === name);
    const alike = same.length > 0
      ? same
      : entries.filter((entry) => entry.name.toLowerCase() === name.toLowerCase());
    if (alike.length > 0) {
      const [newest, ...others] = newestFirst(alike) as [Listed, ...Listed[]];
      const chosen = others.length > 0 ? await choose?.([newest, ...others]) : undefined;
      return chosen === undefined ? { entry: newest, others } : { entry: chosen, others: [] };
    }
    if (entries.length === 0 && failures.length > 0) {
      throw new CommandError("failed", `Cannot look up "${name}": ${failures.join("; ")}`);
    }
    const near = nearest(name, entries.map((entry) => entry.name));
    throw new CommandError(
      "failed",
      `No torrent "${name}" in the catalogue. ` +
        (near === undefined ? whatThereIs : `Did you mean "${near}"?`),
    );
  }

  /** The .torrent with this info hash from whichever of `trackers` has it; undefined where none. */
  async fetch(
    infoHash: string,
    trackers = this.trackers,
  ): Promise<{ bytes: Uint8Array; tracker: string } | undefined> {
    for (const tracker of trackers) {
      try {
        return { bytes: await this.#fetchFrom(tracker, infoHash), tracker };
      } catch (error) {
        // The next one may have it; that none has it is the caller's to tell.
        if (!isAnswer(error)) throw error;
      }
    }
    return undefined;
  }

  /**
   * The same from a few at a time, our own first, whoever answers first within `patience` ms. Of
   * those that a link names only the first are asked.
   */
  async fetchAny(
    infoHash: string,
    trackers: readonly string[],
    patience: number,
  ): Promise<{ bytes: Uint8Array; tracker: string } | undefined> {
    const signal = AbortSignal.timeout(patience);
    const isOwn = (tracker: string) => this.#trackers.includes(tracker);
    const queue = [
      ...trackers.filter(isOwn),
      ...trackers.filter((tracker) => !isOwn(tracker)).slice(0, MAX_NAMED),
    ].values();
    const lanes = Array.from({ length: AT_ONCE }, async () => {
      for (const tracker of queue) {
        if (signal.aborted) break;
        try {
          return { bytes: await this.#fetchFrom(tracker, infoHash, signal), tracker };
        } catch (error) {
          if (!isAnswer(error)) throw error;
        }
      }
      throw new TrackerError(`No catalogue has ${infoHash}`);
    });
    try {
      return await Promise.any(lanes);
    } catch (error) {
      const other = (error as AggregateError).errors.find((one) => !isAnswer(one));
      if (other !== undefined) throw other;
      return undefined;
    }
  }

  #fetchFrom(tracker: string, infoHash: string, signal?: AbortSignal): Promise<Uint8Array> {
    const isTyped = this.#trackers.includes(tracker);
    return this.client.fetch(tracker, infoHash, { ...(signal && { signal }), isTyped });
  }
}

/** Whether an error is about what the other side said, or that it said nothing. */
function isAnswer(error: unknown): boolean {
  return error instanceof TrackerError || error instanceof BencodeError ||
    error instanceof MetainfoError;
}
