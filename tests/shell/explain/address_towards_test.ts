import { assertEquals } from "../../support/assert.ts";
import { addressTowards } from "../../../shell/explain/address_towards.ts";

const OWN = ["127.0.0.1", "::1", "192.168.7.4", "10.0.3.9", "fe80::1", "2001:db8::5"];

Deno.test("our end of a packet is the own address nearest to the other end", () => {
  for (
    const [remote, expected] of [
      ["127.0.0.1", "127.0.0.1"],
      ["127.0.0.9", "127.0.0.1"],
      ["192.168.7.200", "192.168.7.4"],
      ["10.1.2.3", "10.0.3.9"],
      ["2001:db8::9", "2001:db8::5"],
      ["::1", "::1"],
    ] as const
  ) assertEquals(addressTowards(remote, OWN), expected, remote);
  assertEquals(addressTowards("192.0.2.1", []), "127.0.0.1");
  assertEquals(addressTowards("2001:db8::1", ["10.0.0.1"]), "::1");
});
