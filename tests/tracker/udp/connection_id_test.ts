import { createHmac } from "node:crypto";
import fc from "fast-check";
import {
  CONNECTION_WINDOW,
  connectionId,
  isConnectionId,
  type KeyedHash,
} from "../../../tracker/udp/connection_id.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const keyed = (key: string): KeyedHash => (message) =>
  createHmac("sha256", key).update(message).digest();
const hash = keyed("secret");
const address = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
);
const time = fc.integer({ min: CONNECTION_WINDOW, max: 4_102_444_800_000 });

Deno.test("an ID is good for a window after it was given, and never after two", () => {
  fc.assert(
    fc.property(address, time, fc.nat(3 * CONNECTION_WINDOW), (from, at, later) => {
      const id = connectionId(from, at, hash);
      const isGood = isConnectionId(id, from, at + later, hash);
      if (later <= CONNECTION_WINDOW) assert(isGood, `refused after ${later} ms`);
      if (later >= 2 * CONNECTION_WINDOW) assert(!isGood, `accepted after ${later} ms`);
    }),
    { seed: 15, numRuns: 500 },
  );
});

Deno.test("an ID is good for one address and one tracker only", () => {
  fc.assert(
    fc.property(address, address, time, (from, other, now) => {
      const id = connectionId(from, now, hash);
      const isSame = from.length === other.length && from.every((byte, i) => byte === other[i]);
      assertEquals(isConnectionId(id, other, now, hash), isSame);
      assert(!isConnectionId(id, from, now, keyed("another secret")));
      assert(!isConnectionId(id ^ 1n, from, now, hash));
    }),
    { seed: 15, numRuns: 500 },
  );
});

Deno.test("an ID from a clock that was set back later is not good", () => {
  const from = Uint8Array.of(127, 0, 0, 1);
  const id = connectionId(from, 10 * CONNECTION_WINDOW, hash);
  assert(!isConnectionId(id, from, 9 * CONNECTION_WINDOW, hash));
});
