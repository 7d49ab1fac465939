/**
 * A torrent's pieces as a bar: what is here, what is coming, what nobody has.
 *
 * @module
 */
import type { PieceStatus } from "../peer/mod.ts";

/** The signs of a bar. */
interface Signs {
  /** All pieces of the cell are here. */
  readonly have: string;
  /** Some are here: from few to many. */
  readonly some: readonly string[];
  /** None is here, but one is being downloaded. */
  readonly active: string;
  /** None is here, but some peer has it. */
  readonly available: string;
  /** None is here, and one no connected peer has. */
  readonly missing: string;
}

const UNICODE: Signs = {
  have: "█",
  some: ["▁", "▂", "▃", "▄", "▅", "▆", "▇"],
  active: "▒",
  available: "░",
  missing: "·",
};
const ASCII: Signs = {
  have: "#",
  some: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
  active: "*",
  available: "-",
  missing: ".",
};

/** Where a bar is drawn. */
export interface BarLook {
  readonly unicode: boolean;
}

/** The bar in `width` cells; each stands for an equal share of the pieces. */
export function pieceBar(pieces: readonly PieceStatus[], width: number, look: BarLook): string {
  const signs = look.unicode ? UNICODE : ASCII;
  if (pieces.length === 0) return signs.have.repeat(width);
  let bar = "";
  for (let cell = 0; cell < width; cell++) {
    const from = Math.floor((cell * pieces.length) / width);
    const to = Math.max(from + 1, Math.floor(((cell + 1) * pieces.length) / width));
    bar += signOf(pieces.slice(from, to), signs);
  }
  return bar;
}

function signOf(pieces: readonly PieceStatus[], signs: Signs): string {
  const here = pieces.filter((status) => status === "have").length;
  if (here === pieces.length) return signs.have;
  if (here > 0) return signs.some[Math.floor((here / pieces.length) * signs.some.length)]!;
  if (pieces.includes("active")) return signs.active;
  return pieces.includes("missing") ? signs.missing : signs.available;
}

/** A bar where only a share is known: a check, a hash, a remote peer. */
export function shareBar(share: number, width: number, look: BarLook): string {
  const signs = look.unicode ? UNICODE : ASCII;
  const full = Math.floor(Math.min(1, Math.max(0, share)) * width + 1e-9);
  return signs.have.repeat(full) + signs.available.repeat(width - full);
}
