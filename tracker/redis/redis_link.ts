/**
 * The way from the store in Redis to the server that has a key: one server, the master that Sentinels
 * name, or a node of a cluster.
 *
 * @module
 */
import { HOSTS_KEY, type RedisKeys, scriptKeys } from "./redis_keys.ts";
import type { RedisNotices } from "./redis_notices.ts";
import {
  messageOf,
  type RedisArgument,
  type RedisConnection,
  RedisRefusal,
  type RedisReply,
  type RedisScript,
} from "./redis_connection.ts";

/** Times that one request is sent on. */
const MAX_REDIRECTIONS = 4;
/** Refusals of all that lies there, not of one ability. */
const OF_PLACE = /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|LOADING) /;

/** Which servers there are, and which of them has what. */
export interface RedisRoute extends AsyncDisposable {
  readonly keys: RedisKeys;
  /** @throws {TrackerError} where none is known now */
  serverOf(key: string): RedisConnection;
  /** Who else may be asked after a refusal; undefined where nobody is. */
  redirect(
    refusal: string,
    server: RedisConnection,
  ): Promise<{ server: RedisConnection; asking: boolean } | undefined>;
}

/** Sends scripts and commands where their keys are, and has it told when that cannot be done. */
export class RedisLink implements AsyncDisposable {
  readonly keys: RedisKeys;
  readonly #route: RedisRoute;
  readonly #notices: RedisNotices;

  constructor(route: RedisRoute, notices: RedisNotices) {
    this.keys = route.keys;
    this.#route = route;
    this.#notices = notices;
  }

  /** A part of it could not be used lately, and nothing was heard of it since. */
  get isTroubled(): boolean {
    return this.#notices.isTroubled;
  }

  /**
   * Runs a script.
   *
   * @param root where its keys begin
   * @throws {TrackerError} where Redis cannot be asked now
   */
  run(script: RedisScript, root: string, args: readonly RedisArgument[]): Promise<RedisReply> {
    const keys = scriptKeys(root);
    return this.#ask(
      root,
      script.sha1,
      (server, asking) => server.run(script, keys, args, asking),
    );
  }

  /**
   * Sends a command on one key.
   *
   * @throws {TrackerError} where Redis cannot be asked now
   */
  command(name: string, key: string, ...args: RedisArgument[]): Promise<RedisReply> {
    const words = [name, key, ...args];
    return this.#ask(key, name, (server, asking) => server.command(words, asking));
  }

  /**
   * The time (s) by which all trackers go: in a cluster that of one node.
   *
   * @throws {TrackerError} where Redis cannot be asked now
   */
  async time(): Promise<number> {
    const time = await this.#ask(HOSTS_KEY, "TIME", (server) => server.command(["TIME"]));
    return Number(String((time as RedisReply[])[0]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#route[Symbol.asyncDispose]();
  }

  /** @param what which of its abilities is asked for */
  async #ask(
    key: string,
    what: string,
    send: (server: RedisConnection, asking: boolean) => Promise<RedisReply>,
  ): Promise<RedisReply> {
    let server = this.#route.serverOf(key);
    let asking = false;
    for (let redirections = 0;; redirections++) {
      try {
        const reply = await send(server, asking);
        this.#notices.answered(server.server.place);
        this.#notices.answered(this.#part(key, server), what);
        return reply;
      } catch (error) {
        if (!(error instanceof RedisRefusal)) throw error;
        const other = redirections < MAX_REDIRECTIONS
          ? await this.#route.redirect(error.said, server)
          : undefined;
        if (other === undefined) {
          const refused = OF_PLACE.test(error.said) ? undefined : what;
          this.#notices.failed(this.#part(key, server), messageOf(error), refused);
          throw error;
        }
        ({ server, asking } = other);
      }
    }
  }

  /** What may be refused while other keys are not. */
  #part(key: string, server: RedisConnection): string {
    return this.keys.roots.length === 1 ? server.server.place : key;
  }
}
