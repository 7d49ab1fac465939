/**
 * `./vtorrent` as people run it: the built file, in a process of its own.
 *
 * @module
 */
import { join } from "@std/path";
import { type Ended, type ProcessOptions, runToEnd, TestProcess } from "./process.ts";

/** The built program. `deno task test` makes it first. */
export const VTORRENT = join(import.meta.dirname!, "..", "..", "vtorrent");

/** One line of `--json`. */
export interface JsonEvent {
  readonly event: string;
  readonly [key: string]: unknown;
}

/** A running `vtorrent … --json`, with what it told so far. */
export class Vtorrent extends TestProcess {
  readonly #events: JsonEvent[] = [];

  /** Starts it with `args`; everything it does stays on 127.0.0.1. */
  constructor(args: readonly string[], options: ProcessOptions = {}) {
    super(VTORRENT, [...args, "--json"], here(options));
  }

  /** A tracker on a free port; its announce URL. */
  static async tracker(
    options: ProcessOptions & { args?: readonly string[] } = {},
  ): Promise<{ tracker: Vtorrent; url: string }> {
    const { args = [], ...rest } = options;
    const where = ["--host", "127.0.0.1", "--port", "0"];
    const tracker = new Vtorrent(["tracker", ...where, "--daemon", ...args], rest);
    const { port } = await tracker.event("started");
    return { tracker, url: `http://127.0.0.1:${port}/announce` };
  }

  /** A peer that reads typed commands, with its store in `cwd`. */
  static peer(
    id: string,
    options: ProcessOptions & { tracker: string; args?: readonly string[] },
  ): Vtorrent {
    const { tracker, args = [], ...rest } = options;
    const where = ["--host", "127.0.0.1", "--port", "0", "--tracker", tracker];
    return new Vtorrent(["peer", id, ...where, ...args], { typing: true, ...rest });
  }

  get events(): readonly JsonEvent[] {
    return this.#events;
  }

  /** The first event of that name that fits, past or to come. */
  async event(
    name: string,
    fits: (event: JsonEvent) => boolean = () => true,
    patience?: number,
  ): Promise<JsonEvent> {
    const look = () => this.#events.find((event) => event.event === name && fits(event));
    return await this.until(look, `the event "${name}"`, patience);
  }

  /** Resolves once `count` events of that name came. */
  async eventCount(name: string, count: number, patience?: number): Promise<void> {
    const look = () => this.count(name) >= count || undefined;
    await this.until(look, `${count} events "${name}"`, patience);
  }

  count(name: string): number {
    return this.#events.filter(({ event }) => event === name).length;
  }

  protected override onLine(line: string): void {
    const event: unknown = JSON.parse(line);
    if (!isEvent(event)) throw new Error(`No event on standard output: ${line}`);
    this.#events.push(event);
  }
}

function isEvent(value: unknown): value is JsonEvent {
  return typeof value === "object" && value !== null && "event" in value;
}

/** Runs `vtorrent` to its end. */
export async function vtorrent(
  args: readonly string[],
  options: ProcessOptions & { patience?: number } = {},
): Promise<Ended> {
  return await runToEnd(VTORRENT, args, here(options));
}

/** No test enters the DHT of the world; `--dht` beats this. */
function here<T extends ProcessOptions>(options: T): T {
  return { ...options, env: { VTORRENT_NO_DHT: "true", ...options.env } };
}
