/**
 * The store on a Redis Cluster of three nodes does what every store does.
 *
 * @module
 */
import { CLUSTER_KEYS } from "../../../tracker/redis/redis_keys.ts";
import { RedisStore } from "../../../tracker/redis/redis_store.ts";
import type { SwarmStore } from "../../../tracker/contract/ports.ts";
import { isInstalled } from "../../support/other_clients.ts";
import { RedisNodes } from "../../support/redis_cluster.ts";
import { testStore } from "../store_conformance.ts";

const ignore = !await isInstalled("redis-server", "redis-server");
let cluster: RedisNodes | undefined;

Deno.test.beforeAll(async () => {
  if (!ignore) cluster = await RedisNodes.start();
});

Deno.test.afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
});

/** A store on the nodes of this file, with nothing in it. */
async function start(maxEmpty?: number): Promise<SwarmStore> {
  await cluster!.flush();
  return await RedisStore.open({
    url: cluster!.url,
    onChange: (sentence) => {
      throw new Error(sentence);
    },
    host: "here",
    // Each partition has its share.
    ...(maxEmpty === undefined ? {} : { maxEmpty: maxEmpty * CLUSTER_KEYS.roots.length }),
  });
}

testStore("Redis Cluster", start, { ignore, rounds: 1 });
