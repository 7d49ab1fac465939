/**
 * Jitter and loss of one pair (`net.pairs`) through wires. Only what no slow machine can break: it
 * makes everything later, and nothing earlier.
 *
 * @module
 */
import { lossyRate } from "../../../lab/real/delay_line.ts";
import { RealWorld } from "../../../lab/real/real_world.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { eventsOf } from "../events_of.ts";
import { member, planOf, seed } from "./real_plan.ts";

const EXACT = { latency: 20, jitter: 0, loss: 0 };

Deno.test("a wire that loses segments is no faster than TCP would be, whichever end of the pair sends", async () => {
  const loss = 0.02;
  const size = 1_000_000;
  const pieces = Array.from({ length: Math.ceil(size / 65_536) }, (_, piece) => piece);
  const record = await new RealWorld().run(planOf([
    member("here", { haveAtStart: 1, lacks: pieces.filter((piece) => piece % 2 === 1) }),
    member("there", { haveAtStart: 1, lacks: pieces.filter((piece) => piece % 2 === 0) }),
  ], {
    content: { size, pieceLength: 65_536 },
    net: { ...EXACT, pairs: [{ between: [["here"], ["there"]], loss }] },
  }));
  for (const from of ["here", "there"]) {
    const blocks = eventsOf(record, "block").filter((block) => block.from === from);
    let bytes = 0;
    for (const { t, length } of blocks) {
      bytes += length;
      const least = bytes / lossyRate({ ...EXACT, loss });
      assert(t >= least, `${bytes} bytes from ${from} after ${t} ms: ${least} at least`);
    }
    assert(bytes >= size / 2 - 65_536, `${bytes} bytes from ${from}`);
  }
  assertEquals(eventsOf(record, "completed").length, 2);
});

Deno.test("what a wire with jitter carries comes sooner or later than usual, and in order", async () => {
  const [latency, jitter] = [300, 250];
  const record = await new RealWorld().run(planOf([seed(), member("vt")], {
    net: { ...EXACT, latency, pairs: [{ between: [["vt"], ["seed"]], jitter }] },
    listenedTo: ["seed", "vt"],
  }));
  assertEquals(eventsOf(record, "completed").map(({ who }) => who), ["vt"]);
  for (const from of ["seed", "vt"]) {
    const heard = eventsOf(record, "heard").filter((message) => message.from === from);
    const delays = heard.map(({ t, saidAt }) => t - saidAt);
    // Timers go off up to a millisecond early.
    assert(Math.min(...delays) >= latency - jitter - 1, `${Math.min(...delays)} ms from ${from}`);
    assert(Math.min(...delays) < latency, `${Math.min(...delays)} ms from ${from}: no jitter`);
    const said = heard.map(({ saidAt }) => saidAt);
    assertEquals(said, said.toSorted((one, two) => one - two), from);
  }
});
