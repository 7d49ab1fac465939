/**
 * Draws the peers and arrows of the swarm board.
 *
 * @module
 */
/// <reference lib="dom" />
import { colour } from "../dom.ts";
import { alongBend, type Arrow, type Bend, type GraphNode, type Place } from "./graph_layout.ts";
import { rate, share } from "../words.ts";

/** Pixels a second that dots move along an arrow. */
const SPEED = 60;
const DOT_GAP = 24;
/** Letters of a name that are shown. */
const NAME = 14;

/** A peer as a ring that fills up, with its name and rates below. */
export function drawNode(
  context: CanvasRenderingContext2D,
  { x, y }: Place,
  node: GraphNode,
  { radius, font, lines, isLit }: {
    radius: number;
    font: number;
    lines: number;
    isLit: boolean;
  },
): void {
  const { name, progress, reports } = node;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour("card");
  context.fill();
  context.lineWidth = isLit ? 3 : 1.5;
  context.setLineDash(reports ? [] : [4, 4]);
  context.strokeStyle = colour(isLit ? "accent" : "muted");
  context.stroke();
  context.setLineDash([]);
  if (progress > 0) {
    const thick = radius / 4.5;
    context.beginPath();
    context.arc(x, y, radius - thick, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * progress);
    context.strokeStyle = colour(progress >= 1 ? "have" : "down");
    context.lineWidth = thick;
    context.stroke();
  }
  context.textAlign = "center";
  const letters = [...name];
  const shown = letters.length > NAME ? `${letters.slice(0, NAME - 1).join("")}…` : name;
  const line = 1.2 * font;
  let below = y + radius + font;
  drawWords(context, shown, { x, y: below }, { ink: "ink", size: font, weight: 600 });
  if (lines > 1) {
    const about = reports ? "" : "≈ ";
    const rates = [
      node.down > 0 ? ["down", `${about}↓ ${rate(node.down)}`] as const : undefined,
      node.up > 0 ? ["up", `${about}↑ ${rate(node.up)}`] as const : undefined,
    ].filter((one) => one !== undefined).slice(0, lines - 1);
    for (const [ink, words] of rates) {
      below += line;
      drawWords(context, words, { x, y: below }, {
        ink,
        size: Math.round(font * 0.86),
        weight: 600,
      });
    }
  }
  if (radius < 18) return;
  const whole = progress >= 1 ? "100" : share(progress).replace(/\.\d+ %$/, "");
  context.fillStyle = colour("ink");
  context.font = `600 ${Math.round(radius / 1.9)}px system-ui, sans-serif`;
  context.fillText(whole, x, y + radius / 5.5);
}

/** Words that are readable on top of arrows. */
function drawWords(
  context: CanvasRenderingContext2D,
  words: string,
  { x, y }: Place,
  { ink, size, weight }: { ink: string; size: number; weight: number },
): void {
  context.font = `${weight} ${size}px system-ui, sans-serif`;
  context.strokeStyle = colour("paper");
  context.lineWidth = size / 3.5;
  context.lineJoin = "round";
  context.strokeText(words, x, y);
  context.fillStyle = colour(ink);
  context.fillText(words, x, y);
}

/** An arrow of a width in CSS px; dots move along it where something does. */
export function drawArrow(
  context: CanvasRenderingContext2D,
  bend: Bend,
  arrow: Arrow,
  { seconds, width, isLit, isDim, isCrowd }: {
    /** How long dots have moved; undefined where they do not. */
    seconds: number | undefined;
    width: number;
    isLit: boolean;
    isDim: boolean;
    /** There are so many that dotted lines would be a grey cloud, and slow to paint. */
    isCrowd: boolean;
  },
): void {
  const { start, control, end } = bend;
  const trace = () => {
    context.beginPath();
    context.moveTo(start.x, start.y);
    context.quadraticCurveTo(control.x, control.y, end.x, end.y);
    context.stroke();
  };
  context.globalAlpha = isDim ? 0.12 : 1;
  if (arrow.rate === 0) {
    context.strokeStyle = colour(isLit ? "danger" : "missing");
    context.lineWidth = isLit ? 2.5 : 1;
    if (isCrowd && !isLit) context.globalAlpha = 0.12;
    else context.setLineDash([2, 7]);
    trace();
    context.setLineDash([]);
    context.globalAlpha = 1;
    return;
  }
  const ink = colour(arrow.optimistic ? "active" : isLit ? "accent" : "available");
  context.strokeStyle = ink;
  context.lineWidth = isLit ? width + 2 : width;
  trace();
  drawHead(context, bend, 9 + 0.9 * width, ink);
  if (seconds !== undefined && !isDim) {
    context.strokeStyle = colour("ink");
    context.lineWidth = Math.max(3, Math.min(6, width * 0.45));
    context.lineCap = "round";
    context.setLineDash([0, DOT_GAP]);
    context.lineDashOffset = -(seconds * SPEED) % DOT_GAP;
    trace();
    context.setLineDash([]);
    context.lineCap = "butt";
  }
  context.globalAlpha = 1;
}

function drawHead(
  context: CanvasRenderingContext2D,
  bend: Bend,
  size: number,
  ink: string,
): void {
  const { end } = bend;
  const before = alongBend(bend, 0.9);
  const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const [dx, dy] = [(end.x - before.x) / length, (end.y - before.y) / length];
  context.beginPath();
  context.moveTo(end.x + dx * 4, end.y + dy * 4);
  context.lineTo(end.x - dx * size - dy * size / 2, end.y - dy * size + dx * size / 2);
  context.lineTo(end.x - dx * size + dy * size / 2, end.y - dy * size - dx * size / 2);
  context.fillStyle = ink;
  context.fill();
}
