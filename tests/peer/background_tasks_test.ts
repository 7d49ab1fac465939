import { BackgroundTasks } from "../../peer/background_tasks.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("a failure is reported once, and waiting callers do not see it", async () => {
  const faults: unknown[] = [];
  const background = new BackgroundTasks((fault) => void faults.push(fault));
  const late = Promise.withResolvers<void>();
  const ended: string[] = [];
  background.run(Promise.reject("at once"));
  background.run(late.promise.then(() => ended.push("late")));
  background.guard(() => {
    throw "in a timer";
  });
  const settled = background.settled().then(() => ended.push("settled"));
  late.resolve();
  await settled;
  assertEquals(ended, ["late", "settled"]);
  assertEquals(faults, ["in a timer", "at once"]);
  await background.settled();
});

Deno.test("steps are done one after the other, also after one that fails", async () => {
  const did: unknown[] = [];
  const background = new BackgroundTasks((fault) => void did.push(fault));
  await background.each([
    () => Promise.resolve().then(() => did.push("first")),
    () => Promise.reject("second failed"),
    () => {
      throw "third threw";
    },
    () => did.push("fourth"),
  ]);
  assertEquals(did, ["first", "second failed", "third threw", "fourth"]);
});
