import { dial, listen, TcpError } from "../../../peer/connections/tcp.ts";
import type { Socket } from "../../../peer/ports.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../support/assert.ts";

async function accept(listener: AsyncIterable<Socket>): Promise<Socket> {
  for await (const socket of listener) return socket;
  throw new Error("the listener closed");
}

Deno.test("two ends talk, and the end of one is the end of input for the other", async () => {
  using listener = listen({ host: "127.0.0.1", port: 0 });
  const accepted = accept(listener);
  const near = await dial("127.0.0.1", listener.port);
  using far = await accepted;
  assertEquals(near.remote, { host: "127.0.0.1", port: listener.port });
  assertEquals(far.remote.host, "127.0.0.1");

  await near.write(new TextEncoder().encode("hello"));
  const buffer = new Uint8Array(16);
  const n = await far.read(buffer);
  assertEquals(new TextDecoder().decode(buffer.subarray(0, n ?? 0)), "hello");

  near[Symbol.dispose]();
  near[Symbol.dispose]();
  assertEquals(await far.read(buffer), null);
});

Deno.test("closing a socket ends its own pending read", async () => {
  using listener = listen({ host: "127.0.0.1", port: 0 });
  const accepted = accept(listener);
  using near = await dial("127.0.0.1", listener.port);
  using far = await accepted;
  const pending = near.read(new Uint8Array(1));
  near[Symbol.dispose]();
  assertEquals(await pending, null);
  assert(far.remote.port > 0);
});

Deno.test("an IPv4 caller of a dual-stack listener has an IPv4 address", async () => {
  using listener = listen({ host: "::", port: 0 });
  const accepted = accept(listener);
  using near = await dial("127.0.0.1", listener.port);
  using far = await accepted;
  assertEquals(near.remote.port, listener.port);
  assertEquals(far.remote.host, "127.0.0.1");
});

Deno.test("a port in use is reported, or the next free one taken", () => {
  using first = listen({ host: "127.0.0.1", port: 0 });
  const error = assertThrows(
    () => listen({ host: "127.0.0.1", port: first.port }),
    TcpError,
    `Port ${first.port} is in use`,
  );
  assertEquals(error.kind, "in use");
  using second = listen({ host: "127.0.0.1", port: first.port, next: true });
  assert(second.port > first.port);
});

Deno.test("an address of another machine cannot be listened on", () => {
  const error = assertThrows(() => listen({ host: "192.0.2.1", port: 0 }), TcpError);
  assertEquals(error.kind, "address");
  assertEquals(
    error.message,
    "Cannot listen on 192.0.2.1:0: cannot assign requested address",
  );
});

Deno.test("disposing a listener ends the iteration over it", async () => {
  const listener = listen({ host: "127.0.0.1", port: 0 });
  const all = Array.fromAsync(listener);
  listener[Symbol.dispose]();
  assertEquals(await all, []);
});

Deno.test("dialling where nobody listens says so", async () => {
  const { port } = (() => {
    using listener = listen({ host: "127.0.0.1", port: 0 });
    return listener;
  })();
  const error = await assertRejects(
    () => dial("127.0.0.1", port),
    TcpError,
    `Cannot connect to 127.0.0.1:${port}: connection refused`,
  );
  assertEquals(error.kind, "refused");
});

Deno.test("an aborted dial rejects with the reason", async () => {
  await assertRejects(
    () => dial("127.0.0.1", 9, AbortSignal.abort(new RangeError("enough"))),
    RangeError,
    "enough",
  );
});
