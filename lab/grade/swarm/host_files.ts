/**
 * Files in the folders of hosts, as a template names them: nothing is written, read or carried outside
 * of them, also where a program has put a symbolic link into the way.
 *
 * @module
 */
import { isAbsolute, join, normalize } from "@std/path";
import { TemplateFault } from "./fault.ts";
import { leavesFolder } from "./host_path.ts";
import type { Place } from "./template.ts";
import { hostName, type World } from "./world.ts";

/** The files of a world's hosts. */
export class HostFiles {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * Where a path of a template lies.
   *
   * @param place where the template names it
   * @throws {TemplateFault} where its placeholders lead it out of the host's folder
   */
  path(host: number, path: string, place: Place): string {
    const why = leavesFolder(path);
    if (why !== undefined) {
      const says = `${path}, a path in the folder of ${hostName(host)}, ${why}`;
      throw new TemplateFault(place.line, says, place.column);
    }
    return join(this.#world.folder(host), normalize(path.replaceAll("\\", "/")));
  }

  /** Writes a file over what is there, without making it anew. @throws {TemplateFault} */
  async write(host: number, path: string, bytes: Uint8Array, place: Place): Promise<void> {
    const target = this.path(host, path, place);
    await this.#requirePlain(host, target, place);
    await this.#world.write(target, bytes);
  }

  /** Copies a file from one host to the same place on another. @throws {TemplateFault} */
  async carry(
    path: { readonly from: string; readonly to: string },
    from: number,
    to: number,
    place: Place,
  ): Promise<void> {
    const source = this.path(from, path.from, place);
    await this.#requirePlain(from, source, place);
    let bytes: Uint8Array;
    try {
      bytes = await Deno.readFile(source);
    } catch (error) {
      const says = `${path.from} is to be handed over, but ${hostName(from)} does not have it`;
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new TemplateFault(place.line, says, place.column);
    }
    await this.write(to, path.to, bytes, place);
  }

  /** Every part of a path that is there is a folder, and the last one a file: no link, no pipe. */
  async #requirePlain(host: number, path: string, place: Place): Promise<void> {
    const folder = this.#world.folder(host);
    const parts = path.slice(folder.length).split(/[/\\]/).filter((part) => part !== "");
    let at = folder;
    for (const [index, part] of parts.entries()) {
      at = join(at, part);
      let stat: Deno.FileInfo;
      try {
        stat = await Deno.lstat(at);
      } catch {
        return;
      }
      const isLast = index === parts.length - 1;
      if (isLast ? stat.isFile : stat.isDirectory) continue;
      const what = stat.isSymlink ? "a symbolic link" : isLast ? "no plain file" : "no folder";
      throw new TemplateFault(
        place.line,
        `${parts.slice(0, index + 1).join("/")} on ${hostName(host)} is ${what}: ` +
          "nothing is written or read through it",
        place.column,
      );
    }
  }
}

/** Whether two paths of a template are the same file. */
export function isSamePath(one: string, other: string): boolean {
  const plain = (path: string) => normalize(path.replaceAll("\\", "/"));
  return !isAbsolute(one) && plain(one) === plain(other);
}
