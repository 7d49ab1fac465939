/**
 * A connection to a server of Redis or Valkey that comes back by itself: what cannot be answered in
 * time is refused at once, and nothing waits for a server that is away.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { TrackerError } from "../../protocol/errors.ts";
import { AWAY_MINUTES, STORE_AWAY, storeAway } from "../swarms/swarm_store.ts";
import { TrackerStartError } from "../contract/start_error.ts";
import type { RedisServerAddress } from "./redis_address.ts";

/** Longest wait (ms) for an answer, and for a connection. */
export const TIMEOUT = 1000;
/** Without any answer for so long (ms) while one is awaited, a connection is dead. */
const DEAD = 3000;
/** Longest pause (ms) between two attempts to connect. */
const MAX_PAUSE = 1000;
/** Commands that may be on their way at once. */
const MAX_OPEN = 10_000;
/** A command that servers older than Redis 6.2 do not know. */
const NEEDED = "ZRANDMEMBER";
const TOO_OLD = "it is too old: Redis 6.2 or later, or Valkey, is needed";
const IS_CLUSTER = "it is a node of a cluster: write redis+cluster://HOST:PORT";
const NO_SENTINEL = "it is no Sentinel";
const NO_CLUSTER = "it is not part of a cluster: write redis://HOST:PORT";

/** What Redis answers: strings are bytes. */
export type RedisReply = number | Buffer | null | RedisReply[];

/** A part of a command. */
export type RedisArgument = string | Uint8Array;

/** A Lua script. */
export interface RedisScript {
  readonly text: string;
  readonly sha1: string;
}

/** How a connection is opened. */
export interface RedisConnectionOptions {
  readonly server: RedisServerAddress;
  /** What must be there: a server of its own, a node of a cluster, or a Sentinel. */
  readonly kind: "server" | "node" | "sentinel";
  /** Whether to go on where it refuses us: others do its work meanwhile. Default false. */
  readonly endures?: boolean;
  /** It cannot be asked: why, in words. Called as long as it is so. */
  readonly onAway: (sentence: string) => void;
  /** Called whenever it can be asked (again). */
  readonly onReady: () => void;
}

/** Redis answered, but did not do what it was asked for; the message is its own. */
export class RedisRefusal extends TrackerError {
  override name = "RedisRefusal";
  /** What it said, beginning with a word in capitals. */
  readonly said: string;

  constructor(said: string, cause: unknown) {
    super(STORE_AWAY, { cause, retryIn: AWAY_MINUTES });
    this.said = said;
  }
}

type Client = ReturnType<typeof createClientFor>;
type Library = typeof import("./redis_library.ts");

/** A script, ready to be run by its hash. */
export function redisScript(text: string): RedisScript {
  return { text, sha1: hash("sha1", text) };
}

/** See the module's text. Dispose it to close the connection. */
export class RedisConnection implements Disposable {
  readonly server: RedisServerAddress;
  readonly #options: RedisConnectionOptions;
  readonly #library: Library;
  #client: Client;
  #isClosed = false;
  /** The connection has answered. */
  #isUp = false;
  #wasUp: boolean;
  /** When a connection was made that has not answered yet. */
  #waitsSince = Infinity;
  /** Attempts to connect in vain, and the pause before the next. */
  #attempts = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;
  readonly #begun = Promise.withResolvers<void>();
  readonly #watcher: ReturnType<typeof setInterval>;
  #open = 0;
  #answeredAt = performance.now();

  private constructor(options: RedisConnectionOptions, library: Library) {
    this.server = options.server;
    this.#options = options;
    this.#library = library;
    this.#wasUp = options.endures ?? false;
    this.#client = this.#connect();
    this.#watcher = setInterval(() => this.#watch(), TIMEOUT / 2);
  }

  /**
   * Connects; resolves at the first answer or the first failure. A server that cannot be reached is no
   * error: it is told, and tried again until it is.
   *
   * @throws {TrackerStartError} where the server refuses us, is too old or another kind of server
   */
  static async open(options: RedisConnectionOptions): Promise<RedisConnection> {
    // Loaded only where it is used: it is as large as all the rest of the program.
    const library = await import("./redis_library.ts");
    const connection = new RedisConnection(options, library);
    try {
      await connection.#begin();
      return connection;
    } catch (error) {
      connection[Symbol.dispose]();
      throw error;
    }
  }

