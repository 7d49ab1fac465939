/**
 * Engines, files and torrents for tests, on 127.0.0.1 and in folders that go away.
 *
 * @module
 */
import { join } from "@std/path";
import { Engine, type EngineEvent, type EngineOptions } from "../../peer/mod.ts";
import { seededRandom } from "./random.ts";

/** Bytes that look random and are the same for the same seed. */
export function someBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const random = seededRandom(seed);
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = random() * 2 ** 32;
  return new Uint8Array(words.buffer, 0, length);
}

/** A peer of the test, in a folder of its own, that keeps what it tells. */
export class TestEngine implements AsyncDisposable {
  readonly engine: Engine;
  readonly dir: string;
  readonly events: EngineEvent[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(engine: Engine, dir: string) {
    this.engine = engine;
    this.dir = dir;
    engine.subscribe((event) => {
      this.events.push(event);
      for (const check of this.#waiting) check();
    });
  }

  static async start(
    options: Partial<EngineOptions> & { dir?: string } = {},
  ): Promise<TestEngine> {
    const dir = options.dir ?? await Deno.makeTempDir({ prefix: "vtorrent-" });
    const engine = await Engine.start({ name: "t", host: "127.0.0.1", port: 0, ...options, dir });
    return new TestEngine(engine, dir);
  }

  /** Resolves with the first event, past or to come, that fits; fails after 20 s. */
  until<K extends EngineEvent["event"]>(
    kind: K,
    fits: (event: Extract<EngineEvent, { event: K }>) => boolean = () => true,
  ): Promise<Extract<EngineEvent, { event: K }>> {
    return this.when(
      () =>
        this.events.find((event): event is Extract<EngineEvent, { event: K }> =>
          event.event === kind && fits(event as Extract<EngineEvent, { event: K }>)
        ),
      kind,
    );
  }

  /** Resolves once `look` finds something, asked again whenever anything happens. */
  when<T>(look: () => T | undefined | false, what: string): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const limit = setTimeout(() => {
      const last = this.events.slice(-8).map((event) => JSON.stringify(event)).join("\n");
      reject(new Error(`Waited 20 s in vain for ${what}; last events:\n${last}`));
    }, 20_000);
    // Some facts (rates, snapshots) change without an event.
    const again = setInterval(() => check(), 100);
    const check = () => {
      const found = look();
      if (found !== undefined && found !== false) resolve(found);
    };
    this.#waiting.add(check);
    check();
    return promise.finally(() => {
      clearTimeout(limit);
      clearInterval(again);
      this.#waiting.delete(check);
    });
  }

  /** Puts a file into its folder; its path. */
  async put(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(this.dir, name);
    await Deno.mkdir(join(path, ".."), { recursive: true });
    await Deno.writeFile(path, bytes);
    return path;
  }

  read(name: string): Promise<Uint8Array> {
    return Deno.readFile(join(this.dir, name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** The address of an engine for `addPeer`. */
export function addressOf(peer: TestEngine | { port: number }): { host: string; port: number } {
  return { host: "127.0.0.1", port: peer instanceof TestEngine ? peer.engine.port : peer.port };
}
