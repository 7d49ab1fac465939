/**
 * The demo's events as a story: one line for each thing worth seeing. Pure.
 *
 * @module
 */
import type { PieceStatus } from "../../peer/mod.ts";
import type { ProcessEvent } from "./demo_process.ts";
import {
  formatBytes,
  formatCount,
  formatElapsed,
  formatRate,
  formatShare,
} from "../base/format.ts";
import { type BarLook, pieceBar } from "../view/piece_bar.ts";

/** Shares of the file after which a peer's bar is drawn again, and in a crowd. */
const STEP = 0.1;
const CROWD_STEP = 0.25;

/** One peer as the story knows it. */
interface Character {
  readonly pieces: PieceStatus[];
  /** Peer → pieces that came from it. */
  readonly sources: Map<string, number>;
  /** The share that was told last. */
  told: number;
}

/** One line of the story. */
export interface Told {
  /** Its pieces, painted already. */
  readonly bar?: string;
  /** Words, with names of others in them as they came. */
  readonly text: string;
}

/** Tells what the processes do. */
export class Story {
  readonly #look: BarLook;
  readonly #peers = new Map<string, Character>();
  readonly #barWidth: number;
  readonly #told = new Set<string>();
  readonly #isCrowd: boolean;
  #pieceCount = 0;

  /**
   * Bars have `barWidth` cells. Of a crowd less is told of each: what one does to another is told by
   * the one that does it.
   */
  constructor(look: BarLook, barWidth: number, { isCrowd = false }: { isCrowd?: boolean } = {}) {
    this.#look = look;
    this.#barWidth = Math.max(10, barWidth);
    this.#isCrowd = isCrowd;
  }

  /** The line for an event of `who`; undefined where it is nothing to speak of. */
  tell(who: string, told: ProcessEvent): Told | undefined {
    // In a story of peers alone "peer ada" is ada.
    const { peer } = told;
    const event = typeof peer === "string" ? { ...told, peer: peer.replace(/^peer /, "") } : told;
    if (event.event === "progress") return this.#progress(who, event);
    if (event.event === "torrent-completed") return this.#completed(who, event);
    const text = this.#words(who, event);
    return text === undefined ? undefined : { text };
  }

  #words(who: string, event: ProcessEvent): string | undefined {
    switch (event.event) {
      case "started":
        // The first line of all is the address of the tracker's page.
        return event.role === "tracker" ? undefined : `listens on port ${event.port}`;
      case "published":
        return `puts "${event.name}" into its catalogue`;
      case "sent":
        return `shares "${event.name}": ${formatBytes(Number(event.size))} in ` +
          `${formatCount(Number(event.pieces), "piece")}, info hash ${event.info_hash}`;
      case "torrent-added":
        this.#pieceCount = Number(event.pieces);
        return undefined;
      case "announced":
        return announceText(event);
      case "peer-connected":
        return this.#isCrowd ? undefined : `connects with ${event.peer} (${event.client})`;
      case "unchoked":
        return this.#once(who, event, `unchokes ${event.peer}: ${event.reason}`);
      case "choked":
        // That one who wants nothing more is choked is no decision worth a line.
        if (event.reason === "not interested") return undefined;
        return this.#once(who, event, `chokes ${event.peer}: ${event.reason}`);
      case "unchoked-by":
        return this.#isCrowd
          ? undefined
          : this.#once(who, event, `is unchoked by ${event.peer} and asks it for pieces`);
      case "piece-verified":
        this.#verified(who, event);
        return undefined;
      case "piece-failed":
        return `finds that piece ${event.piece} does not match its hash`;
      case "peer-banned":
        return `bans ${event.peer}: ${event.reason}`;
      case "scrape":
        return `asks for counts: seeders: ${event.seeders}, leechers: ${event.leechers}, ` +
          `completed: ${event.completed}`;
      case "tracker-failed":
      case "error":
        return String(event.message);
      default:
        return undefined;
    }
  }

  /** Towards the end interest comes and goes with every piece: each pair's first time is enough. */
  #once(who: string, event: ProcessEvent, line: string): string | undefined {
    const key = `${who} ${event.event} ${event.peer}`;
    if (this.#told.has(key)) return undefined;
    this.#told.add(key);
    return line;
  }

  #verified(who: string, event: ProcessEvent): void {
    const { pieces, sources } = this.#character(who);
    pieces[Number(event.piece)] = "have";
    const from = String(event.peer);
    sources.set(from, (sources.get(from) ?? 0) + 1);
  }

  #progress(who: string, event: ProcessEvent): Told | undefined {
    const progress = Number(event.progress);
    const character = this.#character(who);
    const step = this.#isCrowd ? CROWD_STEP : STEP;
    if (event.state !== "downloading" || progress < character.told + step) return undefined;
    character.told = progress;
    const text = `${formatShare(progress).padStart(5)}  ` +
      formatRate(Number(event.download_rate));
    return { bar: this.#bar(who), text };
  }

  #completed(who: string, event: ProcessEvent): Told | undefined {
    if (Number(event.downloaded) === 0) return undefined;
    const { sources } = this.#character(who);
    const seconds = Number(event.seconds);
    const shares = [...sources].sort((a, b) => b[1] - a[1]).map(([peer, count]) =>
      `${count} from ${peer}`
    );
    const text = `complete: ${formatBytes(Number(event.downloaded))} in ` +
      `${formatElapsed(seconds)}, ${formatRate(Number(event.downloaded) / seconds)}; ` +
      `pieces: ${shares.join(", ")}`;
    return { bar: this.#bar(who), text };
  }

  #bar(who: string): string {
    return pieceBar(this.#character(who).pieces, this.#barWidth, this.#look);
  }

  #character(who: string): Character {
    let character = this.#peers.get(who);
    if (character === undefined) {
      const pieces = Array.from({ length: this.#pieceCount }, (): PieceStatus => "available");
      character = { pieces, sources: new Map(), told: 0 };
      this.#peers.set(who, character);
    }
    return character;
  }
}

function announceText(event: ProcessEvent): string | undefined {
  const swarm = `${event.seeders ?? "?"} complete, ${event.leechers ?? "?"} not`;
  switch (event.kind) {
    case "started":
      return `announces itself, hears of ${formatCount(Number(event.peers), "peer")} (${swarm})`;
    case "completed":
      return `tells the tracker that it has everything (${swarm})`;
    case "stopped":
      return "tells the tracker that it leaves";
    default:
      return undefined;
  }
}
