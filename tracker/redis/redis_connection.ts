/**
 * A connection to Redis or Valkey that comes back by itself: what cannot be answered in time is
 * refused at once, and nothing waits for a server that is away.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { storeAway } from "../swarms/swarm_store.ts";
import { TrackerOptionError, TrackerStartError } from "../contract/start_error.ts";

/** Longest wait (ms) for an answer, and for a connection. */
const TIMEOUT = 1000;
/** Without any answer for so long (ms) while one is awaited, a connection is dead. */
const DEAD = 3000;
/** Longest pause (ms) between two attempts to connect. */
const MAX_PAUSE = 1000;
/** Commands that may be on their way at once. */
const MAX_OPEN = 10_000;
/** A command that servers older than Redis 6.2 do not know. */
const NEEDED = "ZRANDMEMBER";
const TOO_OLD = "it is too old: Redis 6.2 or later, or Valkey, is needed";

/** What Redis answers: strings are bytes. */
export type RedisReply = number | Buffer | null | RedisReply[];

/** A part of a command. */
export type RedisArgument = string | Uint8Array;

/** A Lua script. */
export interface RedisScript {
  readonly text: string;
  readonly sha1: string;
}

/** How a link is opened. */
export interface RedisConnectionOptions {
  /** `redis://[user:password@]host[:port][/db]`, or `rediss:` for TLS. */
  readonly url: string;
  /** Hears, in a sentence and once each, that Redis is away or back. */
  readonly onChange: (sentence: string) => void;
  /** Called whenever it can be asked (again). */
  readonly onReady: () => void;
}

type Client = ReturnType<typeof createClientFor>;
type Library = typeof import("./redis_library.ts");

/** A script, ready to be run by its hash. */
export function redisScript(text: string): RedisScript {
  return { text, sha1: hash("sha1", text) };
}

/** See the module's text. Dispose it to close the connection. */
export class RedisConnection implements Disposable {
  /** Host, port and database, for messages. */
  readonly place: string;
  readonly #options: RedisConnectionOptions;
  readonly #library: Library;
  #client: Client;
  #isClosed = false;
  /** The connection has answered. */
  #isUp = false;
  #wasUp = false;
  /** When a connection was made that has not answered yet. */
  #waitsSince = Infinity;
  readonly #begun = Promise.withResolvers<void>();
  readonly #watcher: ReturnType<typeof setInterval>;
  #open = 0;
  #answeredAt = performance.now();
  /** It is away; where it answered, but with an error, what it did not do. */
  #trouble: { readonly refused: string | undefined } | undefined;

  private constructor(options: RedisConnectionOptions, library: Library) {
    this.#options = options;
    this.#library = library;
    this.place = placeOf(options.url);
    this.#client = this.#connect();
    this.#watcher = setInterval(() => this.#watch(), TIMEOUT / 2);
  }

  /**
   * Connects. A server that cannot be reached is no error: it is told, and tried again until it is.
   *
   * @throws {TrackerStartError} where the URL is wrong, the server refuses us, or is too old
   */
  static async open(options: RedisConnectionOptions): Promise<RedisConnection> {
    placeOf(options.url);
    // Loaded only where it is used: it is as large as all the rest of the program.
    const library = await import("./redis_library.ts");
    const link = new RedisConnection(options, library);
    try {
      await link.#begin();
      return link;
    } catch (error) {
      link[Symbol.dispose]();
      throw error;
    }
  }

