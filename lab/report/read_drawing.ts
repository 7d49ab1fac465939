/**
 * Reader of a drawing's file: only what a report draws is taken into another page.
 *
 * @module
 */

const TAGS = new Set(["svg", "text", "path", "rect", "circle"]);
const ATTRIBUTES = new Set([
  ...["xmlns", "viewBox", "role", "aria-label", "class", "d", "x", "y", "width", "height"],
  ...["cx", "cy", "r", "opacity", "fill"],
]);

/** The drawing without its style; undefined where something else is in it. */
export function readDrawing(file: string): string | undefined {
  const drawing = file.replace(/<style>[^<]*<\/style>/, "");
  if (!/^<svg [^<]*>[^]*<\/svg>$/.test(drawing)) return undefined;
  for (const [tag, name, attributes] of drawing.matchAll(/<\/?([^\s>/]*)([^>]*)>/g)) {
    if (!TAGS.has(name!) || /["'`=]/.test(attributes!.replace(/ [\w-]+="[^"<>]*"/g, ""))) {
      return undefined;
    }
    for (const [, attribute] of attributes!.matchAll(/ ([\w-]+)=/g)) {
      if (!ATTRIBUTES.has(attribute!)) return undefined;
    }
    if (tag.includes("<", 1)) return undefined;
  }
  return drawing;
}
