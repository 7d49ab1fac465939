/**
 * One module writes to the standard streams: what others sent is made visible there.
 *
 * @module
 */
import { join } from "@std/path";
import { assertEquals } from "../support/assert.ts";

/** The streams themselves, the line editor that draws through them, and the version's one line. */
const ALLOWED = ["main.ts", "shell/terminal/line_editor.ts", "shell/terminal/terminal.ts"];

const STREAM = /\bDeno\.(stdout|stderr)\b|\bconsole\.[a-z]+\(|from "node:(process|console)"/;

/**
 * Who else writes to an output, past the screen: programs whose answer is one text of ours or is
 * encoded (a link), a banner, packets for `tshark` on standard output, and the outputs themselves. Outputs make visible what they get; names are for the screen.
 */
const PAST_SCREEN = [
  "shell/explain/explain_mode.ts",
  "shell/grade/list_steps.ts",
  "shell/lab/play_plan.ts",
  "shell/program.ts",
  "shell/programs/completions.ts",
  "shell/programs/link.ts",
  "shell/programs/man.ts",
  "shell/terminal/classroom_style.ts",
  "shell/terminal/pager.ts",
  "shell/terminal/screen.ts",
  "shell/terminal/terminal.ts",
];
const OUTPUT = /\b(stdout|stderr|output)\??\.(write|writeBytes|live)\(/;

/** Whom the terminal's own streams are lent to: menus and pages, which make what they show visible. */
const LENDERS = [
  "shell/base/environment.ts",
  "shell/terminal/line_editor.ts",
  "shell/terminal/pager.ts",
  "shell/terminal/prompts.ts",
];
const LENT = /\blend(<T>)?\(/;

/** All that is in the program. */
const FOLDERS = ["lab", "loop", "peer", "protocol", "shell", "store", "tracker"];

const ROOT = join(import.meta.dirname!, "..", "..");

/** The program's own modules below a folder; the page runs in a browser. */
function sources(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return path === "shell/dashboard/page" ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

/** Modules with such a text in them, sorted. */
function modulesWith(pattern: RegExp): string[] {
  const modules = ["main.ts", ...FOLDERS.flatMap(sources)];
  return modules.filter((path) => pattern.test(Deno.readTextFileSync(join(ROOT, path)))).sort();
}

Deno.test("no other module writes to a standard stream", () => {
  assertEquals(modulesWith(STREAM), ALLOWED);
});

Deno.test("no other module writes past the screen, or has the terminal lent to it", () => {
  const inShell = (path: string) => path.startsWith("shell/");
  assertEquals(modulesWith(OUTPUT).filter(inShell), PAST_SCREEN);
  assertEquals(modulesWith(LENT).filter(inShell), LENDERS);
});
