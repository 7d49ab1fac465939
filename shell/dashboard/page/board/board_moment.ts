/**
 * Board moment: what is known of a swarm at one time, by its peers' reports and by the tracker. Pure.
 *
 * @module
 */
import type { BoardLink, BoardSeat, SwarmMember } from "../api_types.ts";
import type { AnnouncedRate } from "./announced_rates.ts";
import type { Arrow, GraphNode } from "./graph_layout.ts";

/** A swarm at one time. */
export interface BoardMoment {
  /** ms of the page's clock. */
  readonly at: number;
  /** What peers report, by name. */
  readonly seats: readonly BoardSeat[];
  /** Whom the tracker knows, whether they report or not. */
  readonly members: readonly SwarmMember[];
  /** Rates of those that do not report, by peer ID. */
  readonly announced: ReadonlyMap<string, AnnouncedRate>;
  /** Bytes of the torrent; null where nobody knows. */
  readonly size: number | null;
}

/** An empty swarm. */
export const NOBODY: BoardMoment = {
  at: 0,
  seats: [],
  members: [],
  announced: new Map(),
  size: null,
};

/** One peer as the board shows it. */
export interface BoardPeer extends GraphNode {
  readonly id: string;
  /** Payload that it took and gave, bytes. */
  readonly taken: number;
  readonly given: number;
  /** It has everything and took none of it: the others have it from this one. */
  readonly isOrigin: boolean;
}

/** Names in the order of people: `peer 2` before `peer 10`. */
export function byName(
  a: { readonly name: string; readonly id: string },
  b: { readonly name: string; readonly id: string },
): number {
  return a.name.localeCompare(b.name, "en", { numeric: true }) || (a.id < b.id ? -1 : 1);
}

/** All peers of a swarm by their IDs, in the order of their names. */
export function peersOf({ seats, members, announced, size }: BoardMoment): Map<string, BoardPeer> {
  const peers: BoardPeer[] = seats.map((seat) => ({
    id: seat.peer_id,
    name: seat.name,
    progress: seat.progress,
    reports: true,
    // The mean of some seconds, which who has everything gets no more.
    down: seat.progress >= 1 ? 0 : seat.download_rate,
    up: seat.upload_rate,
    eta: seat.eta,
    taken: seat.downloaded,
    given: seat.uploaded,
    isOrigin: seat.progress >= 1 && seat.downloaded === 0,
  }));
  const reporting = new Set(seats.map((seat) => seat.peer_id));
  const whole = wholeSize(members, size);
  for (const member of members) {
    if (reporting.has(member.peer_id)) continue;
    const isSeeder = member.status === "seeder";
    const { up = 0, down = 0 } = announced.get(member.peer_id) ?? {};
    peers.push({
      id: member.peer_id,
      name: member.name ?? member.client,
      progress: isSeeder ? 1 : Math.min(0.999, Math.max(0, 1 - member.left / whole)),
      reports: false,
      down,
      up,
      eta: down > 0 ? Math.ceil(member.left / down) : null,
      taken: member.downloaded,
      given: member.uploaded,
      isOrigin: isSeeder && member.downloaded === 0,
    });
  }
  return new Map(peers.sort(byName).map((peer) => [peer.id, peer]));
}

/** Bytes of the torrent; where nobody knows, what the emptiest of its peers still wants. */
function wholeSize(members: readonly SwarmMember[], size: number | null): number {
  const known = size ?? 0;
  return Math.max(1, known, ...(known > 0 ? [] : members.map(({ left }) => left)));
}

/** What goes, or waits to go, between two peers of the swarm. */
export function arrowsOf(
  seats: readonly BoardSeat[],
  peers: ReadonlyMap<string, BoardPeer>,
): Arrow[] {
  return seats.flatMap((seat) =>
    seat.links.filter(({ to }) => peers.has(to)).map((link): Arrow => ({
      from: seat.peer_id,
      to: link.to,
      rate: link.rate,
      optimistic: isOptimistic(link),
      waits: waits(link),
      reason: reasonOf(link),
    }))
  );
}

/** Whether a choker's reason is one to unchoke. */
export function isForUnchoke(reason: string): boolean {
  return /^(rank \d|a slot was free|optimistic)/.test(reason);
}

/** Whether it is served by its optimistic turn. */
export function isOptimistic({ choked, reason }: BoardLink): boolean {
  return !choked && reason.startsWith("optimistic");
}

/**
 * The reason why it is served or not; "" for that of the next decision: the flags are those of the
 * last second, as the rates are, and the reason is that of now.
 */
export function reasonOf(link: BoardLink): string {
  return isForUnchoke(link.reason) === standing(link).startsWith("served") ? link.reason : "";
}

/** Whether it wants something and gets nothing. */
export function waits({ choked, wanted, rate }: BoardLink): boolean {
  return choked && wanted && rate === 0;
}

/** What somebody is to the one who serves it. What flows is served, whatever a flag says by now. */
export function standing(link: BoardLink): string {
  if (isOptimistic(link)) return "served, optimistic turn";
  if (link.rate > 0 || (!link.choked && link.wanted)) return "served";
  if (link.choked) return link.wanted ? "choked, interested" : "choked, not interested";
  return "unchoked, not interested";
}

/** A choker's reason, told by somebody who is neither of the two. */
export function whyInWords(reason: string, giver: string): string {
  return reason
    .replace(/ interested by our upload rate to it$/, " by its download")
    .replace(/ interested by its upload rate to us$/, " by its upload")
    .replace(/^no slot is free until the next round$/, "no slot is free")
    .replace(/^snubs us$/, `it snubs ${giver}`);
}
