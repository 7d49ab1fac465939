/**
 * A Redis with a replica and three Sentinels on 127.0.0.1 that go away with the test.
 *
 * @module
 */
import { freePort } from "./free_port.ts";
import { runToEnd, TestProcess } from "./process.ts";
import { RedisServer } from "./redis_server.ts";
import { until } from "./until.ts";

/** A master that is silent for so long (ms) is replaced. */
const DOWN_AFTER = 1000;
const SENTINELS = 3;

/** `await using` kills them. */
export class RedisSentinels implements AsyncDisposable {
  readonly url: string;
  readonly servers: readonly RedisServer[];
  readonly #ports: readonly number[];
  readonly #processes: TestProcess[] = [];

  private constructor(servers: readonly RedisServer[], ports: readonly number[]) {
    this.servers = servers;
    this.#ports = ports;
    this.url = `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(",")}/main`;
  }

  /** Resolves when the Sentinels know each other and the replica, which is in step. */
  static async start(): Promise<RedisSentinels> {
    const master = await RedisServer.start();
    const replica = await RedisServer.prepare();
    const ports = Array.from({ length: SENTINELS }, () => freePort());
    const all = new RedisSentinels([master, replica], ports);
    try {
      await replica.start(["--replicaof", "127.0.0.1", String(master.port)]);
      for (const port of ports) await all.#startSentinel(port);
      for (const port of ports) {
        await until(async () => {
          const known = (await all.#ask(port, "SENTINEL", "MASTER", "main")).split("\n");
          const of = (name: string) => known[known.indexOf(name) + 1];
          return of("num-slaves") === "1" && of("num-other-sentinels") === String(SENTINELS - 1);
        });
      }
      await until(async () =>
        (await replica.command("INFO", "replication")).join("\n").includes("master_link_status:up")
      );
      return all;
    } catch (error) {
      await all[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Has the replica take over, as an operator would. */
  async failover(): Promise<void> {
    // It refuses as long as it has not heard from the replica lately.
    await until(async () =>
      (await this.#ask(this.#ports[0]!, "SENTINEL", "FAILOVER", "main")).startsWith("OK")
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of [...this.#processes, ...this.servers]) await one[Symbol.asyncDispose]();
  }

  async #startSentinel(port: number): Promise<void> {
    const [master] = this.servers;
    const file = master!.at(`sentinel-${port}.conf`);
    await Deno.writeTextFile(
      file,
      [
        `port ${port}`,
        "bind 127.0.0.1",
        `dir "${master!.at("")}"`,
        `sentinel monitor main 127.0.0.1 ${master!.port} 2`,
        `sentinel down-after-milliseconds main ${DOWN_AFTER}`,
        "sentinel failover-timeout main 5000",
        "",
      ].join("\n"),
    );
    const process = new TestProcess("redis-server", [file, "--sentinel"]);
    this.#processes.push(process);
    await process.line(/Sentinel ID is/);
  }

  async #ask(port: number, ...words: readonly string[]): Promise<string> {
    return (await runToEnd("redis-cli", ["-p", String(port), ...words])).stdout;
  }
}
