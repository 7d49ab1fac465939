import { LoopTurns } from "../../loop/loop_turns.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("loops that always have something to read work for one turn's time together", async () => {
  let ms = 0;
  let waiting: (() => void)[] = [];
  const turns = new LoopTurns({
    now: () => ms,
    pause: () => new Promise<void>((resolve) => waiting.push(resolve)),
    length: 8,
  });
  const log: string[] = [];
  const loop = async (name: string) => {
    for (let read = 0; read < 6; read++) {
      for (let turn; (turn = turns.due()) !== undefined;) await turn;
      await Promise.resolve();
      ms += 3;
      log.push(name);
    }
  };
  const loops = Promise.all(["a", "b", "c"].map(loop));
  const perTurn: string[] = [];
  for (;;) {
    for (let i = 0; i < 50; i++) await Promise.resolve();
    if (log.length > 0) perTurn.push(log.splice(0).join(""));
    if (waiting.length === 0) break;
    const due = waiting;
    waiting = [];
    for (const resolve of due) resolve();
  }
  await loops;
  // None has more than its share, and no turn more than 8 ms and what was begun in it.
  assertEquals(perTurn.join("").length, 18);
  assertEquals(perTurn.filter((turn) => turn.length > 5), []);
  for (const name of "abc") assertEquals(perTurn.join("").split(name).length - 1, 6);
});

Deno.test("a loop that reads now and then waits for a turn at most once in its time", async () => {
  let ms = 0;
  let pauses = 0;
  const turns = new LoopTurns({
    now: () => ms,
    pause: () => {
      pauses++;
      return Promise.resolve();
    },
  });
  for (let read = 0; read < 100; read++) {
    for (let turn; (turn = turns.due()) !== undefined;) await turn;
    ms++;
  }
  assertEquals(pauses, 12);
});

Deno.test("many small reads look at the clock now and then, and still leave turns", async () => {
  let ms = 0;
  let looks = 0;
  let pauses = 0;
  const turns = new LoopTurns({
    now: () => {
      looks++;
      return ms;
    },
    pause: () => {
      pauses++;
      return Promise.resolve();
    },
  });
  for (let read = 0; read < 800; read++) {
    for (let turn; (turn = turns.dueNowAndThen()) !== undefined;) await turn;
    ms += 0.5;
  }
  assertEquals(looks < 200, true);
  assertEquals(pauses > 25, true);
});
