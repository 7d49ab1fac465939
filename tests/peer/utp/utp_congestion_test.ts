/**
 * How uTP shares a line (BEP 29, RFC 6817), in virtual time: 20 Mbit/s and 50 ms there and back unless
 * said otherwise.
 *
 * @module
 */
import { Ledbat } from "../../../peer/utp/ledbat.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { someBytes } from "../../support/swarm.ts";
import { type Line, transfer, UtpWorld } from "../../support/utp_world.ts";

const DSL: Line = { seed: 1, loss: 0, double: 0, late: 0, delay: 25, rate: 1.8, queue: 1000 };
const BYTES = someBytes(1 << 20);

/** Keeps sending for so many seconds; bytes that arrived. */
function send(world: UtpWorld, seconds: number, look: () => void = () => {}): number {
  const sink = new Uint8Array(1 << 20);
  let got = 0;
  for (let steps = 0; steps < seconds * 200; steps++) {
    world.step();
    if (world.a.state === "connected") world.a.write(BYTES, world.now);
    got += world.b?.read(sink, world.now) ?? 0;
    look();
  }
  return got;
}

Deno.test("alone it fills the line and keeps the queue near 100 ms", () => {
  const world = new UtpWorld(DSL);
  send(world, 20);
  let worst = 0;
  const got = send(world, 10, () => worst = Math.max(worst, world.a.roundTrip));
  // 1.8 packets a ms carry 2.4 MB/s.
  assert(got / 10 > 2_200_000, `${got / 10} bytes/s`);
  assert(worst > 100 && worst < 190, `${worst} ms there and back`);
});

Deno.test("it gives way to TCP within seconds, and comes back when that is gone", () => {
  // A queue of 280 ms, which TCP fills and uTP does not.
  const world = new UtpWorld({ ...DSL, queue: 500 });
  send(world, 20);
  const tcp = world.addTcp();
  send(world, 5);
  const before = tcp.delivered;
  const beside = send(world, 20) / 20;
  const theirs = (tcp.delivered - before) / 20 / 1800;
  world.tcp = undefined;
  send(world, 10);
  const after = send(world, 10) / 10;
  assert(theirs > 0.8, `TCP has ${theirs} of the line`);
  assert(beside < 400_000, `uTP takes ${beside} bytes/s beside TCP`);
  assert(after > 2_200_000, `${after} bytes/s after it`);
});

Deno.test("2 % of loss leave a third of a megabyte a second", () => {
  const { seconds, world } = transfer({ ...DSL, loss: 0.02 }, 4_000_000);
  assert(seconds < 12, `${seconds} s`);
  // What is sent again is little more than what was lost, of packets and acknowledgements.
  assert(world.packets < 4_000_000 / 1300 * 1.7, `${world.packets} packets`);
});

Deno.test("data after a silence leaves in portions, however large the window is", () => {
  const world = new UtpWorld({ ...DSL, delay: 150 });
  send(world, 30);
  for (let steps = 0; steps < 400; steps++) world.step();
  world.burst = 0;
  // 200 packets, of which half as many as the window has may go within 150 ms.
  world.a.write(BYTES, world.now);
  world.step();
  assert(world.burst > 20 && world.burst < 130, `${world.burst} packets at once`);
});

Deno.test("packets are 1400 bytes long with all headers where that goes, and 1280 elsewhere", () => {
  const IP_AND_UDP = 28;
  const { world: good, seconds } = transfer(DSL, 2_000_000);
  assertEquals(good.longest, 1400 - IP_AND_UDP);
  // Whatever tells that a packet was too long does not get back to us.
  const { world: hole, seconds: inHole } = transfer({ ...DSL, longest: 1280 - IP_AND_UDP }, 2e6);
  assertEquals(hole.longest, 1280 - IP_AND_UDP);
  assert(inHole < seconds * 1.5, `${inHole} s instead of ${seconds} s`);
});

Deno.test("a queue of its own is not taken for the line's delay", () => {
  const ledbat = new Ledbat(1300);
  const acked = (queue: number, from: number, to: number) => {
    for (let now = from; now < to; now += 20) ledbat.acked(1300, 20_000 + queue * 1000, now, true);
    return ledbat.window;
  };
  acked(0, 0, 2000);
  const window = acked(100, 2000, 10_000);
  const later = acked(100, 10_000, 9 * 60_000);
  assert(Math.abs(later - window) < 2 * 1300, `${window} bytes, after minutes ${later}`);
  assert(acked(200, 9 * 60_000, 9 * 60_000 + 5000) < window / 2, "twice the delay costs");
});
