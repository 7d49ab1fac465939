/**
 * Engine events as sentences.
 *
 * @module
 */
import type { EngineEvent } from "../../peer/mod.ts";
import { MAX_TRACKERS } from "../../protocol/mod.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatElapsed,
  formatRate,
} from "../base/format.ts";
import { type RemedyWords, withRemedy } from "../base/remedies.ts";
import { leftOutWords } from "./left_out_words.ts";
import { renamedInWords } from "./renamed_words.ts";

/** Torrents of last time that get a line each; of more it is told in one line that they are back. */
const FEW_RESTORED = 3;
/** Torrents that could not be restored that are named. */
const NAMED_LOST = 4;

/** Failing trackers that are named. */
const NAMED_TRACKERS = 4;

/** Files that are named when they get another name than was told. */
const NAMED_LATER = 4;

/** What was told of a torrent's names: in words, and those on disk that were in the event. */
interface OtherNames {
  readonly words: string;
  readonly told: ReadonlySet<string>;
  /** Files that got another name since. */
  later: number;
}

type StateEvent = EngineEvent & { readonly event: "torrent-state" };

/** How much a download took, in which time and at what rate. */
function howItCame(
  { downloaded, seconds }: EngineEvent & { readonly event: "torrent-completed" },
): string {
  return `${formatBytes(downloaded)} in ${formatElapsed(seconds)} ` +
    `(${formatRate(downloaded / seconds)})`;
}

/** Tells people about events while they type, and about none twice. */
export class Narrator {
  /** Saved torrents that are being checked, with the result in words. */
  readonly #restored = new Map<string, string>();
  /** How many torrents the last session left. */
  readonly #expected: number;
  /** State → torrents of last time that are in it, and how many are not known yet. */
  readonly #back = new Map<string, number>();
  #lost = 0;
  /** Trackers whose failure was told: silent until they answer. */
  readonly #failing = new Set<string>();
  #toldOfMore = false;
  /** Names that files of a torrent have here: told once, and when they are others. */
  readonly #otherNames = new Map<string, OtherNames>();

  readonly #remedies: RemedyWords;
  /** What this peer is called. */
  readonly #ownName: () => string | undefined;
  readonly #isAnswered: (infoHash: string) => boolean;
  /** The name of ours that somebody was told to have, too. */
  #sharedName: string | undefined;

  constructor({ remedies, expected = 0, ownName = () => undefined, isAnswered = () => false }: {
    /** How a person goes on after something went wrong. */
    remedies: RemedyWords;
    /** How many torrents of an earlier session are going to be restored. Default 0. */
    expected?: number;
    /** This peer's name, where a person chose it. */
    ownName?: () => string | undefined;
    /** Whether an answer is about to say of a torrent that it is complete. */
    isAnswered?: (infoHash: string) => boolean;
  }) {
    this.#remedies = remedies;
    this.#expected = expected;
    this.#ownName = ownName;
    this.#isAnswered = isAnswered;
  }

  /** The sentence for an event; undefined for most. */
  tell(event: EngineEvent): string | undefined {
    const { name } = event;
    switch (event.event) {
      case "torrent-completed":
        if (event.downloaded === 0) return undefined;
        return `"${name}"${this.#isAnswered(event.infoHash) ? "" : " is complete"}: ` +
          howItCame(event);
      case "metadata-received":
        return `"${name}": its metadata (${formatBytes(event.size)}) came from ` +
          formatCount(event.peers, "peer");
      case "metadata-failed":
        return `"${name}": metadata from ${formatCount(event.peers, "peer")} does not match ` +
          "the info hash, fetching it again";
      case "torrent-restored":
        this.#restored.set(event.infoHash, "");
        return undefined;
      case "magnet-restored":
        return this.#isBack("a link so far", `"${name}" is back: its metadata is not here yet`);
      case "sources-added": {
        const { trackers, webSeeds, peers } = event;
        const news = [
          trackers > 0 && formatCount(trackers, "tracker"),
          webSeeds > 0 && formatCount(webSeeds, "web seed"),
          peers > 0 && formatCount(peers, "peer"),
        ].filter((part) => part !== false);
        return `"${name}" is already here, and now has ${news.join(", ")} more`;
      }
      case "restore-failed":
        return this.#notBack(
          withRemedy(
            `"${name}" could not be restored: ${event.reason}`,
            event.remedy,
            this.#remedies,
          ),
        );
      case "torrent-checked":
        if (this.#restored.has(event.infoHash)) {
          this.#restored.set(
            event.infoHash,
            event.have === event.pieces
              ? `all ${formatCount(event.pieces, "piece")} here`
              : `${event.have} of ${formatCount(event.pieces, "piece")} here`,
          );
        }
        return this.#renamed(event);
      case "file-completed":
        return this.#finished(event);
      case "torrent-removed":
        this.#otherNames.delete(event.infoHash);
        return undefined;
      case "pieces-lost":
        return `"${name}": ${event.lost} of ${formatCount(event.pieces, "piece")} on disk ` +
          `${event.lost === 1 ? "does" : "do"} no longer match`;
      case "torrent-state":
        if (event.state === "error") return this.#stopped(event);
        return event.state === "checking" ? undefined : this.#checked(event);
      case "peer-connected":
        if (this.#hasOurName(event.peer)) {
          return `Another peer (${event.address}) is called "${this.#sharedName}", too: ` +
            "rename <NEW NAME> tells the two apart";
        }
        return event.client === event.peer
          ? `"${name}": ${event.peer} connected (${event.address})`
          : `"${name}": ${event.peer} connected (${event.client}, ${event.address})`;
      case "peer-banned":
        return `"${name}": ${event.peer} banned: ${event.reason}`;
      case "web-seed-failed":
        return event.givenUp
          ? `"${name}": web seed ${event.url} failed: ${event.reason}`
          : undefined;
      case "piece-failed":
        return `"${name}": piece ${event.piece} does not match its hash, fetching it again`;
      case "tracker-failed":
        return this.#failed(event.tracker, event.message, event.retryIn);
      case "announced":
        if (!this.#failing.delete(event.tracker)) return undefined;
        if (this.#failing.size === 0) this.#toldOfMore = false;
        return `Tracker ${event.tracker} answers again`;
      case "trackers-left-out":
        return `"${name}": names ${countOfTrackers(event.named)}; only the first ${event.used} ` +
          "are used";
      case "sources-left-out":
        return `"${name}": ${leftOutWords(event)}`;
      case "tracker-warning":
        return `Tracker ${event.tracker} says: ${event.message}`;
      default:
        return undefined;
    }
  }

