import fc from "fast-check";
import { decodeUtp, UtpType } from "../../../protocol/utp_packet.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";
import { someBytes } from "../../support/swarm.ts";
import { type Line, transfer, UtpWorld } from "../../support/utp_world.ts";

Deno.test("a stream arrives whole and in order over any line", () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.integer({ min: 1, max: 1 << 30 }),
        loss: fc.constantFrom(0, 0.01, 0.1, 0.25),
        double: fc.constantFrom(0, 0.05),
        late: fc.constantFrom(0, 0.05, 0.3),
        delay: fc.integer({ min: 0, max: 150 }),
        rate: fc.constantFrom(0.5, 5, 50),
        queue: fc.constantFrom(20, 200),
      }),
      fc.integer({ min: 1, max: 150_000 }),
      (line, size) => void transfer(line, size),
    ),
    { seed: 29, numRuns: 60 },
  );
});

const GOOD: Line = { seed: 1, loss: 0, double: 0, late: 0, delay: 20, rate: 10, queue: 1000 };

Deno.test("a clean line is filled, and nothing is sent twice", () => {
  const { world, seconds } = transfer(GOOD, 8_000_000);
  // 10 packets a ms are 13.5 MB/s.
  assert(seconds < 1.6, `${seconds} s`);
  assert(world.packets < 8_000_000 / 1350 * 1.6, `${world.packets} packets`);
});

Deno.test("a line with 1 % of loss is still of use", () => {
  const { seconds } = transfer({ ...GOOD, loss: 0.01 }, 2_000_000);
  assert(seconds < 15, `${seconds} s`);
});

Deno.test("the queue of a slow line stays short: others get through", () => {
  const world = new UtpWorld({ ...GOOD, rate: 1, queue: 10_000 });
  const bytes = someBytes(1 << 20);
  const sink = new Uint8Array(1 << 20);
  let worst = 0;
  for (let steps = 0; steps < 4000; steps++) {
    world.step();
    if (world.a.state === "connected") world.a.write(bytes, world.now);
    world.b?.read(sink, world.now);
    // After the first seconds, in which the window finds its size.
    if (steps > 2000) worst = Math.max(worst, world.a.roundTrip);
  }
  assert(worst > 60 && worst < 300, `${worst} ms`);
});

Deno.test("a reader that does not read stops the writer, and reading lets it go on", () => {
  const world = new UtpWorld(GOOD);
  const bytes = someBytes(1 << 20);
  let written = 0;
  const stepAndWrite = (): void => {
    world.step();
    if (world.a.state === "connected") written += world.a.write(bytes, world.now);
  };
  for (let steps = 0; steps < 10_000; steps++) stepAndWrite();
  assert(written < 2 << 20, `${written} bytes`);
  assertEquals(world.a.state, "connected");
  let read = 0;
  const buffer = new Uint8Array(1 << 16);
  for (let steps = 0; steps < 2000; steps++) {
    stepAndWrite();
    for (let count; (count = world.b!.read(buffer, world.now) ?? 0) > 0;) read += count;
  }
  assert(read > 5 << 20, `${read} bytes`);
});

Deno.test("no answer: given up after two more tries; gone later: timed out; reset: at once", () => {
  const alone = new UtpWorld({ ...GOOD, loss: 1 });
  while (alone.a.state !== "closed") alone.step();
  assertEquals([alone.a.failure, alone.packets], ["timed out", 3]);
  assert(alone.now < 20_000);

  const left = new UtpWorld(GOOD);
  for (; !isIn(left, "connected");) left.step();
  left.b = undefined;
  left.a.write(someBytes(5000), left.now);
  for (; !isIn(left, "closed");) left.step();
  assertEquals(left.a.failure, "timed out");

  const reset = new UtpWorld(GOOD);
  while (reset.a.state !== "connected") reset.step();
  const nothing = { timestamp: 0, timestampDifference: 0, windowSize: 0, seqNr: 0, ackNr: 0 };
  const rest = { selectiveAck: undefined, payload: new Uint8Array() };
  reset.a.receive({ type: UtpType.reset, connectionId: 0, ...nothing, ...rest }, reset.now);
  assertEquals([reset.a.state, reset.a.failure], ["closed", "reset"]);
});

Deno.test("a connection stays within its bounds whatever packets it gets", () => {
  const random = seededRandom(7);
  const world = new UtpWorld(GOOD);
  while (world.b === undefined || world.a.state !== "connected") world.step();
  for (let i = 0; i < 20_000; i++) {
    const bytes = Uint8Array.from({ length: 20 + Math.floor(random() * 60) }, () => random() * 256);
    bytes[0] = Math.floor(random() * 5) << 4 | 1;
    if (random() < 0.7) bytes[1] = 0;
    const packet = decodeUtp(bytes);
    if (packet === undefined || packet.type === UtpType.reset) continue;
    world.b.receive(packet, world.now);
    if (i % 50 === 0) world.step();
  }
  assert(["connected", "closed", "closing"].includes(world.b.state));
});

/** A function, so that the compiler does not believe the state constant. */
function isIn({ a }: UtpWorld, state: string): boolean {
  return a.state === state;
}
