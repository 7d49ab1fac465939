/**
 * Prints the rooms of the source tree, the arrows among them, and the circles that should not be:
 * `deno run --allow-read scripts/rooms.ts [--because]`.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { arrowsOf, circlesOf, readSourceTree, roomOf } from "../tests/support/source_tree.ts";

const files = readSourceTree();
const arrows = arrowsOf(files);
const rooms = [...new Set(files.map((file) => roomOf(file.path)))].sort();
for (const room of rooms) {
  const count = files.filter((file) => roomOf(file.path) === room).length;
  const targets = arrows.filter(({ from }) => from === room).map(({ to }) => to).sort();
  console.log(`${room} (${count})${targets.length > 0 ? ` -> ${targets.join(", ")}` : ""}`);
  if (!Deno.args.includes("--because")) continue;
  for (const arrow of arrows.filter(({ from }) => from === room)) {
    for (const reason of arrow.because) console.log(`    ${reason}`);
  }
}
const circles = circlesOf(arrows);
console.log(
  `\n${files.length} files, ${rooms.length} rooms, ${arrows.length} arrows, ` +
    `${circles.length} circles`,
);
for (const circle of circles) {
  console.log(`circle: ${circle.join(", ")}`);
  for (const arrow of arrows) {
    if (circle.includes(arrow.from) && circle.includes(arrow.to)) {
      console.log(`  ${arrow.from} -> ${arrow.to}: ${arrow.because.join("; ")}`);
    }
  }
}
