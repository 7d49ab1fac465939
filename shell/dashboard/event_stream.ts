/**
 * Server-sent events: what is new, twice a second, to everybody who listens. Nothing is looked at
 * while nobody does.
 *
 * @module
 */
import { type BodyStream, type HttpReply, refusal } from "../../tracker/mod.ts";
import { whoGivesWay } from "./shares.ts";

/** How often something may be told, ms. */
const EVERY_MS = 500;
/** Silence after which a sign of life is sent, in rounds. */
const QUIET_ROUNDS = 20;
/** UTF-16 units of an event that are sent at once. */
const PART = 2 ** 18;
/** Listeners at once. */
const MAX_LISTENERS = 64;

const encoder = new TextEncoder();

/** One event; `json` is data that was written already. */
export type StreamEvent =
  & { readonly event: string }
  & ({ readonly data: unknown } | { readonly json: string });

/**
 * Tells one listener what is new to it; called once a round, and not before what it told last was
 * written.
 */
export type Tell<T> = (facts: T) => readonly StreamEvent[] | Promise<readonly StreamEvent[]>;

/** Looks twice a second, once for all who listen. */
export class EventStream<T> implements Disposable {
  readonly #look: () => T | Promise<T>;
  readonly #listeners = new Set<Listener<T>>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isLooking = false;

  /** @param look what there is to see now */
  constructor(look: () => T | Promise<T>) {
    this.#look = look;
  }

  /** Listeners at present. */
  get size(): number {
    return this.#listeners.size;
  }

  /** The reply that goes on telling `address`. Where all places are taken, who has most gives way. */
  reply(tell: Tell<T>, address: string): HttpReply {
    if (!this.#hasRoom(address)) {
      return refusal(503, "too many pages are open: close some");
    }
    return {
      status: 200,
      type: "text/event-stream",
      body: ["retry: 1000\n\n"],
      stream: async (stream) => {
        // Many may have asked at once, before the first of them listened.
        if (!this.#makeRoom(address)) return;
        const listener = new Listener(stream, tell, address);
        this.#listeners.add(listener);
        this.#timer ??= setInterval(() => void this.#round(), EVERY_MS);
        try {
          listener.hear(await this.#look());
          await listener.gone;
        } finally {
          this.#listeners.delete(listener);
          if (this.#listeners.size === 0) this.#stop();
        }
      },
    };
  }

  [Symbol.dispose](): void {
    this.#stop();
    for (const listener of this.#listeners) listener.leave();
  }

  #hasRoom(address: string): boolean {
    return this.#listeners.size < MAX_LISTENERS ||
      whoGivesWay(this.#listeners, address) !== undefined;
  }

  #makeRoom(address: string): boolean {
    if (this.#listeners.size < MAX_LISTENERS) return true;
    const crowded = whoGivesWay(this.#listeners, address);
    if (crowded === undefined) return false;
    this.#listeners.delete(crowded);
    crowded.leave();
    return true;
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #round(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const facts = await this.#look();
      for (const listener of this.#listeners) {
        try {
          listener.hear(facts);
        } catch (error) {
          listener.fail(error);
        }
      }
    } catch (error) {
      // A fault of ours: each stream ends with it, and its server tells of it.
      for (const listener of this.#listeners) listener.fail(error);
    } finally {
      this.#isLooking = false;
    }
  }
}

/** One page that is open. What it is too slow to take is left out, not piled up. */
class Listener<T> {
  readonly gone: Promise<void>;
  readonly address: string;
  readonly leave: () => void;
  readonly fail: (error: unknown) => void;
  readonly #stream: BodyStream;
  readonly #tell: Tell<T>;
  /** It is told something, or that is written. */
  #isBusy = false;
  #quiet = 0;

  constructor(stream: BodyStream, tell: Tell<T>, address: string) {
    this.address = address;
    this.#stream = stream;
    this.#tell = tell;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.gone = promise;
    this.leave = resolve;
    this.fail = reject;
    // It may end before anybody waits for that.
    promise.catch(() => {});
    stream.signal.addEventListener("abort", () => resolve(), { once: true });
    if (stream.signal.aborted) resolve();
  }

  hear(facts: T): void {
    if (this.#isBusy || this.#stream.signal.aborted) return;
    const events = this.#tell(facts);
    if (!(events instanceof Promise)) return this.#send(events);
    this.#isBusy = true;
    events.then((events) => {
      this.#isBusy = false;
      this.#send(events);
    }).catch(this.fail);
  }

  #send(events: readonly StreamEvent[]): void {
    let text = "";
    for (const one of events) {
      const json = "json" in one ? one.json : JSON.stringify(one.data);
      text += `event: ${one.event}\ndata: ${json}\n\n`;
    }
    if (text !== "") this.#write(text);
    else if (++this.#quiet >= QUIET_ROUNDS) this.#write(": still here\n\n");
  }

  #write(text: string): void {
    this.#isBusy = true;
    this.#quiet = 0;
    this.#writeParts(text).then(
      () => this.#isBusy = false,
      () => this.leave(),
    );
  }

  /** To encode a long text at once would hold up everybody else. */
  async #writeParts(text: string): Promise<void> {
    for (let at = 0; at < text.length;) {
      // No character is cut in two.
      const isCut = /[\ud800-\udbff]/.test(text.charAt(at + PART - 1));
      const end = at + PART - (isCut ? 1 : 0);
      await this.#stream.write(encoder.encode(text.slice(at, end)));
      at = end;
    }
  }
}

/** Remembers what was told, part by part, to tell only what is new. */
export class Told {
  readonly #told = new Map<string, string>();

  /** Whether `value` is not what was told of `key` last. Marks it as told. */
  isNew(key: string, value: unknown): boolean {
    return this.isNewText(key, JSON.stringify(value));
  }

  /** The same of JSON that was written already. */
  isNewText(key: string, text: string): boolean {
    if (this.#told.get(key) === text) return false;
    this.#told.set(key, text);
    return true;
  }

  /** Keys that were told, to find out what is gone. */
  keys(): IterableIterator<string> {
    return this.#told.keys();
  }

  forget(key: string): void {
    this.#told.delete(key);
  }
}
