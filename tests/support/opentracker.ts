/**
 * opentracker (Debian's), over HTTP and UDP at one port.
 *
 * @module
 */
import type { Place } from "./hosts.ts";
import { TestProcess } from "./process.ts";

/** How long (ms) it is waited for at most, and between two looks. */
const PATIENCE = 20_000;
const PAUSE = 50;
/** The state of a socket that listens, as Linux lists it. */
const LISTENS = "0A";

/** opentracker, until it is killed. */
export class OpenTracker extends TestProcess {
  private constructor(dir: string, port: number, { ip4, through }: Place) {
    const ports = ["-p", String(port), "-P", String(port)];
    super("opentracker", ["-i", ip4, ...ports, "-d", dir, "-w", "allowed"], { through });
  }

  /**
   * Starts it, and waits until it listens.
   *
   * @param dir a folder that is not there yet
   * @param infoHashes in hex; Debian's serves only the torrents in a list, which it reads once
   */
  static async start(
    dir: string,
    port: number,
    infoHashes: readonly string[],
    host: Place,
  ): Promise<OpenTracker> {
    await Deno.mkdir(dir, { mode: 0o755 }); // It goes there as nobody.
    await Deno.writeTextFile(`${dir}/allowed`, infoHashes.map((hex) => `${hex}\n`).join(""));
    const tracker = new OpenTracker(dir, port, host);
    try {
      await tracker.#listens(port);
    } catch (error) {
      await tracker[Symbol.asyncDispose]();
      throw error;
    }
    return tracker;
  }

  /** It says nothing, so its host's table of sockets is asked. */
  async #listens(port: number): Promise<void> {
    const end = performance.now() + PATIENCE;
    const place = new RegExp(
      `:${port.toString(16).toUpperCase().padStart(4, "0")} \\S+ ${LISTENS} `,
    );
    while (performance.now() < end) {
      if (place.test(await Deno.readTextFile(`/proc/${this.pid}/net/tcp`))) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    throw new Error(`opentracker does not listen: ${this.stderr.join("\n")}`);
  }
}
