/**
 * A Redis Cluster of three on 127.0.0.1, with or without replicas, that goes away with the test.
 *
 * @module
 */
import { ClaimedPort } from "../../lab/programs/claimed_port.ts";
import { slotOf } from "../../tracker/redis/redis_slots.ts";
import { until } from "./until.ts";
import { runToEnd } from "./process.ts";
import { RedisServer } from "./redis_server.ts";

const MASTERS = 3;
/** A node that is silent for so long (ms) is replaced; where nobody can, a busy machine is no failure. */
const NODE_TIMEOUT = { replaced: 2000, alone: 15_000 };
/** A replica that could not take over for so long (ms) has given up. */
const FAILOVER_TIMEOUT = 6000;

/** `await using` kills it. */
export class RedisNodes implements AsyncDisposable {
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  readonly #claims: readonly ClaimedPort[];
  readonly #nodeTimeout: number;

  private constructor(nodes: readonly RedisServer[], claims: readonly ClaimedPort[]) {
    this.nodes = nodes;
    this.#claims = claims;
    this.#nodeTimeout = nodes.length > MASTERS ? NODE_TIMEOUT.replaced : NODE_TIMEOUT.alone;
    this.url = `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
  }

  /** Resolves when all slots are served. */
  static async start(replicas: 0 | 1 = 0): Promise<RedisNodes> {
    const claims = Array.from({ length: MASTERS * (1 + replicas) }, () => ClaimedPort.any());
    const servers = await Promise.all(claims.map(({ port }) => RedisServer.prepare(port)));
    const cluster = new RedisNodes(servers, claims);
    try {
      await Promise.all(servers.map((node) => cluster.startNode(node)));
      await cluster.manage(
        "create",
        ...servers.map(({ port }) => `127.0.0.1:${port}`),
        "--cluster-replicas",
        String(replicas),
      );
      await cluster.settled();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts a node, or starts it again: what it held is lost, its place in the cluster is not. */
  startNode(node: RedisServer): Promise<void> {
    const timeout = ["--cluster-node-timeout", String(this.#nodeTimeout)];
    return node.start([
      "--cluster-enabled",
      "yes",
      // The others go on while one is away.
      "--cluster-require-full-coverage",
      "no",
      "--repl-diskless-sync-delay",
      "0",
      ...timeout,
    ]);
  }

  /** Resolves when every node that runs finds all slots served and, with replicas, all in step. */
  async settled(): Promise<void> {
    for (const node of this.nodes) {
      await until(async () => {
        const info = (await node.command("CLUSTER", "INFO")).join("\n");
        const link = (await node.command("INFO", "replication")).join("\n");
        return info.includes("cluster_state:ok") && !link.includes("master_link_status:down");
      });
    }
  }

  /** `redis-cli --cluster …`, without questions. */
  async manage(what: string, ...args: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await runToEnd("redis-cli", [
      "--cluster",
      what,
      ...args,
      "--cluster-yes",
    ]);
    if (code !== 0) throw new Error(stdout + stderr);
  }

  /** The master that has a key, and another one. */
  async mastersFor(key: string): Promise<[owner: RedisServer, other: RedisServer]> {
    const slot = slotOf(key);
    const lines = (await this.nodes[0]!.command("CLUSTER", "NODES"))
      .filter((line) => / (myself,)?master /.test(line) && !/fail/.test(line));
    const isOwner = (line: string) =>
      line.split(" ").slice(8).some((range) => {
        const [first, last = first] = range.split("-").map(Number);
        return first! <= slot && slot <= last!;
      });
    const node = (line: string | undefined) => {
      const port = Number(/127\.0\.0\.1:(\d+)/.exec(line ?? "")?.[1]);
      return this.nodes.find((one) => one.port === port)!;
    };
    return [node(lines.find(isOwner)), node(lines.find((line) => !isOwner(line)))];
  }

  /** Has a replica take its master's place, as an operator would; resolves when it has it. */
  async failover(replica: RedisServer): Promise<void> {
    let askedAt = -Infinity;
    await until(async () => {
      if ((await replica.command("ROLE"))[0] === "master") return true;
      if (performance.now() - askedAt > FAILOVER_TIMEOUT) {
        askedAt = performance.now();
        await replica.command("CLUSTER", "FAILOVER");
      }
      return false;
    });
  }

  /** Forgets all that was stored. */
  async flush(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.command("FLUSHALL")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
    for (const claim of this.#claims) await claim[Symbol.asyncDispose]();
  }
}
