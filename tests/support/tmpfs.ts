/**
 * A small disk of its own, to fill up or to forbid writing to. Needs root on Linux.
 *
 * @module
 */

/** A tmpfs; `await using` unmounts it. */
export class Tmpfs implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Mounts one, or says loudly that the test is skipped and returns undefined. */
  static async mount(options: string): Promise<Tmpfs | undefined> {
    const path = await Deno.makeTempDir({ prefix: "vtorrent_tmpfs_" });
    const problem = await run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path);
    if (problem === undefined) return new Tmpfs(path);
    await Deno.remove(path);
    // In CI every test runs: there a mount that fails is a failure.
    if (Deno.env.has("VTORRENT_CI")) throw new Error(`Cannot mount a tmpfs: ${problem}`);
    // deno-lint-ignore no-console
    console.warn(`SKIPPED: this test mounts a tmpfs, which needs root on Linux: ${problem}`);
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const problem = await run("umount", this.path);
    if (problem !== undefined) throw new Error(`Cannot unmount ${this.path}: ${problem}`);
    await Deno.remove(this.path);
  }
}

async function run(command: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(command, { args }).output();
    return success ? undefined : new TextDecoder().decode(stderr).trim();
  } catch (error) {
    return String(error);
  }
}
