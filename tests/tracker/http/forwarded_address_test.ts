import { formatIp } from "../../../protocol/address.ts";
import { forwardedAddress } from "../../../tracker/http/forwarded_address.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("the address is the one that our outermost proxy saw, never the client's claim", () => {
  const cases: [header: string | undefined, proxies: number, address: string | undefined][] = [
    ["6.6.6.6, 192.0.2.7", 1, "192.0.2.7"],
    ["6.6.6.6, 192.0.2.7, 10.0.0.1", 2, "192.0.2.7"],
    ["192.0.2.7", 2, undefined],
    ["192.0.2.7", 0, undefined],
    [undefined, 1, undefined],
    ["", 1, undefined],
    ["192.0.2.7, unknown", 1, undefined],
    ["192.0.2.7:4711", 1, "192.0.2.7"],
    ["[2001:db8::7]:4711", 1, "2001:db8::7"],
    ["[2001:db8::7]", 1, "2001:db8::7"],
    ["2001:db8::7", 1, "2001:db8::7"],
    ["::ffff:192.0.2.7", 1, "192.0.2.7"],
  ];
  for (const [header, proxies, address] of cases) {
    const found = forwardedAddress(header, proxies);
    assertEquals(found && formatIp(found), address, `${header} behind ${proxies}`);
  }
});
