/**
 * Announce: asks the trackers of one torrent when it is time, and hands on the peers that they
 * name.
 *
 * @module
 */
import { MAX_USED_TRACKERS } from "./tiers.ts";
import type {
  AnnounceEvent,
  AnnounceReply,
  AnnounceRequest,
  ScrapeEntry,
} from "../../protocol/announce.ts";
import { TrackerError } from "../../protocol/errors.ts";
import type { Clock } from "../clock.ts";
import type { TrackerPort } from "../ports.ts";
import type { Sources } from "../options.ts";
import type { TorrentEvent } from "../events.ts";
import { AnnounceSchedule, type DueAnnounce, type PlannedTracker } from "./announce_schedule.ts";
import { BackgroundTasks, type OnFault } from "../background_tasks.ts";
import type { TrackerSnapshot } from "../snapshot.ts";
import { announceToSwarms, scrapeSwarms, type SwarmReply } from "./hybrid_announce.ts";

/** ms that a tracker has to answer. */
const ANNOUNCE_MS = 10_000;
/** Lists of trackers of one torrent that are announced to side by side. */
const MAX_LISTS = 8;
/** ms that leaving may take. */
const STOPPED_MS = 2_000;

/** Facts for an announce. Bytes of this session. */
export interface AnnounceFacts {
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number;
  readonly numwant: number;
}

/** Tiers of trackers (BEP 12): one answer is enough. */
export type TrackerTiers = readonly (readonly string[])[];

/** One list of tiers, and the announce under way. */
interface Listed {
  readonly plan: AnnounceSchedule;
  pending: Promise<void> | undefined;
}

/** The part of the engine that announces need. */
export interface AnnouncerContext {
  /** Our 20 bytes on the wire. */
  readonly peerId: Uint8Array;
  /** The port that we listen on. */
  readonly port: number;
  /** Where addresses may come from. */
  readonly sources: Sources;
  readonly announcer: TrackerPort;
  /** The name that people give us; it may change. */
  name(): string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
}

/** Asks trackers when it is time and hands on what they say. */
export class Announcer {
  readonly #context: AnnouncerContext;
  readonly #infoHashes: readonly Uint8Array[];
  /** Its own trackers first; one of each list is announced to. */
  readonly #lists: Listed[] = [];
  readonly #moreLists: TrackerTiers[] = [];
  readonly #wasComplete: boolean | undefined;
  #hasBegun = false;
  readonly #facts: () => AnnounceFacts;
  readonly #onPeers: (peers: readonly { host: string; port: number }[], tracker: string) => void;
  readonly #emit: (event: TorrentEvent) => void;
  readonly #onFault: OnFault;
  /** Swarms whose answers come after those of others. */
  readonly #late: BackgroundTasks;
  #stopLate = new AbortController();
  #key: number;
  readonly #abort = new AbortController();

  constructor(context: AnnouncerContext, options: {
    /** One for each swarm: a hybrid has two (BEP 52). */
    infoHashes: readonly Uint8Array[];
    tiers: TrackerTiers;
    /** Tiers that are announced to beside those: each list comes from a link or .torrent of its own. */
    lists?: readonly TrackerTiers[] | undefined;
    /** It was complete in an earlier session. Default: no. */
    wasComplete?: boolean;
    facts: () => AnnounceFacts;
    onPeers: (peers: readonly { host: string; port: number }[], tracker: string) => void;
    emit: (event: TorrentEvent) => void;
    onFault: OnFault;
  }) {
    this.#context = context;
    this.#infoHashes = options.infoHashes;
    this.#wasComplete = options.wasComplete;
    this.#lists.push(this.#listed(options.tiers));
    for (const list of options.lists ?? []) this.addList(list);
    this.#facts = options.facts;
    this.#onPeers = options.onPeers;
    this.#emit = options.emit;
    this.#onFault = options.onFault;
    this.#late = new BackgroundTasks(options.onFault);
    this.#key = Math.floor(context.random() * 2 ** 32);
  }