  /** Once for each name of ours: both sides see it, and one of them may change. */
  #hasOurName(peer: string): boolean {
    const own = this.#ownName();
    if (own === this.#sharedName || peer !== `peer ${own}`) return false;
    this.#sharedName = own;
    return true;
  }

  #renamed(event: EngineEvent & { readonly event: "torrent-checked" }): string | undefined {
    const { infoHash, name, renamed, renamedFiles } = event;
    const words = renamed === 0 ? "" : renamedInWords(renamed, renamedFiles);
    const before = this.#otherNames.get(infoHash);
    const told = new Set(renamedFiles.map(({ disk }) => disk));
    this.#otherNames.set(infoHash, { words, told, later: before?.later ?? 0 });
    // Told in an earlier session for a saved torrent.
    const isNews = words !== "" && words !== before?.words && !this.#restored.has(infoHash);
    return isNews ? `"${name}": ${words}` : undefined;
  }

  /** Where a file's name was taken is known for some when they get it. */
  #finished(event: EngineEvent & { readonly event: "file-completed" }): string | undefined {
    const { infoHash, name, path, disk } = event;
    const names = this.#otherNames.get(infoHash);
    if (disk === path || names === undefined || names.told.has(disk)) return undefined;
    names.later++;
    if (names.later <= NAMED_LATER) return `"${name}": ${renamedInWords(1, [{ path, disk }])}`;
    return names.later === NAMED_LATER + 1
      ? `"${name}": more files have different names on disk; fileinfo lists them`
      : undefined;
  }

  /** A saved torrent was checked. */
  #checked({ infoHash, name, state }: StateEvent): string | undefined {
    const found = this.#restored.get(infoHash);
    this.#restored.delete(infoHash);
    if (found === undefined) return undefined;
    return this.#isBack(state, found === "" ? undefined : `"${name}" is back: ${state}, ${found}`);
  }

  #stopped({ infoHash, name, reason, remedy }: StateEvent): string {
    const sentence = withRemedy(`"${name}" stopped: ${reason}`, remedy, this.#remedies);
    if (!this.#restored.delete(infoHash)) return sentence;
    const all = this.#isBack("stopped by an error", undefined);
    return all === undefined ? sentence : `${sentence}. ${all}`;
  }

  /** One of last time is here: its own sentence where they are few, else one for all at the end. */
  #isBack(state: string, own: string | undefined): string | undefined {
    if (this.#expected <= FEW_RESTORED) return own;
    this.#back.set(state, (this.#back.get(state) ?? 0) + 1);
    return this.#allBack();
  }

  #notBack(sentence: string): string | undefined {
    if (this.#expected <= FEW_RESTORED) return sentence;
    this.#back.set("not restored", (this.#back.get("not restored") ?? 0) + 1);
    const all = this.#allBack();
    const told = ++this.#lost <= NAMED_LOST ? [sentence] : [];
    return [...told, ...all === undefined ? [] : [all]].join(". ") || undefined;
  }

  #allBack(): string | undefined {
    const counts = [...this.#back];
    if (counts.reduce((sum, [, count]) => sum + count, 0) !== this.#expected) return undefined;
    const words = counts.sort((a, b) => b[1] - a[1]).map(([state, count]) => `${count} ${state}`);
    return `${this.#expected} torrents are back: ${words.join(", ")}`;
  }

  #failed(tracker: string, message: string, retryIn: number | undefined): string | undefined {
    if (this.#failing.has(tracker)) return undefined;
    this.#failing.add(tracker);
    if (this.#failing.size > NAMED_TRACKERS) {
      if (this.#toldOfMore) return undefined;
      this.#toldOfMore = true;
      return "More trackers fail; they are not listed here";
    }
    return retryIn === undefined ? message : `${message} (next try in ${formatDuration(retryIn)})`;
  }
}

/** No more than so many are read. */
function countOfTrackers(named: number): string {
  return named < MAX_TRACKERS ? formatCount(named, "tracker") : `${MAX_TRACKERS} trackers or more`;
}
