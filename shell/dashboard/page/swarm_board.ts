/**
 * The swarm board: peers as nodes, transfers as arrows, pieces filling up, and why.
 *
 * @module
 */
/// <reference lib="dom" />
import type { BoardChange, BoardLink, BoardSeat, SwarmMember } from "./api_types.ts";
import { TERMS } from "./board_words.ts";
import { make } from "./dom.ts";
import type { Arrow, GraphNode } from "./graph_layout.ts";
import { KeyedTable } from "./keyed_table.ts";
import { SwarmGraph } from "./swarm_graph.ts";
import { SwarmMatrix } from "./swarm_matrix.ts";
import { explained } from "./tips.ts";
import { rate } from "./words.ts";

/** One connection in one direction. */
interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly link: BoardLink;
}

/** The board of one swarm at a time. */
export class SwarmBoardView {
  readonly element: HTMLElement;
  readonly #graph = new SwarmGraph();
  readonly #matrix = new SwarmMatrix();
  readonly #transfers = new KeyedTable<Transfer>({
    label: "Which peer serves which, and why",
    empty: "No peer reports yet. Start peers with --report to see them here; the demo's peers do.",
    key: ({ from, link }) => `${from} ${link.to}`,
    columns: [
      { title: "From", isHeader: true, text: ({ from }) => from },
      { title: "To", text: ({ to }) => to },
      { title: "Rate", isNumber: true, text: ({ link }) => rate(link.rate) },
      { title: "It is", help: TERMS.choked, text: ({ link }) => standing(link) },
      { title: "Because", text: ({ link }) => link.reason },
    ],
  });
  readonly #seats = new Map<string, BoardSeat>();
  #members: readonly SwarmMember[] = [];

  constructor() {
    const terms = Object.entries(TERMS).map(([word, meaning]) => explained(word, meaning));
    this.element = make(
      "div",
      { class: "board" },
      make("p", { class: "terms" }, "Glossary: ", ...terms),
      this.#graph.element,
      this.#matrix.element,
      make("h3", {}, "Which peer serves which, and why"),
      this.#transfers.element,
    );
  }

  /** From now on another swarm is shown. */
  open(): void {
    this.#seats.clear();
    this.#members = [];
    this.#show();
  }

  change({ changed, removed }: BoardChange): void {
    for (const seat of changed) this.#seats.set(seat.peer_id, seat);
    for (const id of removed) this.#seats.delete(id);
    this.#show();
  }

  /** Those that the tracker knows, whether they report or not. */
  members(members: readonly SwarmMember[]): void {
    this.#members = members;
    this.#show();
  }

  #show(): void {
    const seats = [...this.#seats.values()]
      .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
    const nodes = new Map<string, GraphNode>();
    for (const seat of seats) {
      nodes.set(seat.peer_id, { name: seat.name, progress: seat.progress, reports: true });
    }
    for (const member of this.#members) {
      if (nodes.has(member.peer_id)) continue;
      const name = member.name ?? member.client;
      const progress = member.status === "seeder" ? 1 : 0;
      nodes.set(member.peer_id, { name, progress, reports: false });
    }
    const transfers = seats.flatMap(({ name, links }) =>
      links.map((link): Transfer => ({
        from: name,
        to: nodes.get(link.to)?.name ?? link.name,
        link,
      }))
    );
    const arrows = seats.flatMap((seat) =>
      seat.links.filter(({ to }) => nodes.has(to)).map((link): Arrow => ({
        from: seat.peer_id,
        to: link.to,
        rate: link.rate,
        optimistic: link.reason.startsWith("optimistic"),
        waits: link.choked && link.wanted,
        reason: link.reason,
      }))
    );
    this.#graph.show(nodes, arrows);
    this.#matrix.show(seats);
    this.#transfers.show(transfers.sort((a, b) => b.link.rate - a.link.rate).slice(0, 100));
  }
}

/** What somebody is to the one who serves it. */
function standing({ choked, wanted, reason }: BoardLink): string {
  if (!choked) return reason.startsWith("optimistic") ? "served, optimistic turn" : "served";
  return wanted ? "choked, interested" : "choked, not interested";
}
