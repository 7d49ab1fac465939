/**
 * Answers to questions of a menu, by arrow keys.
 *
 * @module
 */
import type { Terminal } from "./terminal.ts";

/** Goes down to the line that begins so, and picks it. */
export async function pick(terminal: Terminal, question: string, line: string): Promise<void> {
  // Not what is left of the question before.
  await terminal.until((lines) => lines.some((text) => text.startsWith(`? ${question}`)));
  for (let step = 0; step < 12; step++) {
    const lines = await terminal.until(/^❯ /m);
    if (lines.some((text) => text.startsWith(`❯ ${line}`))) {
      await terminal.press("Enter");
      return;
    }
    const at = lines.find((text) => text.startsWith("❯ "));
    await terminal.press("Down");
    await terminal.until((now) => now.find((text) => text.startsWith("❯ ")) !== at);
  }
  throw new Error(`No "${line}" in the menu`);
}
