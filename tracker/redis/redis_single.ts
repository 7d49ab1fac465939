/**
 * One server of Redis or Valkey that has all keys.
 *
 * @module
 */
import type { RedisServerAddress } from "./redis_address.ts";
import { RedisConnection } from "./redis_connection.ts";
import { type RedisKeys, SERVER_KEYS } from "./redis_keys.ts";
import type { RedisRoute } from "./redis_link.ts";
import type { RedisNotices } from "./redis_notices.ts";

/** See the module's text. */
export class RedisSingle implements RedisRoute {
  readonly keys: RedisKeys = SERVER_KEYS;
  readonly #connection: RedisConnection;

  private constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /** @throws {TrackerStartError} where the server refuses us, or is too old */
  static async open(
    server: RedisServerAddress,
    notices: RedisNotices,
    onReady: () => void,
  ): Promise<RedisSingle> {
    return new RedisSingle(
      await RedisConnection.open({
        server,
        kind: "server",
        onAway: (sentence) => notices.failed(server.place, sentence),
        onReady: () => {
          notices.forget(server.place);
          onReady();
        },
      }),
    );
  }

  serverOf(): RedisConnection {
    return this.#connection;
  }

  redirect(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#connection[Symbol.dispose]();
    return Promise.resolve();
  }
}
