/**
 * Engine events as sentences.
 *
 * @module
 */
import type { EngineEvent } from "../peer/mod.ts";
import { formatBytes, formatCount, formatDuration, formatElapsed, formatRate } from "./format.ts";
import { renamedInWords } from "./renamed_words.ts";

/** Torrents of last time that get a line each; `status` shows all. */
const MOST_RESTORED = 10;

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

/** Tells people what they want to hear of while they type, and nothing twice. */
export class Narrator {
  /** Torrents of last time that are being checked: what was found of them, in words. */
  readonly #restored = new Map<string, string>();
  #toldRestored = 0;
  /** Trackers whose failure was told: silent until they answer. */
  readonly #failing = new Set<string>();
  #toldOfMore = false;
  /** Names that files of a torrent have here: told once, and when they are others. */
  readonly #otherNames = new Map<string, OtherNames>();

  /** The sentence for an event; undefined for most. */
  tell(event: EngineEvent): string | undefined {
    const { name } = event;
    switch (event.event) {
      case "torrent-completed":
        if (event.downloaded === 0) return undefined;
        return `"${name}" is complete: ${formatBytes(event.downloaded)} in ` +
          `${formatElapsed(event.seconds)} (${formatRate(event.downloaded / event.seconds)})`;
      case "metadata-received":
        return `"${name}": its metadata (${formatBytes(event.size)}) came from ` +
          formatCount(event.peers, "peer");
      case "metadata-failed":
        return `"${name}": metadata from ${formatCount(event.peers, "peer")} does not match ` +
          "the info hash, fetching it again";
      case "torrent-restored":
        if (this.#toldRestored++ < MOST_RESTORED) this.#restored.set(event.infoHash, "");
        return undefined;
      case "magnet-restored":
        return this.#toldRestored++ < MOST_RESTORED
          ? `"${name}" is back: its metadata is not here yet`
          : undefined;
      case "sources-added": {
        const { trackers, webSeeds, peers } = event;
        const news = [
          trackers > 0 && formatCount(trackers, "tracker"),
          webSeeds > 0 && formatCount(webSeeds, "web seed"),
          peers > 0 && formatCount(peers, "peer"),
        ].filter((part) => part !== false);
        return `"${name}" is here already, and now has ${news.join(", ")} more`;
      }
      case "restore-failed":
        return `"${name}" of last time cannot go on: ${event.reason}`;
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
          `${event.lost === 1 ? "does" : "do"} not match any more`;
      case "torrent-state":
        if (event.state === "error") return `"${name}" stopped: ${event.reason}`;
        return event.state === "checking" ? undefined : this.#back(event);
      case "peer-connected":
        return event.client === event.peer
          ? `"${name}": ${event.peer} connected (${event.address})`
          : `"${name}": ${event.peer} connected (${event.client}, ${event.address})`;
      case "peer-banned":
        return `"${name}": ${event.peer} banned: ${event.reason}`;
      case "web-seed-failed":
        return event.givenUp
          ? `"${name}": web seed ${event.url} is of no use: ${event.reason}`
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
        return `"${name}": of its ${event.named} trackers only the first ${event.used} are used`;
      case "tracker-warning":
        return `Tracker ${event.tracker} says: ${event.message}`;
      default:
        return undefined;
    }
  }

  #renamed(event: EngineEvent & { readonly event: "torrent-checked" }): string | undefined {
    const { infoHash, name, renamed, renamedFiles } = event;
    const words = renamed === 0 ? "" : renamedInWords(renamed, renamedFiles);
    const before = this.#otherNames.get(infoHash);
    const told = new Set(renamedFiles.map(({ disk }) => disk));
    this.#otherNames.set(infoHash, { words, told, later: before?.later ?? 0 });
    // Of a torrent of last time that was told then.
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
      ? `"${name}": more files get other names, which fileinfo shows`
      : undefined;
  }

  /** A torrent of last time was checked. */
  #back(event: EngineEvent & { readonly event: "torrent-state" }): string | undefined {
    const found = this.#restored.get(event.infoHash);
    this.#restored.delete(event.infoHash);
    return found === undefined || found === ""
      ? undefined
      : `"${event.name}" is back: ${event.state}, ${found}`;
  }

  #failed(tracker: string, message: string, retryIn: number | undefined): string | undefined {
    if (this.#failing.has(tracker)) return undefined;
    this.#failing.add(tracker);
    if (this.#failing.size > NAMED_TRACKERS) {
      if (this.#toldOfMore) return undefined;
      this.#toldOfMore = true;
      return "More trackers fail, which are not named here";
    }
    return retryIn === undefined ? message : `${message} (next try in ${formatDuration(retryIn)})`;
  }
}
