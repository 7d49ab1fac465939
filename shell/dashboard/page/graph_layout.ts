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
  /** Whether it tells what it does. */
  readonly reports: boolean;
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

/** Peers in a ring, the first at the top. `room` is kept around for names, CSS px. */
export function ringPlaces(
  ids: readonly string[],
  { width, height, radius }: { width: number; height: number; radius: number },
): Map<string, Place> {
  const [rx, ry] = [width / 2 - Math.min(120, width / 6), height / 2 - radius - 24];
  // Names stand below: the ring is a little higher than the middle.
  const middle = height / 2 - 10;
  return new Map(ids.map((id, at) => {
    const angle = 2 * Math.PI * at / ids.length - Math.PI / 2;
    return [id, { x: width / 2 + rx * Math.cos(angle), y: middle + ry * Math.sin(angle) }];
  }));
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
