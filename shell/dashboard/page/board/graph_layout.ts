/**
 * Layout of the swarm board: positions of peers and arrows, and the one at a point. Pure.
 *
 * @module
 */

/** One peer. */
export interface GraphNode {
  readonly name: string;
  /** 0 to 1. */
  readonly progress: number;
  /** Whether it tells what it does; otherwise all is as of its last announce. */
  readonly reports: boolean;
  /** Bytes per second that it gets and gives. */
  readonly down: number;
  readonly up: number;
  /** Seconds until it has everything. */
  readonly eta: number | null;
}

/** What goes from one peer to another. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Bytes per second. */
  readonly rate: number;
  /** By its optimistic turn. */
  readonly optimistic: boolean;
  /** It is choked and wants something. */
  readonly waits: boolean;
  /** Why it is choked or not. */
  readonly reason: string;
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A bend from start to end; both directions between two peers lie side by side. */
export interface Bend {
  readonly start: Place;
  readonly control: Place;
  readonly end: Place;
}

/** How large a ring of peers is drawn, CSS px. */
export interface RingSize {
  readonly width: number;
  readonly height: number;
  /** Of the circle of one peer. */
  readonly radius: number;
  /** Font size of a name, and lines below a circle: the name, then rates. */
  readonly font: number;
  readonly lines: number;
}

/** Points that stand for the ellipse. */
const STEPS = 720;
/** Height of a line of words, in font sizes. */
const LINE = 1.25;
const LEAST_RADIUS = 10;

/** The largest circles and letters that so many peers have room for. */
export function ringSize(peers: number, width: number, height: number): RingSize {
  const side = Math.min(width * 0.75, height);
  const crowd = peers > 24 ? 2 : peers > 12 ? 1 : 0;
  const font = Math.round(
    clamp(side / [24, 30, 38][crowd]!, [14, 13, 12][crowd]!, [30, 22, 18][crowd]!),
  );
  const largest = clamp(side / 11, LEAST_RADIUS, 64);
  for (let lines = [3, 2, 1][crowd]!;; lines--) {
    const size = { width, height, radius: largest, font, lines };
    const { rx, ry } = ellipseOf(size);
    // Of the way around every peer has a piece to itself, for its circle and the words below.
    const piece = Math.PI * Math.sqrt((rx * rx + ry * ry) / 2) * 2 / Math.max(1, peers);
    const radius = Math.min(largest, piece / 2.6, (piece - LINE * font * lines) / 2);
    if (radius < 14 && lines > 1) continue;
    return { ...size, radius: Math.max(LEAST_RADIUS, radius) };
  }
}

/** Peers in a ring, the first at the top; each with its words below it is within the picture. */
export function ringPlaces(ids: readonly string[], size: RingSize): Map<string, Place> {
  const { rx, ry, middle } = ellipseOf(size);
  const points = Array.from({ length: STEPS + 1 }, (_, step): Place => {
    const angle = 2 * Math.PI * step / STEPS - Math.PI / 2;
    return { x: size.width / 2 + rx * Math.cos(angle), y: middle + ry * Math.sin(angle) };
  });
  const ways = [0];
  for (let step = 1; step <= STEPS; step++) {
    const [from, to] = [points[step - 1]!, points[step]!];
    ways.push(ways[step - 1]! + Math.hypot(to.x - from.x, to.y - from.y));
  }
  // The same piece of the way between all of them, not the same angle.
  return new Map(ids.map((id, at) => {
    const way = ways[STEPS]! * at / ids.length;
    return [id, points[ways.findIndex((one) => one >= way)]!];
  }));
}

/** The ellipse that peers stand on. */
function ellipseOf(
  { width, height, radius, font, lines }: RingSize,
): { rx: number; ry: number; middle: number } {
  const words = Math.min(width / 5, 4.4 * font);
  const above = radius + 6;
  const below = radius + LINE * font * lines + 4;
  const ry = Math.max(0, (height - above - below) / 2);
  return { rx: Math.max(0, width / 2 - Math.max(radius, words) - 4), ry, middle: above + ry };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

/** Width of the widest arrow there can be, and of the narrowest, CSS px. */
const WIDEST = 18;
const NARROWEST = 1.5;

/**
 * Widths of arrows by their share: all that the one who gives most sends is as wide together as the
 * widest arrow, and every arrow takes its part of that.
 */
export function arrowWidths(arrows: readonly Arrow[]): ReadonlyMap<Arrow, number> {
  const given = new Map<string, number>();
  for (const { from, rate } of arrows) given.set(from, (given.get(from) ?? 0) + rate);
  const most = Math.max(1, ...given.values());
  return new Map(arrows.map((arrow) => [
    arrow,
    arrow.rate === 0 ? 0 : Math.max(NARROWEST, WIDEST * arrow.rate / most),
  ]));
}

/** The way of an arrow; undefined where there is no room for one. */
export function bendOf(from: Place, to: Place, radius: number): Bend | undefined {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length < 2 * radius + 20) return undefined;
  const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const aside = Math.min(26, length / 12);
  const at = (way: number, side: number): Place => ({
    x: from.x + dx * way - dy * side,
    y: from.y + dy * way + dx * side,
  });
  return {
    start: at(radius + 4, 4),
    control: at(length / 2, aside),
    end: at(length - radius - 6, 4),
  };
}

/** The arrow that is nearest to a point; undefined where none is within `reach`. */
export function arrowAt(
  point: Place,
  arrows: readonly Arrow[],
  places: ReadonlyMap<string, Place>,
  { radius, reach }: { radius: number; reach: number },
): Arrow | undefined {
  let best: Arrow | undefined;
  let least = reach;
  for (const arrow of arrows) {
    const [from, to] = [places.get(arrow.from), places.get(arrow.to)];
    const bend = from && to && (arrow.rate > 0 || arrow.waits) && bendOf(from, to, radius);
    if (!bend) continue;
    for (let step = 0; step <= 24; step++) {
      const { x, y } = alongBend(bend, step / 24);
      const distance = Math.hypot(x - point.x, y - point.y);
      if (distance >= least) continue;
      least = distance;
      best = arrow;
    }
  }
  return best;
}

/** The point at a part (0 to 1) of the way. */
export function alongBend({ start, control, end }: Bend, part: number): Place {
  const rest = 1 - part;
  const mix = (axis: "x" | "y") =>
    rest * rest * start[axis] + 2 * rest * part * control[axis] + part * part * end[axis];
  return { x: mix("x"), y: mix("y") };
}
