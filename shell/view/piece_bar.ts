/**
 * A torrent's pieces as a bar: what is here, what is coming, what nobody has.
 *
 * @module
 */
import type { PieceSpan, PieceStatus } from "../../peer/mod.ts";
import type { LongPieces } from "./long_pieces.ts";

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
  readonly colour?: boolean;
}

/** What a cell is mostly about; decides its colour. */
type Kind = "here" | "active" | "available" | "missing";

const COLOURS: Readonly<Record<Kind, number | undefined>> = {
  here: 32,
  active: 33,
  available: undefined,
  missing: 31,
};

/** The bar in `width` cells; each stands for an equal share of the pieces. */
export function pieceBar(
  pieces: readonly PieceStatus[] | LongPieces,
  width: number,
  look: BarLook,
): string {
  const signs = look.unicode ? UNICODE : ASCII;
  if (pieces.length === 0) return signs.have.repeat(width);
  let bar = "";
  let colour: number | undefined;
  for (let cell = 0; cell < width; cell++) {
    const from = Math.floor((cell * pieces.length) / width);
    const to = Math.max(from + 1, Math.floor(((cell + 1) * pieces.length) / width));
    const { sign, kind } = cellOf(pieces, from, to, signs);
    const wanted = look.colour ? COLOURS[kind] : undefined;
    if (wanted !== colour) bar += `\x1b[${wanted ?? 39}m`;
    colour = wanted;
    bar += sign;
  }
  return colour === undefined ? bar : `${bar}\x1b[39m`;
}

function cellOf(
  pieces: readonly PieceStatus[] | LongPieces,
  from: number,
  to: number,
  signs: Signs,
): { sign: string; kind: Kind } {
  const { have: here, isActive: active, isMissing: missing } = "span" in pieces
    ? pieces.span(from, to)
    : spanOf(pieces, from, to);
  if (here === to - from) return { sign: signs.have, kind: "here" };
  if (here > 0) {
    const part = Math.floor((here / (to - from)) * signs.some.length);
    return { sign: signs.some[part]!, kind: active ? "active" : "here" };
  }
  if (active) return { sign: signs.active, kind: "active" };
  return missing
    ? { sign: signs.missing, kind: "missing" }
    : { sign: signs.available, kind: "available" };
}

function spanOf(pieces: readonly PieceStatus[], from: number, to: number): PieceSpan {
  let have = 0;
  let isActive = false;
  let isMissing = false;
  for (let piece = from; piece < to; piece++) {
    const status = pieces[piece];
    if (status === "have") have++;
    else if (status === "active") isActive = true;
    else if (status === "missing") isMissing = true;
  }
  return { have, isActive, isMissing };
}

/** A bar where only a share is known: a check, a hash, a remote peer. */
export function shareBar(share: number, width: number, look: BarLook): string {
  const signs = look.unicode ? UNICODE : ASCII;
  const full = Math.floor(Math.min(1, Math.max(0, share)) * width + 1e-9);
  return signs.have.repeat(full) + signs.available.repeat(width - full);
}
