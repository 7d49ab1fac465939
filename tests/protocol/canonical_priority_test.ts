import fc from "fast-check";
import { canonicalPriority } from "../../protocol/canonical_priority.ts";
import { parseIp } from "../../protocol/address.ts";
import { assert, assertEquals, assertNotEquals } from "../support/assert.ts";

function priority(a: string, b: string, portA = 0, portB = 0): number {
  return canonicalPriority({ ip: parseIp(a)!, port: portA }, { ip: parseIp(b)!, port: portB });
}

Deno.test("canonicalPriority() gives the values of BEP 40", () => {
  assertEquals(priority("123.213.32.10", "98.76.54.32"), 0xec2d7224);
  assertEquals(priority("123.213.32.10", "123.213.32.234"), 0x99568189);
});

Deno.test("canonicalPriority() is the same from both ends", () => {
  const ip = fc.oneof(fc.ipV4(), fc.constant("10.0.0.1"));
  const port = fc.integer({ min: 1, max: 65535 });
  fc.assert(
    fc.property(ip, ip, port, port, (a, b, portA, portB) => {
      const there = priority(a, b, portA, portB);
      assertEquals(priority(b, a, portB, portA), there);
      assert(there >= 0 && there < 2 ** 32);
    }),
    { seed: 40, numRuns: 500 },
  );
});

Deno.test("canonicalPriority() looks at ports only between equal addresses", () => {
  assertEquals(priority("10.0.0.1", "10.9.0.2", 1, 2), priority("10.0.0.1", "10.9.0.2", 3, 4));
  assertNotEquals(priority("10.0.0.1", "10.0.0.1", 1, 2), priority("10.0.0.1", "10.0.0.1", 1, 3));
});

Deno.test("canonicalPriority() counts the more of an address the nearer it is", () => {
  // Another /16: only every second bit of the last two bytes counts.
  assertEquals(priority("1.2.3.4", "5.6.0.0"), priority("1.2.3.4", "5.6.170.170"));
  // Within the /16 the third byte counts in full, within the /24 all of it.
  assertNotEquals(priority("1.2.3.4", "1.2.0.0"), priority("1.2.3.4", "1.2.170.0"));
  assertEquals(priority("1.2.3.4", "1.2.9.0"), priority("1.2.3.4", "1.2.9.170"));
  assertNotEquals(priority("1.2.3.4", "1.2.3.0"), priority("1.2.3.4", "1.2.3.170"));
  // IPv6: beyond the /48 likewise.
  assertEquals(priority("2001:db8::1", "2a00:1:1::"), priority("2001:db8::1", "2a00:1:1:aa::aaaa"));
  assertNotEquals(
    priority("2001:db8::1", "2001:db8:0:0::2"),
    priority("2001:db8::1", "2001:db8:0:aa00::2"),
  );
});
