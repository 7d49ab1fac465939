/**
 * A folder that goes away with the test, and ways to fill it.
 *
 * @module
 */
import { dirname, join } from "@std/path";

/** A new empty folder; `await using` removes it with all that is in it. */
export class TempFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<TempFolder> {
    return new TempFolder(await Deno.makeTempDir({ prefix: "vtorrent_test_" }));
  }

  /** The absolute path of `name`. */
  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file, with its folders. */
  async write(name: string, content: Uint8Array | string): Promise<string> {
    const path = this.at(name);
    await Deno.mkdir(dirname(path), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
    return path;
  }

  read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    return Deno.readFile(this.at(name));
  }

  async exists(name: string): Promise<boolean> {
    return await Deno.lstat(this.at(name)).then(() => true, () => false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Bytes that look random and are the same in each run. */
export function patternBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed | 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}
