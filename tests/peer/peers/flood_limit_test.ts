import { FloodLimit } from "../../../peer/peers/flood_limit.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

Deno.test("as many blocks may come as were asked for, however late, and a few more", () => {
  const patience = new FloodLimit();
  for (let n = 0; n < 1000; n++) patience.asked();
  for (let n = 0; n < 1016; n++) patience.came();
  assertThrows(() => patience.came(), ProtocolError, "did not request");
});

Deno.test("idle messages are counted by the second, work is not counted", () => {
  const patience = new FloodLimit();
  for (let n = 0; n < 100_000; n++) patience.heard({ type: "request" });
  for (let second = 0; second < 3; second++) {
    for (let n = 0; n < 500; n++) patience.heard({ type: "keep-alive" });
    patience.tick();
  }
  for (let n = 0; n < 500; n++) patience.heard({ type: "interested" });
  assertThrows(() => patience.heard({ type: "keep-alive" }), ProtocolError, "floods");
});

Deno.test("a message costs by the work it makes", () => {
  const until = (say: (patience: FloodLimit) => void) => {
    const patience = new FloodLimit();
    let said = 0;
    assertThrows(() => {
      for (; said < 100_000; said++) say(patience);
    }, ProtocolError);
    return said;
  };
  for (const type of ["choke", "unchoke", "bitfield", "have-all", "port"] as const) {
    assertEquals(until((patience) => patience.heard({ type })), 50, type);
  }
  assertEquals(until((patience) => patience.heard({ type: "extended", id: 0 })), 50);
  assertEquals(until((patience) => patience.heard({ type: "extended", id: 99 })), 500);
  assertEquals(until((patience) => patience.inVain()), 5000);
});

Deno.test("to have everything is news now and then, to have nothing is none (BEP 6)", () => {
  const patience = new FloodLimit();
  for (let n = 0; n < 1000; n++) patience.repeated({ hasAll: false, hasNone: false });
  for (let n = 0; n < 16; n++) patience.repeated({ hasAll: true, hasNone: false });
  assertThrows(() => patience.repeated({ hasAll: true, hasNone: false }), ProtocolError);
  assertThrows(() => new FloodLimit().repeated({ hasAll: false, hasNone: true }), ProtocolError);
});
