/**
 * The look of reports: readable from the back row, in light, dark and print.
 *
 * @module
 */

/**
 * Colours of Okabe and Ito, told apart by eyes that see few colours; the order puts next to each
 * other what differs most. In the dark the two darkest give way to lighter ones.
 */
const LIGHT = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
const DARK = ["#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00", "#ffffff"];

/** How many series have a colour of their own. */
export const COLOURS = LIGHT.length;

/** Dashes beside colours. */
const DASHES = ["none", "none", "none", "none", "12 5", "4 5", "14 5 4 5"];

function variables(colours: readonly string[]): string {
  return colours.map((colour, index) => `--c${index}:${colour}`).join(";");
}

const SERIES = LIGHT.map((_, index) =>
  `.l${index}{stroke:var(--c${index});stroke-dasharray:${DASHES[index]}}` +
  `.f${index}{fill:var(--c${index})}`
).join("\n");

const PALETTE = `:root{${variables(LIGHT)};--text:#16191d;--quiet:#4c535b;--grid:#d8dce0;
--back:#ffffff;--good:#00664b;--bad:#b3261e;--doubt:#7a5200;--heat:#0072b2}`;
const DARK_PALETTE = `:root{${variables(DARK)};--text:#f2f4f6;--quiet:#b7bec6;--grid:#3b4148;
--back:#14171a;--good:#4cc9a0;--bad:#ff8a80;--doubt:#f0c04d;--heat:#56b4e9}`;

/** What the drawings need. */
const DRAWING = `text{font:20px/1.3 system-ui,sans-serif;fill:var(--text)}
.small{font-size:17px}.code{font:16px/1.3 ui-monospace,monospace}.end{text-anchor:end}.mid{text-anchor:middle}
.line{fill:none;stroke-width:3;stroke-linejoin:round}.grid{stroke:var(--grid);stroke-width:1}
.axis{stroke:var(--text);stroke-width:1.5}.bound{stroke:var(--text);stroke-width:2;
stroke-dasharray:9 6;fill:none}.dot{stroke:var(--back);stroke-width:1}.heat{fill:var(--heat)}
.cell{fill:none;stroke:var(--grid);stroke-width:1}
${SERIES}`;

/** The style of a drawing in a file of its own. */
export const SVG_STYLE = `${PALETTE}
@media (prefers-color-scheme:dark){${DARK_PALETTE}}
svg{background:var(--back)}
${DRAWING}`;

/** The style of the page. */
export const PAGE_STYLE = `${PALETTE}
@media (prefers-color-scheme:dark){${DARK_PALETTE}}
*{box-sizing:border-box}
body{font:20px/1.5 system-ui,sans-serif;color:var(--text);background:var(--back);max-width:1240px;
margin:0 auto;padding:1rem 1.25rem 4rem}
h1{font-size:2.1rem;line-height:1.2;margin:1.2rem 0 .6rem}h2{font-size:1.5rem;margin:2.6rem 0 .6rem}
p,li{max-width:62rem}a{color:inherit}
.verdict{font-size:1.6rem;font-weight:600;border-left:.4rem solid currentColor;padding:.2rem 1rem;
margin:1.5rem 0}
.passed{color:var(--good)}.failed{color:var(--bad)}.doubt{color:var(--doubt)}
.quiet{color:var(--quiet)}.whole{white-space:nowrap}
figure{margin:1.5rem 0 2.5rem}figcaption{max-width:62rem}figcaption strong{display:block;
font-size:1.3rem}
svg{display:block;width:100%;height:auto;margin:.5rem 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;margin:.8rem 0}
th,td{padding:.25rem .8rem .25rem 0;text-align:left;vertical-align:top;
border-bottom:1px solid var(--grid)}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
details{margin:.4rem 0}summary{cursor:pointer}details table{font-size:1rem}
pre{font-size:1rem;line-height:1.4;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--grid);padding:.8rem}
code{font-family:ui-monospace,monospace;font-size:.92em}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1.5rem}
.pair>*{min-width:0}
@media (max-width:900px){.pair{grid-template-columns:1fr}}
${DRAWING}
@media print{${PALETTE}
html{font-size:12px}body{font-size:11pt;max-width:none;margin:0;padding:0}
figure,tr,.verdict{break-inside:avoid}h2,figcaption{break-after:avoid}details{display:none}}`;
