import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { BURST, ReceiveWindow } from "../../../peer/utp/receive_window.ts";

/** A line of `roundTrip` ms over which the whole window comes each time, at `fastest` bytes a ms. */
function afterSeconds(seconds: number, roundTrip: number, fastest = Infinity): number {
  const window = new ReceiveWindow(0);
  for (let now = 0; now < seconds * 1000; now += roundTrip) {
    window.took(roundTrip, now);
    window.arrived(Math.min(window.bytes, fastest * roundTrip), now);
  }
  return window.bytes;
}

Deno.test("a near sender gets little more than what the system keeps for a busy reader", () => {
  // 100 MB/s on loopback.
  assert(afterSeconds(5, 0.5, 100_000) < 1.8 * BURST);
});

Deno.test("a far sender's window grows by a burst a round trip, up to what the line holds and a burst", () => {
  assert(afterSeconds(2, 100) > 10 * BURST);
  const held = 2000 * 100;
  const window = afterSeconds(20, 100, 2000);
  assert(Math.abs(window - held - BURST) < 0.1 * held, `${window}`);
});

Deno.test("never less than a burst, whatever comes when", () => {
  const step = fc.record({
    bytes: fc.nat(2 ** 20),
    roundTrip: fc.double({ min: 0, max: 60_000, noNaN: true }),
    pause: fc.double({ min: 0, max: 30_000, noNaN: true }),
  });
  fc.assert(fc.property(fc.array(step), (steps) => {
    const window = new ReceiveWindow(0);
    let now = 0;
    for (const { bytes, roundTrip, pause } of steps) {
      now += pause;
      window.arrived(bytes, now);
      assert(window.bytes >= BURST);
      window.took(roundTrip, now);
      assert(Number.isSafeInteger(window.bytes) && window.bytes >= BURST);
    }
  }));
});

Deno.test("a way that became longer is believed after a while", () => {
  const window = new ReceiveWindow(0);
  for (let now = 0; now <= 1000; now += 100) {
    window.took(1, now);
    window.arrived(100_000, now);
  }
  assertEquals(window.bytes, BURST + 1000);
  for (let now = 1100; now <= 30_000; now += 100) {
    window.took(100, now);
    window.arrived(100_000, now);
  }
  assertEquals(window.bytes, BURST + 100_000);
});