  /** Runs a script. @throws {TrackerError} where Redis cannot be asked now */
  async run(script: RedisScript, args: readonly RedisArgument[]): Promise<RedisReply> {
    return await this.#inTime(script.sha1, async () => {
      try {
        return await this.#send(["EVALSHA", script.sha1, "0", ...args]);
      } catch (error) {
        // A server that was started anew knows no scripts.
        if (!messageOf(error).startsWith("NOSCRIPT")) throw error;
        return await this.#send(["EVAL", script.text, "0", ...args]);
      }
    });
  }

  /** Sends a command. @throws {TrackerError} where Redis cannot be asked now */
  async command(...args: RedisArgument[]): Promise<RedisReply> {
    return await this.#inTime(String(args[0]), () => this.#send(args));
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearInterval(this.#watcher);
    this.#client.destroy();
  }

  #connect(): Client {
    this.#waitsSince = Infinity;
    const client = createClientFor(this.#library, this.#options.url, (retries, cause) => {
      // At the start a refusal ends it all; later the operator may be about to mend it.
      if (this.#isClosed || isFinal(cause) && !this.#wasUp) return false;
      return Math.min(MAX_PAUSE, 50 * 2 ** retries) * (0.75 + Math.random() / 4);
    });
    client.on("connect", () => this.#waitsSince = performance.now());
    client.on("error", (error) => {
      this.#isUp = false;
      this.#waitsSince = Infinity;
      this.#failed(error);
    });
    client.on("ready", () => void this.#prove(client));
    client.connect().catch(() => {}); // told by "error"
    return client;
  }

  /** A connection is good for something once it has answered. */
  async #prove(client: Client): Promise<void> {
    try {
      const [known] = await this.#send(["COMMAND", "INFO", NEEDED], client) as RedisReply[];
      if (known === null) throw new Error(TOO_OLD);
      if (client !== this.#client || this.#isClosed) return;
      this.#isUp = true;
      this.#wasUp = true;
      this.#answeredAt = performance.now();
      this.#isBack();
      this.#begun.resolve();
      this.#options.onReady();
    } catch (error) {
      if (client === this.#client) this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#isAway(error);
    if (isFinal(error)) this.#begun.reject(error);
    else this.#begun.resolve();
  }

  /** Waits for the first answer, or the first failure. */
  async #begin(): Promise<void> {
    const timer = setTimeout(() => this.#failed(new Error("no answer")), 2 * TIMEOUT);
    try {
      await this.#begun.promise;
    } catch (error) {
      throw new TrackerStartError(
        `Cannot use Redis at ${this.place}: ${messageOf(error)}. Check --store`,
        { cause: error },
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** Gives up a connection on which nothing is answered any more. */
  #watch(): void {
    const now = performance.now();
    const isDead = this.#isUp
      ? this.#open > 0 && now - this.#answeredAt > DEAD
      : now - this.#waitsSince > DEAD;
    if (!isDead) return;
    this.#isUp = false;
    const client = this.#client;
    this.#client = this.#connect();
    client.destroy();
  }

  #send(args: readonly RedisArgument[], client = this.#client): Promise<RedisReply> {
    const parts = args.map((arg) =>
      typeof arg === "string" ? arg : Buffer.from(arg.buffer, arg.byteOffset, arg.length)
    );
    return client.sendCommand(parts, {
      typeMapping: { [this.#library.RESP_TYPES.BLOB_STRING]: Buffer },
    }) as Promise<RedisReply>;
  }

  /** @param what which of its abilities is asked for */
  #inTime(what: string, send: () => Promise<RedisReply>): Promise<RedisReply> {
    return new Promise((resolve, reject) => {
      if (!this.#isUp || !this.#client.isReady) return reject(storeAway("not connected"));
      if (this.#open >= MAX_OPEN) return reject(storeAway("too much to do"));
      if (this.#open++ === 0) this.#answeredAt = performance.now();
      const timer = setTimeout(() => {
        this.#isAway(new Error("it does not answer"));
        reject(storeAway("no answer in time"));
      }, TIMEOUT);
      send().then((reply) => {
        this.#answeredAt = performance.now();
        // It may count and not take anything: out of memory, or a replica.
        if ((this.#trouble?.refused ?? what) === what) this.#isBack();
        resolve(reply);
      }, (error) => {
        this.#isAway(error, error instanceof this.#library.ErrorReply ? what : undefined);
        reject(storeAway(error));
      }).catch(reject).finally(() => {
        this.#open--;
        clearTimeout(timer);
      });
    });
  }

  #isAway(error: unknown, refused?: string): void {
    if (this.#isClosed || this.#trouble !== undefined) return;
    this.#trouble = { refused };
    this.#options.onChange(
      `Redis at ${this.place} cannot be used (${messageOf(error)}): ` +
        "announces are refused until it answers",
    );
  }

  #isBack(): void {
    if (this.#isClosed || this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#options.onChange(`Redis at ${this.place} answers again`);
  }
}

function createClientFor(
  library: Library,
  url: string,
  reconnectStrategy: (retries: number, cause: Error) => number | false,
) {
  return library.createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: "disabled",
    socket: {
      connectTimeout: TIMEOUT,
      reconnectStrategy,
    },
  });
}

/** Host, port and database of a URL, without its password. @throws {TrackerOptionError} */
function placeOf(url: string): string {
  const parsed = URL.parse(url);
  if (
    parsed === null || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === "" ||
    !/^(\/\d*)?$/.test(parsed.pathname) || parsed.search !== "" || parsed.hash !== ""
  ) {
    throw new TrackerOptionError(
      "--store is not the address of a Redis server: write redis://HOST:PORT, or redis://HOST:PORT/DB",
    );
  }
  return `${parsed.hostname}:${parsed.port || 6379}${parsed.pathname.replace(/\/0?$/, "")}`;
}

/** A server that answers, but not us or not enough: trying again would not help. */
function isFinal(error: unknown): boolean {
  return messageOf(error) === TOO_OLD ||
    /^(WRONGPASS|NOAUTH|NOPERM|ERR (AUTH|DB index|invalid DB|Client sent AUTH))/i
      .test(messageOf(error));
}

/** What is wrong, in words. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  const { code, message } = error as { code?: unknown; message?: unknown };
  const known = TROUBLES.get(String(code ?? message));
  // Its own words may be long, and are not ours.
  return known ?? String(message ?? error).replace(/[\p{Cc}\s]+/gu, " ").slice(0, 200);
}

const UNKNOWN_AUTHORITY =
  "its certificate is not signed by a CA that this machine trusts: give your own with DENO_CERT=ca.pem";

const TROUBLES: ReadonlyMap<string, string> = new Map([
  ["DEPTH_ZERO_SELF_SIGNED_CERT", UNKNOWN_AUTHORITY],
  ["SELF_SIGNED_CERT_IN_CHAIN", UNKNOWN_AUTHORITY],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", UNKNOWN_AUTHORITY],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", UNKNOWN_AUTHORITY],
  ["ECONNREFUSED", "connection refused"],
  ["ECONNRESET", "the connection broke"],
  ["EHOSTUNREACH", "no way to that host"],
  ["ENETUNREACH", "no way to that network"],
  ["ENOTFOUND", "no such host"],
  ["EAI_AGAIN", "its name cannot be looked up"],
  ["EPIPE", "the connection broke"],
  ["Socket closed unexpectedly", "the connection broke"],
  ["Connection timeout", "no answer"],
]);
