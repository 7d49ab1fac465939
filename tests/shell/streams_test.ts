/**
 * One module writes to the standard streams: what others sent is made visible there.
 *
 * @module
 */
import { join } from "@std/path";
import { assertEquals } from "../support/assert.ts";

/** The streams themselves, the line editor that draws through them, and the version's one line. */
const ALLOWED = ["main.ts", "shell/line_editor.ts", "shell/terminal.ts"];

const STREAM = /\bDeno\.(stdout|stderr)\b|\bconsole\.[a-z]+\(|from "node:(process|console)"/;

const ROOT = join(import.meta.dirname!, "..", "..");

/** The program's own modules below a folder; the page runs in a browser. */
function sources(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return path === "shell/dashboard/page" ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

Deno.test("no other module writes to a standard stream", () => {
  const modules = ["main.ts", ...["peer", "protocol", "shell", "tracker"].flatMap(sources)];
  const found = modules.filter((path) => STREAM.test(Deno.readTextFileSync(join(ROOT, path))));
  assertEquals(found.sort(), ALLOWED);
});
