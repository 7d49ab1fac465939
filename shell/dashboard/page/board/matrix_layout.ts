/**
 * Layout of the matrix of pieces: how high its rows are and how its width is shared out. Pure.
 *
 * @module
 */

/** CSS px. */
export interface MatrixSize {
  readonly height: number;
  /** Of a row. */
  readonly row: number;
  readonly font: number;
  /** Peers that have a row; one more row shows the copies of each piece. */
  readonly rows: number;
  /** Widths: of names, of all cells together, and of the share and the time to go behind them. */
  readonly names: number;
  readonly cells: number;
  readonly facts: number;
}

/** Of a row: where the page grows with it, and within a given height. */
const ROW = 26;
const LEAST_ROW = 17;
const MOST_ROW = 46;
/** Narrower than that there is no room for words behind the cells. */
const WIDE = 380;

/** The size for so many peers in a width, and in a height where one is given. */
export function matrixSize(width: number, peers: number, room: number | undefined): MatrixSize {
  const fitting = room === undefined ? ROW : Math.floor(room / (peers + 1));
  const row = Math.max(room === undefined ? ROW : LEAST_ROW, Math.min(MOST_ROW, fitting));
  const most = room === undefined ? peers : Math.max(0, Math.floor(room / row) - 1);
  const rows = Math.min(peers, most);
  const font = Math.round(Math.min(22, row * 0.58));
  const names = Math.round(Math.min(7.2 * font, width * 0.26));
  const facts = width < WIDE ? 0 : Math.round(8.6 * font);
  return {
    height: (rows + 1) * row,
    row,
    font,
    rows,
    names,
    cells: Math.max(0, width - names - facts),
    facts,
  };
}
