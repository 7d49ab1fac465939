/**
 * Sentinels, and the master that they name: asked every second, and at once when it turns out to be
 * a replica by now.
 *
 * @module
 */
import { TrackerStartError } from "../contract/start_error.ts";
import { storeAway } from "../swarms/swarm_store.ts";
import type { RedisAddress, RedisServerAddress } from "./redis_address.ts";
import { RedisConnection, type RedisReply, TIMEOUT } from "./redis_connection.ts";
import { type RedisKeys, SERVER_KEYS } from "./redis_keys.ts";
import type { RedisRoute } from "./redis_link.ts";
import type { RedisNotices } from "./redis_notices.ts";

type SentinelAddress = Extract<RedisAddress, { kind: "sentinel" }>;

/** See the module's text. */
export class RedisSentinel implements RedisRoute {
  readonly keys: RedisKeys = SERVER_KEYS;
  readonly #address: SentinelAddress;
  readonly #notices: RedisNotices;
  readonly #onReady: () => void;
  #sentinels: readonly RedisConnection[] = [];
  #master: RedisConnection | undefined;
  #looking: Promise<void> | undefined;
  #watcher: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  private constructor(address: SentinelAddress, notices: RedisNotices, onReady: () => void) {
    this.#address = address;
    this.#notices = notices;
    this.#onReady = onReady;
  }

  /** @throws {TrackerStartError} where they refuse us or know no such master, or it refuses us */
  static async open(
    address: SentinelAddress,
    notices: RedisNotices,
    onReady: () => void,
  ): Promise<RedisSentinel> {
    const route = new RedisSentinel(address, notices, onReady);
    try {
      await route.#begin();
    } catch (error) {
      await route[Symbol.asyncDispose]();
      throw error;
    }
    route.#watcher = setInterval(() => void route.#look().catch(() => {}), TIMEOUT);
    return route;
  }

  serverOf(): RedisConnection {
    if (this.#master === undefined) throw storeAway("no master is known");
    return this.#master;
  }

  async redirect(
    refusal: string,
    server: RedisConnection,
  ): Promise<{ server: RedisConnection; asking: boolean } | undefined> {
    if (!refusal.startsWith("READONLY")) return undefined;
    await this.#look().catch(() => {});
    const master = this.#master;
    return master === undefined || master === server
      ? undefined
      : { server: master, asking: false };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#watcher);
    for (const one of [...this.#sentinels, this.#master]) one?.[Symbol.dispose]();
    await Promise.allSettled([this.#looking]);
  }

  async #begin(): Promise<void> {
    const opened = await Promise.allSettled(
      this.#address.sentinels.map((server) =>
        // One that is away does no harm as long as another is there.
        RedisConnection.open({ server, kind: "sentinel", onAway: () => {}, onReady: () => {} })
      ),
    );
    this.#sentinels = opened.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
    for (const one of opened) if (one.status === "rejected") throw one.reason;
    await this.#look();
  }

  #look(): Promise<void> {
    return this.#looking ??= this.#lookForMaster().finally(() => this.#looking = undefined);
  }

  async #lookForMaster(): Promise<void> {
    const server = await this.#named();
    if (this.#isClosed || server === undefined || server.place === this.#master?.server.place) {
      return;
    }
    const isFirst = this.#master === undefined;
    let isMaster = false;
    const candidate = await RedisConnection.open({
      server,
      kind: "server",
      endures: !isFirst,
      onAway: (sentence) => {
        if (isFirst || isMaster) this.#notices.failed(server.place, `${server.place}: ${sentence}`);
      },
      onReady: () => {
        if (!isMaster) return;
        this.#notices.forget(server.place);
        this.#onReady();
      },
    });
    // A Sentinel may name one before it is a master, or that has not heard that it is none any more.
    const role = await candidate.command(["ROLE"]).catch(() => []) as RedisReply[];
    if (this.#isClosed || String(role[0]) !== "master" && !isFirst) {
      return candidate[Symbol.dispose]();
    }
    const before = this.#master;
    this.#master = candidate;
    isMaster = true;
    before?.[Symbol.dispose]();
    if (!candidate.isUp) return;
    this.#notices.forget(server.place);
    this.#notices.forget(NOBODY);
    if (before !== undefined) this.#notices.forget(before.server.place);
    this.#onReady();
  }

  /** The master that most Sentinels name. @throws {TrackerStartError} where they know none so called */
  async #named(): Promise<RedisServerAddress | undefined> {
    const answers = await Promise.all(
      this.#sentinels.map((one) =>
        one.command(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", this.#address.master])
          .catch(() => undefined)
      ),
    );
    const votes = new Map<string, { server: RedisServerAddress; count: number }>();
    for (const answer of answers) {
      if (!Array.isArray(answer)) continue;
      const server = this.#address.at(String(answer[0]), Number(answer[1]));
      const count = 1 + (votes.get(server.place)?.count ?? 0);
      votes.set(server.place, { server, count });
    }
    const [most] = [...votes.values()].sort((a, b) => b.count - a.count);
    if (most === undefined && this.#master === undefined) {
      if (answers.includes(null)) {
        throw new TrackerStartError(
          `The Sentinels know no master ${this.#address.master}. Check --store`,
        );
      }
      this.#notices.failed(NOBODY, "no Sentinel answers");
    }
    return most?.server;
  }
}

/** What is away while no Sentinel was ever heard of. */
const NOBODY = "sentinels";
