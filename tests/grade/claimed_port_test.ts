import { ClaimedPort } from "../../lab/programs/claimed_port.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

const MODULE = import.meta.resolve("../../lab/programs/claimed_port.ts");

/** Of 200 ports: two that took them without a word to each other would meet. */
const COUNT = 60;
const isWanted = (port: number) => port % 25 === 0;

/** Another grader, which claims ports and holds them until it is told to end. */
const OTHER = `
  const { ClaimedPort } = await import(${JSON.stringify(MODULE)});
  const claims = Array.from({ length: ${COUNT} }, () => ClaimedPort.any(${isWanted}));
  console.log(claims.map(({ port }) => port).join(" "));
  await Deno.stdin.read(new Uint8Array(1));
`;

async function firstLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.endsWith("\n")) break;
  }
  return text.trim();
}

Deno.test("two graders that take ports at the same time never take the same one", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", OTHER],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const theirs = firstLine(child.stdout);
  const claims: ClaimedPort[] = [];
  while (claims.length < COUNT) {
    claims.push(ClaimedPort.any(isWanted));
    // The other one has its turns, too.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const others = (await theirs).split(" ").map(Number);
  // Both hold all of theirs until here: a port of one that has ended may be given again.
  await child.stdin.close();
  assertEquals(others.length, COUNT);
  const own = claims.map(({ port }) => port);
  assertEquals(new Set([...own, ...others]).size, 2 * COUNT);
  assertEquals((await child.status).code, 0);
  for (const claim of claims) await claim[Symbol.asyncDispose]();
});

Deno.test("a port that is claimed can be listened at, and is free again afterwards", async () => {
  const claim = ClaimedPort.any();
  Deno.listen({ hostname: "0.0.0.0", port: claim.port }).close();
  assertEquals(ClaimedPort.take(claim.port), undefined);
  assertThrows(() => ClaimedPort.any((port) => port === claim.port), RangeError);
  const next = ClaimedPort.wait(claim.port, 30_000);
  await claim[Symbol.asyncDispose]();
  const again = await next;
  assertEquals(again?.port, claim.port);
  await again?.[Symbol.asyncDispose]();
});

Deno.test("a port at which somebody listens is not given", async () => {
  const claim = ClaimedPort.any();
  const { port } = claim;
  using _listener = Deno.listen({ hostname: "127.0.0.1", port });
  await claim[Symbol.asyncDispose]();
  assertThrows(() => ClaimedPort.any((one) => one === port), RangeError);
});

Deno.test({
  name:
    "a port whose last connection is just over is not given: not every program may listen there",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const claim = ClaimedPort.any();
    const { port } = claim;
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    const [called, calling] = await Promise.all([
      listener.accept(),
      Deno.connect({ hostname: "127.0.0.1", port }),
    ]);
    // Whoever closes first keeps the port for a minute.
    called.close();
    assertEquals(await calling.read(new Uint8Array(1)), null);
    calling.close();
    listener.close();
    await claim[Symbol.asyncDispose]();
    assertThrows(() => ClaimedPort.any((one) => one === port), RangeError);
    const other = ClaimedPort.any((one) => one !== port);
    assert(other.port !== port);
    await other[Symbol.asyncDispose]();
  },
});
