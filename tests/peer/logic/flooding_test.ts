import { Patience } from "../../../peer/logic/flooding.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { assertThrows } from "../../support/assert.ts";

Deno.test("as many blocks may come as were asked for, however late, and a few more", () => {
  const patience = new Patience();
  for (let n = 0; n < 1000; n++) patience.asked();
  for (let n = 0; n < 1016; n++) patience.came();
  assertThrows(() => patience.came(), ProtocolError, "nobody asked for");
});

Deno.test("idle messages are counted by the second, work is not counted", () => {
  const patience = new Patience();
  for (let n = 0; n < 100_000; n++) patience.heard({ type: "request" });
  for (let second = 0; second < 3; second++) {
    for (let n = 0; n < 500; n++) patience.heard({ type: "unchoke" });
    patience.tick();
  }
  for (let n = 0; n < 500; n++) patience.heard({ type: "interested" });
  assertThrows(() => patience.heard({ type: "keep-alive" }), ProtocolError, "floods");
});