  /**
   * Goes on where the announces of the link ended that this torrent came of.
   *
   * @param complete whether all is here already
   */
  inherit(link: Announcer, complete: boolean): void {
    // To a tracker of a swarm that the link did not know we are new.
    if (link.#infoHashes.length !== this.#infoHashes.length) return;
    this.#key = link.#key;
    for (const { plan } of this.#lists) {
      for (const other of link.#lists) plan.inherit(other.plan, complete);
    }
  }

  /** Announces where one is due. */
  tick(now: number): void {
    if (!this.#context.sources.tracker) return;
    this.#tellLeftOut();
    for (const listed of this.#lists) {
      const due = listed.plan.next(now, this.#facts().left === 0);
      if (due !== undefined) {
        listed.pending = this.#announce(listed.plan, due).catch(this.#onFault);
      }
    }
  }

  /** Once: that its own list is longer than what is used of it. */
  #tellLeftOut(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { named } = this.#lists[0]!.plan;
    if (named <= MAX_USED_TRACKERS) return;
    this.#emit({ event: "trackers-left-out", used: MAX_USED_TRACKERS, named });
  }

  /** Announces as soon as possible, whatever the interval. */
  hurry(now: number): void {
    for (const { plan } of this.#lists) plan.hurry(now);
    this.tick(now);
  }

  /** One more tracker, asked when those before it fail. */
  addTracker(url: string): void {
    if (!this.#knows(url)) this.#lists[0]!.plan.add(url);
  }

  /**
   * Trackers that somebody named for it, too: one of them is announced to from now on, whatever those
   * before it say. Where there are too many lists, they are asked when the last one's fail.
   *
   * @returns how many were not known
   */
  addList(tiers: TrackerTiers): number {
    const fresh = tiers.map((tier) => tier.filter((url) => !this.#knows(url)))
      .filter((tier) => tier.length > 0);
    if (fresh.length === 0) return 0;
    this.#moreLists.push(fresh);
    if (this.#lists.length < MAX_LISTS) this.#lists.push(this.#listed(fresh));
    else for (const url of fresh.flat()) this.#lists.at(-1)!.plan.add(url);
    return fresh.flat().length;
  }

  /** What `addList` was told, and the constructor. */
  get moreLists(): readonly TrackerTiers[] {
    return this.#moreLists;
  }

  get trackerCount(): number {
    return this.#trackers().length;
  }

  /** Says `stopped` to every tracker that knows us, all at once, within two seconds. */
  async stop(): Promise<void> {
    // An announce under way may still tell the tracker of us: it goes first, within the same limit.
    const signal = this.#context.clock.timeout(STOPPED_MS);
    const pending = Promise.all(this.#lists.map((listed) => listed.pending));
    await Promise.race([pending, aborted(signal)]);
    this.#stopLate.abort(new TrackerError("stopped"));
    this.#stopLate = new AbortController();
    await Promise.all(
      this.#lists.flatMap(({ plan }) => plan.takeStopped()).map(async (tracker) => {
        const request = this.#request("stopped", tracker.trackerId, 0);
        try {
          await (await this.#say(tracker.url, request, { signal })).whole;
          this.#emit({
            event: "announced",
            tracker: tracker.url,
            kind: "stopped",
            peers: 0,
            seeders: undefined,
            leechers: undefined,
            interval: 0,
          });
        } catch {
          // It will forget us by itself; leaving does not wait for it.
        }
      }),
    );
  }

  /** Gives up whatever is under way. */
  async dispose(): Promise<void> {
    this.#abort.abort(new TrackerError("stopped"));
    await Promise.all(this.#lists.map((listed) => listed.pending));
    await this.#late.settled();
  }

  /** Counts from the first tracker that answers. */
  async scrape(): Promise<Omit<ScrapeEntry, "infoHash"> & { tracker: string }> {
    let failure = new TrackerError("This torrent has no tracker");
    for (const { url } of this.#trackers()) {
      try {
        const signal = this.#context.clock.timeout(ANNOUNCE_MS);
        const { announcer } = this.#context;
        const entry = await scrapeSwarms(announcer, url, this.#infoHashes, signal);
        if (entry !== undefined) {
          const { seeders, leechers, completed } = entry;
          return { tracker: url, seeders, leechers, completed };
        }
        failure = new TrackerError(`${url} does not know this torrent`);
      } catch (error) {
        if (!(error instanceof TrackerError)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  snapshot(now: number): TrackerSnapshot[] {
    let tiers = 0;
    return this.#lists.flatMap(({ plan }) => {
      const above = tiers;
      tiers += plan.tierCount;
      return plan.snapshot(now).map((one) => ({ ...one, tier: above + one.tier }));
    });
  }

  #listed(tiers: TrackerTiers): Listed {
    const random = () => this.#context.random();
    return { plan: new AnnounceSchedule(tiers, random, this.#wasComplete), pending: undefined };
  }

  #trackers(): PlannedTracker[] {
    return this.#lists.flatMap(({ plan }) => plan.trackers);
  }

  #knows(url: string): boolean {
    return this.#trackers().some((tracker) => tracker.url === url);
  }

  async #announce(plan: AnnounceSchedule, due: DueAnnounce): Promise<void> {
    const { tracker, event } = due;
    const request = this.#request(event, tracker.trackerId, this.#facts().numwant);
    const signal = AbortSignal.any([
      this.#abort.signal,
      this.#stopLate.signal,
      this.#context.clock.timeout(ANNOUNCE_MS),
    ]);
    const onPeers = ({ peers }: AnnounceReply): void =>
      this.#late.guard(() => this.#onPeers(peers, tracker.url));
    try {
      const { reply, whole } = await this.#say(tracker.url, request, { signal, reply: onPeers });
      // The counts of a swarm that answers late count all the same.
      this.#late.run(whole.then((late) => {
        if (tracker.reply === reply) tracker.reply = { ...reply, ...countsOf(late) };
      }));
      const now = this.#context.clock.now();
      const warnedBefore = tracker.message === reply.warning;
      plan.succeeded(due, reply, { now, complete: request.left === 0 });
      this.#emit({
        event: "announced",
        tracker: tracker.url,
        kind: event === "none" ? "regular" : event,
        peers: reply.peers.length,
        seeders: reply.seeders,
        leechers: reply.leechers,
        interval: Math.round((tracker.nextAt - now) / 1000),
      });
      if (reply.warning !== undefined && !warnedBefore) {
        this.#emit({ event: "tracker-warning", tracker: tracker.url, message: reply.warning });
      }
    } catch (error) {
      if (!(error instanceof TrackerError)) throw error;
      const now = this.#context.clock.now();
      const retryIn = plan.failed(due, error, { now, random: () => this.#context.random() });
      if (this.#abort.signal.aborted) return;
      const { message } = error;
      this.#emit({ event: "tracker-failed", tracker: tracker.url, message, retryIn });
      this.tick(now);
    }
  }

  #say(
    url: string,
    request: Omit<AnnounceRequest, "infoHash">,
    on: Omit<Parameters<typeof announceToSwarms>[4], "clock">,
  ): Promise<SwarmReply> {
    const { announcer, clock } = this.#context;
    return announceToSwarms(announcer, url, this.#infoHashes, request, { ...on, clock });
  }

  #request(
    event: AnnounceEvent,
    trackerId: string | undefined,
    numwant: number,
  ): Omit<AnnounceRequest, "infoHash"> {
    const { uploaded, downloaded, left } = this.#facts();
    return {
      peerId: this.#context.peerId,
      port: this.#context.port,
      uploaded,
      downloaded,
      left,
      event,
      numwant,
      key: this.#key,
      compact: true,
      noPeerId: true,
      name: this.#context.name(),
      ...(trackerId === undefined ? {} : { trackerId }),
    };
  }
}

function countsOf(
  { seeders, leechers }: AnnounceReply,
): Pick<AnnounceReply, "seeders" | "leechers"> {
  return {
    ...(seeders !== undefined && { seeders }),
    ...(leechers !== undefined && { leechers }),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
