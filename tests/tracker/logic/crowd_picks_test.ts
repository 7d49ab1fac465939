import { putAmong } from "../../../tracker/logic/crowd_picks.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("picked records take places of others, each once", () => {
  for (const random of [0, 0.3, 0.99]) take(random);
});

function take(random: number): void {
  const into = Uint8Array.of(0, 1, 2, 3, 4, 5, 6);
  putAmong(into, [1, 6], 1, [5, 9, 1, 8].map((byte) => Uint8Array.of(byte)), random);
  assertEquals([into[0], into[6]], [0, 6]);
  const among = [...into.subarray(1, 6)];
  for (const byte of [5, 9, 1, 8]) assertEquals(among.filter((one) => one === byte).length, 1);
  putAmong(into, [1, 3], 1, [20, 21, 22, 23].map((byte) => Uint8Array.of(byte)), random);
  assertEquals([...into.subarray(1, 3)].sort(), [20, 21]);
}
