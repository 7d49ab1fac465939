import { Autosave } from "../../../peer/torrent/autosave.ts";
import { assertEquals } from "../../support/assert.ts";

/** An autosave whose writes are noted, and end when they are told to. */
function noted(): { autosave: Autosave; saves: boolean[] } {
  const saves: boolean[] = [];
  const autosave = new Autosave((clean) => {
    saves.push(clean);
    return Promise.resolve();
  });
  return { autosave, saves };
}

Deno.test("a verified piece is saved within 15 s, together with those that follow it", async () => {
  const { autosave, saves } = noted();
  await autosave.tick(0);
  assertEquals(saves.length, 0);
  autosave.later();
  await autosave.tick(1000);
  assertEquals(saves, [false]);
  autosave.later();
  await autosave.tick(1001);
  await autosave.tick(15_999);
  assertEquals(saves.length, 1);
  await autosave.tick(16_000);
  assertEquals(saves.length, 2);
  await autosave.tick(40_000);
  assertEquals(saves.length, 2);
});

Deno.test("a person's choice is saved with the next tick", async () => {
  const { autosave, saves } = noted();
  autosave.later();
  await autosave.tick(1000);
  autosave.soon();
  await autosave.tick(1001);
  assertEquals(saves.length, 2);
});

Deno.test("two saves never overlap: the last one to be asked for is written last", async () => {
  const order: string[] = [];
  const gates: (() => void)[] = [];
  const autosave = new Autosave((clean) => {
    order.push(`begin ${clean}`);
    return new Promise((resolve) =>
      gates.push(() => {
        order.push(`end ${clean}`);
        resolve();
      })
    );
  });
  const first = autosave.save(false);
  const last = autosave.save(true);
  await Promise.resolve();
  gates[0]!();
  await first;
  await Promise.resolve();
  gates[1]!();
  await last;
  assertEquals(order, ["begin false", "end false", "begin true", "end true"]);
});
