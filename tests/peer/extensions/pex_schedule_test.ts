import type { PexPeer } from "../../../protocol/extension_message.ts";
import { isInScope } from "../../../peer/destination/address_scope.ts";
import { PexSchedule } from "../../../peer/extensions/pex_schedule.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

const MINUTE = 60_000;

function peers(from: number, to: number): PexPeer[] {
  return Array.from({ length: to - from }, (_, i) => {
    const n = from + i;
    return { host: `198.51.100.${n % 250}`, port: 1000 + n, flags: 0 };
  });
}

Deno.test("the first message names who is connected, later ones what changed, once a minute", () => {
  const pex = new PexSchedule("203.0.113.1");
  assertEquals(pex.next([], 0), undefined, "nothing to tell");
  assertEquals(pex.next(peers(0, 3), 1000), { added: peers(0, 3), dropped: [] });
  assertEquals(pex.next(peers(1, 4), 1000 + MINUTE - 1), undefined, "too soon");
  const second = pex.next(peers(1, 4), 1000 + MINUTE)!;
  assertEquals(second.added, peers(3, 4));
  assertEquals(second.dropped.map(({ port }) => port), [1000]);
  assertEquals(pex.next(peers(1, 4), 1000 + 9 * MINUTE), undefined, "nothing changed");
});

Deno.test("no message names more than 50 that came and 50 that went", () => {
  const pex = new PexSchedule("203.0.113.1");
  assertEquals(pex.next(peers(0, 120), 0)!.added, peers(0, 50));
  assertEquals(pex.next(peers(0, 120), MINUTE)!.added, peers(50, 100));
  const third = pex.next(peers(100, 120), 2 * MINUTE)!;
  assertEquals([third.added.length, third.dropped.length], [20, 50]);
  assertEquals(pex.next(peers(100, 120), 3 * MINUTE)!.dropped.length, 50);
});

Deno.test("a peer that sends too often is ignored, then dropped", () => {
  const pex = new PexSchedule("203.0.113.1");
  const message = { added: peers(0, 1), dropped: [] };
  const taken = Array.from({ length: 10 }, () => pex.take(message, 0).length);
  assertEquals(taken, [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  assertEquals(pex.take(message, 10 * MINUTE).length, 1, "it came to its senses");
  assertThrows(
    () => {
      for (let i = 0; i < 10; i++) pex.take(message, 10 * MINUTE);
    },
    Error,
    "floods",
  );
});

Deno.test("no peer fills the pool alone", () => {
  const pex = new PexSchedule("203.0.113.1");
  let taken = 0;
  for (let i = 0; i < 20; i++) {
    taken += pex.take({ added: peers(50 * i, 50 * i + 50), dropped: [] }, i * MINUTE).length;
  }
  assertEquals(taken, 200);
});

Deno.test("addresses are believed and told only inside their scope", () => {
  const at = (host: string, port = 6881) => ({ host, port });
  const cases: [{ host: string; port: number }, string, boolean][] = [
    [at("198.51.100.7"), "203.0.113.1", true],
    [at("192.168.1.7"), "203.0.113.1", false],
    [at("127.0.0.1"), "203.0.113.1", false],
    [at("127.0.0.1"), "192.168.1.5", false],
    [at("127.0.0.1"), "127.0.0.9", true],
    [at("192.168.1.7"), "10.0.0.5", true],
    [at("198.51.100.7"), "127.0.0.1", true],
    [at("fe80::1"), "fe80::2", true],
    [at("::1"), "2001:db8::1", false],
    [at("224.0.0.1"), "127.0.0.1", false],
    [at("255.255.255.255"), "127.0.0.1", false],
    [at("0.0.0.0"), "127.0.0.1", false],
    [at("198.51.100.7", 0), "203.0.113.1", false],
    [at("a.name.example"), "127.0.0.1", false],
  ];
  for (const [address, other, expected] of cases) {
    assertEquals(isInScope(address, other), expected, `${address.host} told by ${other}`);
  }
});
