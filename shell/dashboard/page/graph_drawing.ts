/**
 * Draws the peers and arrows of the swarm board.
 *
 * @module
 */
/// <reference lib="dom" />
import { colour } from "./dom.ts";
import { alongBend, type Arrow, type Bend, type GraphNode, type Place } from "./graph_layout.ts";
import { share } from "./words.ts";

/** Pixels a second that dots move along an arrow. */
const SPEED = 60;
const DOT_GAP = 24;

/** A peer as a ring that fills up, with its name below. */
export function drawNode(
  context: CanvasRenderingContext2D,
  { x, y }: Place,
  { name, progress, reports }: GraphNode,
  { radius, isLit }: { radius: number; isLit: boolean },
): void {
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
  context.fillStyle = colour("ink");
  context.textAlign = "center";
  const size = radius >= 32 ? 22 : radius >= 22 ? 18 : 14;
  context.font = `600 ${size}px system-ui, sans-serif`;
  const letters = [...name];
  const shown = letters.length > 14 ? `${letters.slice(0, 13).join("")}…` : name;
  // Readable on top of arrows.
  context.strokeStyle = colour("paper");
  context.lineWidth = 5;
  context.lineJoin = "round";
  context.strokeText(shown, x, y + radius + size);
  context.fillText(shown, x, y + radius + size);
  if (radius < 22) return;
  const whole = progress >= 1 ? "100" : share(progress).replace(/\.\d+ %$/, "");
  context.font = `600 ${Math.round(radius / 1.9)}px system-ui, sans-serif`;
  context.fillText(whole, x, y + radius / 5.5);
}

/** An arrow; dots move along it where something does. */
export function drawArrow(
  context: CanvasRenderingContext2D,
  bend: Bend,
  arrow: Arrow,
  { seconds, isLit, isDim }: { seconds: number | undefined; isLit: boolean; isDim: boolean },
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
    context.setLineDash([2, 7]);
    trace();
    context.setLineDash([]);
    context.globalAlpha = 1;
    return;
  }
  const strength = Math.min(6, Math.max(1.5, Math.log2(arrow.rate / 16_384)));
  const ink = colour(arrow.optimistic ? "active" : isLit ? "accent" : "available");
  context.strokeStyle = ink;
  context.lineWidth = isLit ? strength + 2 : strength;
  trace();
  drawHead(context, bend, 8 + strength, ink);
  if (seconds !== undefined && !isDim) {
    context.strokeStyle = colour("ink");
    context.lineWidth = 4;
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
  context.moveTo(end.x + dx * 3, end.y + dy * 3);
  context.lineTo(end.x - dx * size - dy * size / 2, end.y - dy * size + dx * size / 2);
  context.lineTo(end.x - dx * size + dy * size / 2, end.y - dy * size - dx * size / 2);
  context.fillStyle = ink;
  context.fill();
}
