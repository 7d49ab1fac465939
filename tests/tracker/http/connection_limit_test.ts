import { parseIp } from "../../../protocol/address.ts";
import { ConnectionLimit } from "../../../tracker/http/connection_limit.ts";
import { assertEquals } from "../../support/assert.ts";

const ip = (text: string): Uint8Array => parseIp(text)!;

Deno.test("connections are counted by address, and by /64 for IPv6", () => {
  const quota = new ConnectionLimit({ perAddress: 2, total: 100 });
  for (
    const [a, b, other] of [
      ["10.0.0.1", "10.0.0.1", "10.0.0.2"],
      ["2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"],
    ] as const
  ) {
    assertEquals([quota.take(ip(a)), quota.take(ip(b)), quota.take(ip(a))], [
      undefined,
      undefined,
      "address",
    ]);
    assertEquals(quota.take(ip(other)), undefined);
    quota.giveBack(ip(b));
    assertEquals(quota.take(ip(a)), undefined);
  }
  assertEquals(quota.size, 6);
});

Deno.test("this host's own connections are limited only by what all may hold", () => {
  const quota = new ConnectionLimit({ perAddress: 1, total: 4 });
  for (const address of ["127.0.0.1", "127.0.0.1", "::1"]) {
    assertEquals(quota.take(ip(address)), undefined);
  }
  assertEquals(quota.take(ip("10.0.0.1")), undefined);
  assertEquals(quota.take(ip("10.0.0.2")), "all");
  assertEquals(quota.take(ip("127.0.0.1")), "all");
  quota.giveBack(ip("::1"));
  assertEquals(quota.take(ip("10.0.0.2")), undefined);
});