  /** It has answered, and not failed since. */
  get isUp(): boolean {
    return this.#isUp && this.#client.isReady;
  }

  /**
   * Runs a script.
   *
   * @param keys by which a cluster knows where to run it
   * @param asking whether its slot is being moved here
   * @throws {TrackerError} where Redis cannot be asked now
   */
  async run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly RedisArgument[],
    asking = false,
  ): Promise<RedisReply> {
    const words = [String(keys.length), ...keys, ...args];
    return await this.#inTime(() =>
      this.#send(["EVALSHA", script.sha1, ...words], asking).catch((error) => {
        // A server that was started anew knows no scripts.
        if (!saidBy(error).startsWith("NOSCRIPT")) throw error;
        return this.#send(["EVAL", script.text, ...words], asking);
      })
    );
  }

  /**
   * Sends a command.
   *
   * @param asking whether its slot is being moved here
   * @throws {TrackerError} where Redis cannot be asked now
   */
  async command(words: readonly RedisArgument[], asking = false): Promise<RedisReply> {
    return await this.#inTime(() => this.#send(words, asking));
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearInterval(this.#watcher);
    clearTimeout(this.#pause);
    if (this.#client.isOpen) this.#client.destroy();
  }

  #connect(): Client {
    this.#waitsSince = Infinity;
    const client = createClientFor(this.#library, this.server.url);
    client.on("connect", () => this.#waitsSince = performance.now());
    client.on("error", (error) => {
      if (client !== this.#client || this.#isClosed) return;
      this.#isUp = false;
      this.#waitsSince = Infinity;
      this.#failed(error);
      this.#comeBack(error);
    });
    client.on("ready", () => void this.#prove(client));
    client.connect().catch(() => {}); // told by "error"
    return client;
  }

  /** The library does so, too, but goes on waiting when it was closed. */
  #comeBack(cause: unknown): void {
    // At the start a refusal ends it all; later the operator may be about to mend it.
    if (this.#pause !== undefined || isFinal(cause) && !this.#wasUp) return;
    const pause = Math.min(MAX_PAUSE, 50 * 2 ** this.#attempts++) * (0.75 + Math.random() / 4);
    this.#pause = setTimeout(() => this.#replace(), pause);
  }

  #replace(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    const client = this.#client;
    this.#client = this.#connect();
    if (client.isOpen) client.destroy();
  }

  /** A connection is good for something once it has answered. */
  async #prove(client: Client): Promise<void> {
    try {
      await this.#examine(client);
      if (client !== this.#client || this.#isClosed) return;
      this.#isUp = true;
      this.#wasUp = true;
      this.#attempts = 0;
      this.#answeredAt = performance.now();
      this.#begun.resolve();
      this.#options.onReady();
    } catch (error) {
      if (client !== this.#client || this.#isClosed) return;
      this.#failed(error);
      this.#comeBack(error);
    }
  }

  /** @throws where it is not what it should be */
  async #examine(client: Client): Promise<void> {
    const ask = (...words: string[]) => this.#send(words, false, client);
    if (this.#options.kind === "sentinel") {
      return void await ask("SENTINEL", "MASTERS").catch((error) => {
        throw /unknown command/i.test(saidBy(error)) ? new Error(NO_SENTINEL) : error;
      });
    }
    const [known] = await ask("COMMAND", "INFO", NEEDED) as RedisReply[];
    if (known === null) throw new Error(TOO_OLD);
    // Who may not ask this can do without.
    const info = String(await ask("INFO", "cluster").catch(() => ""));
    const isNode = /cluster_enabled:([01])/.exec(info)?.[1];
    if (isNode === "1" && this.#options.kind === "server") throw new Error(IS_CLUSTER);
    if (this.#options.kind !== "node") return;
    if (isNode === "0") throw new Error(NO_CLUSTER);
    // One that was started answers for two seconds that it does nothing yet.
    const state = String(await ask("CLUSTER", "INFO"));
    if (!state.includes("cluster_state:ok")) throw new Error("its cluster is not complete");
  }

  #failed(error: unknown): void {
    this.#isAway(error);
    if (isFinal(error) && !this.#options.endures) this.#begun.reject(error);
    else this.#begun.resolve();
  }

  /** Waits for the first answer, or the first failure. */
  async #begin(): Promise<void> {
    const timer = setTimeout(() => this.#failed(new Error("no answer")), 2 * TIMEOUT);
    try {
      await this.#begun.promise;
    } catch (error) {
      throw new TrackerStartError(
        `Cannot use ${NAMES[this.#options.kind]} at ${this.server.place}: ${
          messageOf(error)
        }. Check --store`,
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
    this.#replace();
  }

  #send(
    words: readonly RedisArgument[],
    asking: boolean,
    client = this.#client,
  ): Promise<RedisReply> {
    const parts = words.map((word) =>
      typeof word === "string" ? word : Buffer.from(word.buffer, word.byteOffset, word.length)
    );
    // What fails here fails there.
    if (asking) client.sendCommand(["ASKING"]).catch(() => {});
    return client.sendCommand(parts, {
      typeMapping: { [this.#library.RESP_TYPES.BLOB_STRING]: Buffer },
    }) as Promise<RedisReply>;
  }

  #inTime(send: () => Promise<RedisReply>): Promise<RedisReply> {
    return new Promise((resolve, reject) => {
      if (!this.isUp) return reject(storeAway("not connected"));
      if (this.#open >= MAX_OPEN) return reject(storeAway("too much to do"));
      if (this.#open++ === 0) this.#answeredAt = performance.now();
      const timer = setTimeout(() => {
        this.#isAway(new Error("it does not answer"));
        reject(storeAway("no answer in time"));
      }, TIMEOUT);
      send().then((reply) => {
        this.#answeredAt = performance.now();
        resolve(reply);
      }, (error) => {
        if (error instanceof this.#library.ErrorReply) {
          this.#answeredAt = performance.now();
          return reject(new RedisRefusal(saidBy(error), error));
        }
        this.#isAway(error);
        reject(storeAway(error));
      }).catch(reject).finally(() => {
        this.#open--;
        clearTimeout(timer);
      });
    });
  }

  #isAway(error: unknown): void {
    if (!this.#isClosed) this.#options.onAway(messageOf(error));
  }
}

function createClientFor(library: Library, url: string) {
  return library.createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: "disabled",
    // Ours is shorter, and this is an AbortSignal for each command.
    commandOptions: { timeout: 0 },
    socket: {
      connectTimeout: TIMEOUT,
      reconnectStrategy: false,
    },
  });
}

const NAMES = { server: "Redis", node: "the Redis Cluster", sentinel: "the Sentinel" } as const;

/** A server that answers, but not us or not enough: trying again would not help. */
function isFinal(error: unknown): boolean {
  const said = saidBy(error);
  return [TOO_OLD, IS_CLUSTER, NO_CLUSTER, NO_SENTINEL].includes(said) ||
    /^(WRONGPASS|NOAUTH|NOPERM|ERR (AUTH|DB index|invalid DB|Client sent AUTH))/i.test(said);
}

/** A server's own words, or the library's. */
function saidBy(error: unknown): string {
  return String((error as { message?: unknown }).message ?? error);
}

/** What is wrong, in words. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  const said = error instanceof RedisRefusal ? error.said : saidBy(error);
  const code = (error as { code?: unknown }).code ?? /^[A-Z]+/.exec(said)?.[0];
  const known = TROUBLES.get(String(code)) ?? TROUBLES.get(said);
  // Its own words may be long, and are not ours.
  return known ?? said.replace(/[\p{Cc}\s]+/gu, " ").slice(0, 200);
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
  ["READONLY", "it has become a replica"],
  ["TRYAGAIN", "a slot is being moved"],
  ["Socket closed unexpectedly", "the connection broke"],
  ["Connection timeout", "no answer"],
]);
