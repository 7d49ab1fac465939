import { EventStream, type StreamEvent, Told } from "../../../shell/dashboard/event_stream.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";

/** Somebody who listens: what was written, and how to be slow or leave. */
function listener(write: (text: string) => Promise<void> | void) {
  const abort = new AbortController();
  return {
    leave: () => abort.abort(),
    stream: {
      signal: abort.signal,
      write: async (bytes: Uint8Array) => await write(new TextDecoder().decode(bytes)),
    },
  };
}

const HERE = "127.0.0.1";

Deno.test("EventStream looks only while somebody listens, once for all", async () => {
  let looks = 0;
  using events = new EventStream(() => ++looks);
  assertEquals(looks, 0);
  const heard: string[][] = [[], []];
  const { promise, resolve } = Promise.withResolvers<void>();
  const both = heard.map((texts) =>
    listener((text) => {
      texts.push(text);
      if (heard.every(({ length }) => length >= 2)) resolve();
    })
  );
  const tell = (look: number): StreamEvent[] => [{ event: "look", data: { look } }];
  const streams = both.map(({ stream }) => events.reply(tell, HERE).stream!(stream));
  await promise;
  assertEquals(heard.map(([, second]) => second), [
    'event: look\ndata: {"look":3}\n\n',
    'event: look\ndata: {"look":3}\n\n',
  ]);
  for (const { leave } of both) leave();
  await Promise.all(streams);
  assertEquals([events.size, looks], [0, 3]);
});

Deno.test("EventStream piles nothing up for the slow", async () => {
  const rounds = Promise.withResolvers<void>();
  let looks = 0;
  using events = new EventStream(() => {
    if (++looks === 4) rounds.resolve();
    return looks;
  });
  const never = Promise.withResolvers<void>();
  let writes = 0;
  const slow = listener(() => {
    writes++;
    return never.promise;
  });
  const stream = events.reply((look) => [{ event: "look", data: look }], HERE).stream!(slow.stream);
  await rounds.promise;
  assertEquals(writes, 1);
  never.resolve();
  slow.leave();
  await stream;
});

Deno.test("EventStream ends with a fault, and does not take the program along", async () => {
  let looks = 0;
  using events = new EventStream(() => {
    if (++looks === 2) throw new RangeError("index 7 of 3");
    return looks;
  });
  const { stream } = listener(() => {});
  await assertRejects(() => events.reply(() => [], HERE).stream!(stream), RangeError, "index 7");
  assertEquals(events.size, 0);
});

Deno.test("EventStream has room for so many pages", async () => {
  using events = new EventStream(() => 0);
  const all = Array.from({ length: 64 }, () => listener(() => {}));
  const streams = all.map(({ stream }) => events.reply(() => [], HERE).stream!(stream));
  assertEquals(events.reply(() => [], HERE).status, 503);
  for (const { leave } of all) leave();
  await Promise.all(streams);
  assertEquals(events.reply(() => [], HERE).status, 200);
});

Deno.test("Told tells what is new by its JSON", () => {
  const told = new Told();
  assertEquals([told.isNew("a", { b: 1 }), told.isNew("a", { b: 1 })], [true, false]);
  assertEquals([told.isNew("a", { b: 2 }), told.isNew("c", 1)], [true, true]);
  assertEquals([...told.keys()], ["a", "c"]);
  told.forget("a");
  assertEquals(told.isNew("a", { b: 2 }), true);
});

Deno.test("EventStream has 64 listeners at most, also when more ask at once", async () => {
  using events = new EventStream(() => 1);
  const all = Array.from({ length: 100 }, () => listener(() => {}));
  // All are answered before the first of them listens.
  const replies = all.map(() => events.reply(() => [{ event: "look", data: 1 }], HERE));
  const streams = replies.map((reply, at) => reply.stream!(all[at]!.stream));
  assertEquals(events.size, 64);
  assertEquals(events.reply(() => [], HERE).status, 503);
  for (const { leave } of all) leave();
  await Promise.all(streams);
  assertEquals(events.size, 0);
  assertEquals(events.reply(() => [], HERE).status, 200);
});

Deno.test("EventStream: the address with most pages gives way to others, and to this machine always", async () => {
  using events = new EventStream(() => 0);
  const all = Array.from({ length: 64 }, () => listener(() => {}));
  const streams = all.map(({ stream }) => events.reply(() => [], "10.0.0.1").stream!(stream));
  assertEquals(events.reply(() => [], "10.0.0.1").status, 503);
  for (const address of ["10.0.0.2", HERE, "fd00::1"]) {
    const one = listener(() => {});
    all.push(one);
    streams.push(events.reply(() => [], address).stream!(one.stream));
    assertEquals(events.size, 64);
  }
  // Each of the three took the place of the one that had been open for the longest.
  await Promise.all(streams.slice(0, 3));
  for (const { leave } of all) leave();
  await Promise.all(streams);
});

Deno.test("EventStream sends a long event in parts, and its characters whole", async () => {
  for (const data of ["\u{1f600}".repeat(300_000), `x${"\u{1f600}".repeat(300_000)}`]) {
    using events = new EventStream(() => 1);
    let heard = "";
    let writes = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const one = listener((part) => {
      writes++;
      heard += part;
      if (heard.endsWith('"\n\n')) resolve();
    });
    const stream = events.reply(() => [{ event: "long", data }], HERE).stream!(one.stream);
    await promise;
    one.leave();
    await stream;
    assert(writes > 1);
    assert(heard === `event: long\ndata: "${data}"\n\n`);
  }
});
