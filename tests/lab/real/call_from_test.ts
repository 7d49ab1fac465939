import { callFrom } from "../../../lab/real/call_from.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";

/** Everything that comes until the other end has finished. */
async function readAll(from: Pick<Deno.Conn, "read">): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(10_000);
  for (let count; (count = await from.read(buffer)) !== null;) {
    parts.push(buffer.slice(0, count));
  }
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

async function writeAll(to: Pick<Deno.Conn, "write">, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

const isLinux = Deno.build.os === "linux";

Deno.test({
  name: "a call comes from the address that is named, and carries bytes both ways to the end",
  // Elsewhere 127.0.0.1 alone is this machine's own.
  ignore: !isLinux,
  fn: async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const called = listener.accept();
    const caller = await callFrom("127.0.1.7", { hostname: "127.0.0.1", port: listener.addr.port });
    using there = await called;
    const { hostname, port } = there.remoteAddr;
    assertEquals([hostname, port], ["127.0.1.7", caller.localAddr.port]);
    const bytes = new Uint8Array(3_000_000).map((_, index) => index % 251);
    // More than lies in any buffer: who writes waits for who reads.
    const [sent, echo] = await Promise.all([
      readAll(there).then(async (all) => {
        await writeAll(there, all);
        await there.closeWrite();
        return all;
      }),
      readAll(caller),
      writeAll(caller, bytes).then(() => caller.closeWrite()),
    ]);
    assert(sent.length === bytes.length && sent.every((byte, at) => byte === bytes[at]));
    // It has hung up in one direction, and still gets what comes in the other.
    assert(echo.length === bytes.length && echo.every((byte, at) => byte === bytes[at]));
    caller.close();
  },
});

Deno.test({
  name: "a call of nobody fails, and a connection that has ended is told of, not waited for",
  ignore: !isLinux,
  fn: async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const place = { hostname: "127.0.0.1", port: listener.addr.port };
    const called = listener.accept();
    const caller = await callFrom("127.0.1.7", place);
    const there = await called;
    caller.setNoDelay();
    const reading = caller.read(new Uint8Array(10));
    there.close();
    listener.close();
    assertEquals(await reading, null);
    caller.close();
    await assertRejects(() => caller.write(new Uint8Array(10)), Error);
    await assertRejects(() => callFrom("127.0.1.7", place), Error, "ECONNREFUSED");
  },
});
