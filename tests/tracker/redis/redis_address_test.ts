import { parseRedisAddress } from "../../../tracker/redis/redis_address.ts";
import { TrackerOptionError } from "../../../tracker/contract/start_error.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

Deno.test("one server: its port, database and login, which messages do not show", () => {
  const of = (text: string) => {
    const address = parseRedisAddress(text);
    return address.kind === "server" ? [address.server.url, address.server.place] : [];
  };
  assertEquals(of("redis://localhost"), ["redis://localhost:6379", "localhost:6379"]);
  assertEquals(of("rediss://me:p%40s@[::1]:7/2"), ["rediss://me:p%40s@[::1]:7/2", "[::1]:7/2"]);
  assertEquals(of("redis://:p@host/0"), ["redis://:p@host:6379/0", "host:6379"]);
});

Deno.test("a cluster: its nodes, and how the others are reached", () => {
  const address = parseRedisAddress("rediss+cluster://me:p@a:1,b");
  assertEquals(address.kind, "cluster");
  if (address.kind !== "cluster") return;
  assertEquals(address.nodes.map(({ url }) => url), ["rediss://me:p@a:1", "rediss://me:p@b:6379"]);
  assertEquals(address.at("::1", 7).url, "rediss://me:p@[::1]:7");
});

Deno.test("Sentinels are asked without the login of the master that they name", () => {
  const address = parseRedisAddress("redis+sentinel://me:p@a,b:2/my%20master/3");
  assertEquals(address.kind, "sentinel");
  if (address.kind !== "sentinel") return;
  assertEquals(address.sentinels.map(({ url }) => url), ["redis://a:26379", "redis://b:2"]);
  assertEquals(address.master, "my master");
  assertEquals(address.at("c", 9), { url: "redis://me:p@c:9/3", place: "c:9/3" });
});

for (
  const wrong of [
    "redis://a,b",
    "redis+cluster://a/1",
    "redis+cluster://a,",
    "redis+cluster://a:x",
    "redis+sentinel://a",
    "redis+sentinel://a/",
    "redis+sentinel://a/main/x",
    "redis+sentinel://a/%zz",
    "redis+other://a",
    "redis://a/1?x",
    "redis://me:p@q@a",
  ]
) {
  Deno.test(`${wrong} is refused with the forms that there are`, () => {
    assertThrows(
      () => parseRedisAddress(wrong),
      TrackerOptionError,
      "write redis://HOST:PORT, or redis://HOST:PORT/DB, redis+cluster://HOST:PORT,HOST:PORT",
    );
  });
}
