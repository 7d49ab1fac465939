import { UtpEndpoint } from "../../../peer/utp/utp_socket.ts";
import { UTP_STRANGERS } from "../../../peer/admission/address_quota.ts";
import type { Socket } from "../../../peer/ports.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";
import { someBytes } from "../../support/swarm.ts";
import { listenDatagram } from "../../../peer/connections/udp.ts";
import { REAL_CLOCK } from "../../../peer/engine/real_world.ts";

function open(
  onCall: (socket: Socket) => void = () => {},
  now: () => number = () => performance.now(),
): UtpEndpoint {
  const random = seededRandom(4);
  const clock = { ...REAL_CLOCK, now };
  return new UtpEndpoint({ host: "127.0.0.1", port: 0, clock, random, listenDatagram, onCall });
}

const forever = new AbortController().signal;

async function readAll(socket: Socket): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const buffer = new Uint8Array(1 << 16);
    const count = await socket.read(buffer);
    if (count === null) return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
    parts.push(buffer.subarray(0, count));
  }
}

async function writeAll(socket: Socket, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await socket.write(bytes.subarray(done));
}

Deno.test("two ends send megabytes to each other over real packets", async () => {
  const called = Promise.withResolvers<Socket>();
  await using far = open((socket) => called.resolve(socket));
  await using near = open();
  const a = await near.dial("127.0.0.1", far.port, forever);
  const [to, fro] = [someBytes(3_000_000, 1), someBytes(1_000_000, 2)];
  // Whoever calls speaks first: only then is it told to the other end.
  const writing = writeAll(a, to);
  const b = await called.promise;
  assertEquals(a.remote, { host: "127.0.0.1", port: far.port });
  assertEquals(b.remote, { host: "127.0.0.1", port: near.port });
  const [atB] = await Promise.all([
    (async () => {
      const got = new Uint8Array(to.length);
      for (let at = 0; at < got.length;) at += (await b.read(got.subarray(at)))!;
      return got;
    })(),
    writing,
  ]);
  assertEquals(atB, to);
  const back = readAll(a);
  await writeAll(b, fro);
  b[Symbol.dispose]();
  assertEquals(await back, fro);
  a[Symbol.dispose]();
});

Deno.test("several connections between the same ports do not mix", async () => {
  const heard: Promise<Uint8Array>[] = [];
  const everybody = Promise.withResolvers<void>();
  await using far = open((socket) => {
    if (heard.push(readAll(socket)) === 5) everybody.resolve();
  });
  await using near = open();
  for (let i = 0; i < 5; i++) {
    using socket = await near.dial("127.0.0.1", far.port, forever);
    await writeAll(socket, new Uint8Array(5000).fill(i));
  }
  await everybody.promise;
  const all = await Promise.all(heard);
  assertEquals(all.map((bytes) => bytes.length), [5000, 5000, 5000, 5000, 5000]);
  assertEquals(all.map((bytes) => new Set(bytes).size), [1, 1, 1, 1, 1]);
});

Deno.test("a call is given up when told to, and a packet out of nowhere is reset", async () => {
  await using near = open();
  const silent = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  try {
    const { port } = silent.addr as Deno.NetAddr;
    const stop = new AbortController();
    const call = near.dial("127.0.0.1", port, stop.signal);
    const [syn] = await silent.receive();
    assertEquals(syn[0], 0x41);
    stop.abort();
    await assertRejects(() => call, Deno.errors.NotConnected);

    await silent.send(new Uint8Array(20).fill(1, 0, 1), addressOf(near));
    const [reset] = await silent.receive();
    assert(reset[0] === 0x31 || (await silent.receive())[0][0] === 0x31);
  } finally {
    silent.close();
  }
});

Deno.test("closing the port ends what waits", async () => {
  const called = Promise.withResolvers<Socket>();
  await using far = open((socket) => called.resolve(socket));
  const near = open();
  const a = await near.dial("127.0.0.1", far.port, forever);
  await writeAll(a, new Uint8Array(3));
  const b = await called.promise;
  await b.read(new Uint8Array(3));
  const reading = a.read(new Uint8Array(1));
  await near[Symbol.asyncDispose]();
  assertEquals(await reading, null);
  assertEquals(await b.read(new Uint8Array(1)), null);
});

function addressOf({ port }: UtpEndpoint): Deno.NetAddr {
  return { transport: "udp", hostname: "127.0.0.1", port };
}

/** SYNs from a socket of its own that never hears the answers out. */
class Stranger implements Disposable {
  readonly #socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  readonly #to: Deno.NetAddr;
  readonly #syn = new Uint8Array(20);

  constructor(port: number) {
    this.#to = { transport: "udp", hostname: "127.0.0.1", port };
    this.#syn[0] = 0x41;
  }

  async say(id: number): Promise<void> {
    new DataView(this.#syn.buffer).setUint16(2, id);
    await this.#socket.send(this.#syn, this.#to);
  }

  /** The type of the next answer, and the connection it is for. */
  async hear(): Promise<{ type: number; id: number }> {
    const [answer] = await this.#socket.receive(new Uint8Array(64));
    return { type: answer[0]! >> 4, id: answer[2]! << 8 | answer[3]! };
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

const STATE = 2;

Deno.test("SYNs that nobody stands behind keep no caller out", async () => {
  const called = Promise.withResolvers<Socket>();
  let later = 0;
  await using far = open((socket) => called.resolve(socket), () => performance.now() + later);
  {
    using stranger = new Stranger(far.port);
    for (let id = 0; id < 1000; id++) {
      await stranger.say(id);
      assertEquals(await stranger.hear(), { type: STATE, id }, "each is answered");
      later += 1000 / UTP_STRANGERS.perSecond;
    }
  }
  await using near = open();
  const a = await near.dial("127.0.0.1", far.port, forever);
  await writeAll(a, someBytes(10));
  using b = await called.promise;
  assertEquals(b.remote.port, near.port);
  a[Symbol.dispose]();
});

Deno.test("of SYNs that come all at once a bounded number is answered, and later ones again", async () => {
  let now = 0;
  await using far = open(undefined, () => now);
  using stranger = new Stranger(far.port);
  const heard: number[] = [];
  // Few enough for the socket's buffer, so that none is lost on the way.
  for (let id = 0; id < 200; id++) await stranger.say(id);
  for (let id = 0; id < UTP_STRANGERS.burst; id++) heard.push((await stranger.hear()).id);
  assertEquals(heard, Array.from({ length: UTP_STRANGERS.burst }, (_, id) => id));
  now += 1000;
  await stranger.say(1000);
  assertEquals(await stranger.hear(), { type: STATE, id: 1000 }, "the rest had no answer");
});
