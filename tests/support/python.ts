/**
 * Python, for the tests that start programs written in it.
 *
 * @module
 */
import { leaveOut } from "./left_out.ts";

/**
 * The interpreter itself: what a version manager puts in its place takes long to start. Undefined where
 * there is none, which is said loudly.
 */
export async function pythonPath(): Promise<string | undefined> {
  const ask = new Deno.Command("python3", { args: ["-c", "import sys; print(sys.executable)"] });
  const answer = await ask.output().catch(() => undefined);
  if (!answer?.success) return leaveOut("needs python3") || undefined;
  return new TextDecoder().decode(answer.stdout).trim();
}
