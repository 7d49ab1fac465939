/**
 * The swarm board: peers as nodes, transfers as arrows, pieces filling up, and why; now, or as it was
 * within the last minute.
 *
 * @module
 */
/// <reference lib="dom" />
import { AnnouncedRates } from "./announced_rates.ts";
import type { BoardChange, BoardSeat, SwarmMember } from "../api_types.ts";
import { BoardControls } from "./board_controls.ts";
import { Decisions, whyNone } from "./board_decisions.ts";
import { GivenLedger, type Headline, headline } from "./board_headline.ts";
import { arrowsOf, type BoardMoment, NOBODY, peersOf } from "./board_moment.ts";
import { Replay } from "./board_replay.ts";
import { TERMS } from "./board_words.ts";
import { DecisionTicker, TICKER_LINES } from "./decision_ticker.ts";
import { make, setText } from "../dom.ts";
import { SwarmGraph } from "./swarm_graph.ts";
import { SwarmMatrix } from "./swarm_matrix.ts";
import { explained } from "../tips.ts";
import { TransferGroups } from "./transfer_groups.ts";
import { TransferTable } from "./transfer_table.ts";

/** ms between two looks while what is shown is not what is so now. */
const REPLAY_MS = 250;

/** A moment and what was said of it. */
interface Recorded extends BoardMoment {
  readonly headline: Headline;
}

/** The board of one swarm at a time. */
export class SwarmBoardView {
  readonly element: HTMLElement;
  readonly #graph = new SwarmGraph();
  readonly #matrix = new SwarmMatrix();
  readonly #ticker = new DecisionTicker();
  readonly #transfers = new TransferTable();
  readonly #controls: BoardControls;
  readonly #sentence = make("p", { class: "headline", dir: "auto" });
  readonly #rest = make("p", { class: "headline-rest" });
  readonly #replay = new Replay<Recorded>(weightOf);
  readonly #decisions = new Decisions();
  readonly #ledger = new GivenLedger();
  readonly #announced = new AnnouncedRates();
  readonly #groups = new TransferGroups();
  readonly #seats = new Map<string, BoardSeat>();
  #now: BoardMoment = NOBODY;
  #shown: Recorded | undefined;

  constructor() {
    const terms = Object.entries(TERMS).map(([word, meaning]) => explained(word, meaning));
    this.#controls = new BoardControls(this.#replay, {
      onchange: () => this.#show(),
      onpresent: (isOn) => this.#present(isOn),
    });
    this.element = make(
      "div",
      { class: "board" },
      this.#sentence,
      this.#rest,
      make(
        "div",
        { class: "stage" },
        this.#graph.element,
        make("div", { class: "stage-side" }, this.#matrix.element, this.#ticker.element),
      ),
      this.#controls.element,
      make(
        "div",
        { class: "board-more" },
        make("h3", {}, "Which peer serves which, and why"),
        this.#transfers.element,
        make("p", { class: "terms" }, "Glossary: ", ...terms),
      ),
    );
    setInterval(() => this.#replay.isLive || this.#show(), REPLAY_MS);
  }

  /** From now on another swarm is shown. */
  open(): void {
    this.#seats.clear();
    this.#now = NOBODY;
    for (
      const part of [this.#replay, this.#decisions, this.#ledger, this.#announced, this.#groups]
    ) {
      part.clear();
    }
    this.#record();
  }

  change({ changed, removed }: BoardChange): void {
    for (const seat of changed) this.#seats.set(seat.peer_id, seat);
    for (const id of removed) this.#seats.delete(id);
    this.#now = { ...this.#now, seats: [...this.#seats.values()] };
    this.#record();
  }

  /** Whom the tracker knows, whether they report or not; `size` is the torrent's, bytes. */
  members(members: readonly SwarmMember[], size: number | null): void {
    const announced = this.#announced.update(members, Date.now());
    this.#now = { ...this.#now, members, announced, size };
    this.#record();
  }

  #record(): void {
    const now = performance.now();
    const moment = { ...this.#now, at: now };
    const peers = peersOf(moment);
    this.#ledger.note(peers.values());
    this.#decisions.note({ moment, peers });
    this.#groups.note(moment.seats, peers);
    this.#replay.add({ ...moment, headline: headline([...peers.values()], this.#ledger) });
    this.#show();
  }

  #show(): void {
    const now = performance.now();
    const shown = this.#replay.at(now);
    this.#controls.show(now);
    this.#graph.setPace(this.#replay.isPaused ? 0 : this.#replay.isSlow ? 0.5 : 1);
    if (shown === undefined) return;
    const at = now - this.#replay.behind(now);
    this.#ticker.show(this.#decisions.last(TICKER_LINES, at), at, whyNone(shown));
    if (shown === this.#shown) return;
    this.#shown = shown;
    const peers = peersOf(shown);
    setText(this.#sentence, shown.headline.sentence);
    setText(this.#rest, shown.headline.rest);
    this.#graph.show(peers, arrowsOf(shown.seats, peers));
    this.#matrix.show(shown.seats, peers);
    this.#transfers.show(this.#groups.of(shown.seats, peers));
  }

  /** Everything in one window, or as a part of the page. */
  #present(isOn: boolean): void {
    const box = this.#matrix.element.querySelector(".matrix-box")!;
    this.#matrix.fit(isOn ? () => box.clientHeight : undefined);
    this.#graph.resize();
  }
}

function weightOf({ seats, members }: BoardMoment): number {
  return members.length / 4 + seats.reduce((sum, { links }) => sum + 1 + links.length, 0);
}
