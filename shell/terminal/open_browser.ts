/**
 * The person's own browser: which program of the system opens an address, and that it does.
 *
 * @module
 */
import { CommandError } from "../base/errors.ts";

/** A program that opens what it is given in the program meant for that, and its words before it. */
type Opener = readonly [command: string, ...words: string[]];

const MAC: readonly Opener[] = [["open"]];
const WINDOWS: readonly Opener[] = [["rundll32", "url.dll,FileProtocolHandler"]];
const DESKTOP: readonly Opener[] = [["xdg-open"], ["wslview"]];
/** Works without a screen of its own: Windows has it. */
const WSL: readonly Opener[] = [["wslview"]];

/** ms within which an opener that cannot do it says so; one that can may run as long as a browser. */
const PATIENCE_MS = 3000;

/**
 * Opens an address or a page that lies in a file.
 *
 * @param target what the opener is given; others on this machine can read it in the list of processes
 * @param env the environment: which screens there are
 * @throws {CommandError} in a few words, why not
 */
export async function openInBrowser(
  target: string,
  env: (name: string) => string | undefined,
): Promise<void> {
  const openers = openersOf(Deno.build.os, env);
  for (const [command, ...words] of openers) {
    const { state } = await Deno.permissions.query({ name: "run", command });
    if (state !== "granted") continue;
    if (await starts(command, [...words, target])) return;
  }
  throw new CommandError("failed", whyNot(openers === WSL, openers.map(([name]) => name)));
}

/** What could open something on a system. */
export function openersOf(
  os: typeof Deno.build.os,
  env: (name: string) => string | undefined,
): readonly Opener[] {
  if (os === "darwin") return MAC;
  if (os === "windows") return WINDOWS;
  // Without a screen xdg-open would take the terminal for a browser of text.
  return env("DISPLAY") || env("WAYLAND_DISPLAY") ? DESKTOP : WSL;
}

function whyNot(isBlind: boolean, names: readonly string[]): string {
  if (isBlind) return "This machine has no screen to open a browser on";
  return `No browser could be started (${names.join(", ")})`;
}

/** Whether it started and has not failed soon after. */
async function starts(command: string, args: string[]): Promise<boolean> {
  let child: Deno.ChildProcess;
  try {
    // A browser that it starts outlives this program.
    child = new Deno.Command(command, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  child.unref();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(true), PATIENCE_MS);
  child.status.then(({ success }) => resolve(success));
  const started = await promise;
  clearTimeout(timer);
  return started;
}
