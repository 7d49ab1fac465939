import { RedisStore } from "../../../tracker/io/redis_store.ts";
import type { SwarmStore } from "../../../tracker/ports.ts";
import { isInstalled } from "../../support/other_clients.ts";
import { RedisServer } from "../../support/redis_server.ts";
import { testStore } from "../store_conformance.ts";

const ignore = !await isInstalled("redis-server", "redis-server");

/** A store on a server of its own, which ends with it. */
async function start(maxEmpty?: number): Promise<SwarmStore> {
  const server = await RedisServer.start();
  const store = await RedisStore.open({
    url: `${server.url}/3`,
    onChange: () => {},
    host: "here",
    ...(maxEmpty === undefined ? {} : { maxEmpty }),
  });
  const close = store[Symbol.asyncDispose].bind(store);
  store[Symbol.asyncDispose] = async () => {
    await close();
    await server[Symbol.asyncDispose]();
  };
  return store;
}

testStore("Redis", start, { ignore, rounds: 2 });
