/**
 * Pager: shows a long text page by page on a screen of its own, as `less` does.
 *
 * @module
 */
import { emitKeypressEvents } from "node:readline";
import { visibleExceptPaint } from "../base/format.ts";
import { type Key, PagedText } from "../view/paged_text.ts";
import type { LineEditor, Output } from "../base/environment.ts";

/** The screen beside the one that scrolls, and back. */
const OWN_SCREEN = "\x1b[?1049h";
const SHARED_SCREEN = "\x1b[?1049l";

/**
 * Shows a text until the person leaves it or `signal` aborts. The page that was in view stays on the
 * screen, above the next prompt.
 *
 * @param render the text for so many columns, with what others sent made visible
 */
export async function pageThrough(
  render: (columns: number) => string,
  { editor, window, signal }: { editor: LineEditor; window: Output; signal: AbortSignal },
): Promise<void> {
  const text = new PagedText((columns) => visibleExceptPaint(render(columns)));
  await editor.lend(async ({ input, output }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const draw = () => {
      const rows = text.frame().map((row) => `${row}\x1b[0m\x1b[K`);
      output.write(`\x1b[H${rows.join("\r\n")}`);
    };
    const resized = () => {
      text.resize(window.columns, window.rows);
      draw();
    };
    const pressed = (typed: string | undefined, key?: Pressed) => {
      if (text.press(keyOf(typed, key))) draw();
      else resolve();
    };
    const terminal = input as NodeJS.ReadStream;
    emitKeypressEvents(terminal);
    terminal.setRawMode(true);
    terminal.on("keypress", pressed);
    terminal.resume();
    output.on("resize", resized);
    signal.addEventListener("abort", () => resolve(), { once: true });
    output.write(OWN_SCREEN);
    try {
      resized();
      if (!signal.aborted) await promise;
    } finally {
      output.off("resize", resized);
      terminal.off("keypress", pressed);
      terminal.setRawMode(false);
      output.write(SHARED_SCREEN + text.page.map((row) => `${row}\x1b[0m\n`).join(""));
    }
  });
}

/** A key as `node:readline` tells it. */
interface Pressed {
  readonly name?: string;
  readonly ctrl?: boolean;
  readonly shift?: boolean;
}

function keyOf(typed: string | undefined, { name = "", ctrl, shift }: Pressed = {}): Key {
  if (ctrl) return `C-${name}`;
  if (name === "" || typed !== undefined && [...typed].length === 1 && typed > " ") {
    return typed ?? "";
  }
  return shift && name.length === 1 ? name.toUpperCase() : name;
}
