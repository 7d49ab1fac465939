/**
 * A terminal's screen with its colours as a picture. Pure.
 *
 * @module
 */

const CELL = 8.4;
const LINE = 18;
const MARGIN = 14;
const COLOURS: Readonly<Record<number, string>> = {
  31: "#ff7b72",
  32: "#56d364",
  33: "#e3b341",
  34: "#79c0ff",
  35: "#d2a8ff",
  36: "#76e3ea",
  90: "#8b949e",
};

/** How a run of characters looks. */
interface Style {
  readonly colour: string | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
}

const PLAIN: Style = { colour: undefined, bold: false, dim: false };

/** The screen as tmux gives it (`capture-pane -e`), as an SVG document. */
export function screenToSvg(
  screen: string,
  { columns, rows }: { columns: number; rows: number },
): string {
  const lines = screen.trimEnd().split("\n").slice(-rows);
  const width = Math.ceil(columns * CELL + 2 * MARGIN);
  const height = lines.length * LINE + 2 * MARGIN;
  let style = PLAIN;
  const body: string[] = [];
  for (const [row, line] of lines.entries()) {
    let column = 0;
    // deno-lint-ignore no-control-regex -- they are what is looked for
    for (const part of line.split(/(\x1b\[[\d;]*m)/)) {
      // deno-lint-ignore no-control-regex -- they are what is looked for
      const codes = /^\x1b\[([\d;]*)m$/.exec(part);
      if (codes !== null) {
        style = codes[1]!.split(";").map(Number).reduce(applied, style);
        continue;
      }
      const length = [...part].length;
      if (part.trim() !== "") body.push(run(part, { row, column, length, style }));
      column += length;
    }
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" ` +
    `font-size="14" fill="#e6edf3" xml:space="preserve">`,
    ...body,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function run(
  text: string,
  { row, column, length, style }: { row: number; column: number; length: number; style: Style },
): string {
  const x = (MARGIN + column * CELL).toFixed(1);
  const y = MARGIN + (row + 0.75) * LINE;
  const looks = [
    style.colour === undefined ? "" : ` fill="${style.colour}"`,
    style.bold ? ' font-weight="bold"' : "",
    style.dim ? ' opacity="0.6"' : "",
  ].join("");
  const width = (length * CELL).toFixed(1);
  return `<text x="${x}" y="${y}" textLength="${width}"${looks}>${escaped(text)}</text>`;
}

function applied(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 39) return { ...style, colour: undefined };
  const colour = COLOURS[code];
  return colour === undefined ? style : { ...style, colour };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
