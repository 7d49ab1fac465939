import fc from "fast-check";
import type { Message } from "../../protocol/message.ts";
import { MessageReader } from "../../protocol/message_reader.ts";
import { MessageWriter } from "../../protocol/message_writer.ts";
import { assertEquals } from "../support/assert.ts";
import { latin1 } from "../support/bytes.ts";

function writtenBy(say: (writer: MessageWriter) => void): number[] {
  const writer = new MessageWriter(() => {});
  say(writer);
  return [...writer.take()];
}

const EACH: [name: string, say: (writer: MessageWriter) => void, bytes: number[]][] = [
  ["keepAlive", (w) => w.keepAlive(), [0, 0, 0, 0]],
  ["choke", (w) => w.choke(), [0, 0, 0, 1, 0]],
  ["unchoke", (w) => w.unchoke(), [0, 0, 0, 1, 1]],
  ["interested", (w) => w.interested(), [0, 0, 0, 1, 2]],
  ["notInterested", (w) => w.notInterested(), [0, 0, 0, 1, 3]],
  ["have", (w) => w.have(258), [0, 0, 0, 5, 4, 0, 0, 1, 2]],
  ["bitfield", (w) => w.bitfield(Uint8Array.of(0xf0)), [0, 0, 0, 2, 5, 0xf0]],
  [
    "request",
    (w) => w.request(1, 16384, 16384),
    [0, 0, 0, 13, 6, 0, 0, 0, 1, 0, 0, 64, 0, 0, 0, 64, 0],
  ],
  [
    "piece",
    (w) => w.piece(1, 2, Uint8Array.of(9, 8)),
    [0, 0, 0, 11, 7, 0, 0, 0, 1, 0, 0, 0, 2, 9, 8],
  ],
  ["cancel", (w) => w.cancel(1, 2, 3), [0, 0, 0, 13, 8, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]],
  ["port", (w) => w.port(6881), [0, 0, 0, 3, 9, 0x1a, 0xe1]],
  ["haveAll", (w) => w.haveAll(), [0, 0, 0, 1, 14]],
  ["haveNone", (w) => w.haveNone(), [0, 0, 0, 1, 15]],
  ["reject", (w) => w.reject(1, 2, 3), [0, 0, 0, 13, 16, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]],
  ["allowedFast", (w) => w.allowedFast(0xffffffff), [0, 0, 0, 5, 17, 255, 255, 255, 255]],
  ["extended", (w) => w.extended(3, latin1("de")), [0, 0, 0, 4, 20, 3, 0x64, 0x65]],
  ["raw", (w) => w.raw(Uint8Array.of(1, 2, 3)), [1, 2, 3]],
];

for (const [name, say, bytes] of EACH) {
  Deno.test(`MessageWriter.${name}() writes its frame`, () => {
    assertEquals(writtenBy(say), bytes);
  });
}

Deno.test("MessageWriter collects what is said and calls once until it is taken", () => {
  let calls = 0;
  const writer = new MessageWriter(() => calls++);
  writer.choke();
  writer.have(1);
  assertEquals([calls, writer.length], [1, 14]);
  assertEquals(writer.take().length, 14);
  assertEquals(writer.length, 0);
  assertEquals(writer.take().length, 0);
  writer.unchoke();
  assertEquals(calls, 2);
});

Deno.test("MessageWriter leaves alone what was taken while more is said", () => {
  const writer = new MessageWriter(() => {});
  const block = new Uint8Array(16384).fill(5);
  writer.piece(0, 0, block);
  const taken = writer.take();
  const before = taken.slice();
  for (let i = 0; i < 10; i++) writer.piece(1, 0, block.fill(6));
  assertEquals(taken, before);
  assertEquals(writer.take().length, 10 * 16397);
});

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const bytes = fc.uint8Array({ minLength: 1, maxLength: 3000 }).map((noise) =>
  new Uint8Array(noise)
);
const range = fc.tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), u32, u32, u32, u32)
  .map(([noise, base, index, length, proofLayers]) => {
    return { root: new Uint8Array(noise), base, index, length, proofLayers };
  });
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.tuple(fc.constantFrom("hash-request", "hash-reject"), range)
    .map(([type, range]): Message => ({ type, ...range })),
  fc.tuple(range, fc.nat({ max: 40 })).map(([range, count]): Message => {
    return { type: "hashes", ...range, hashes: new Uint8Array(32 * count).fill(count) };
  }),
  fc.constantFrom<Message>(
    { type: "keep-alive" },
    { type: "choke" },
    { type: "unchoke" },
    { type: "interested" },
    { type: "not-interested" },
    { type: "have-all" },
    { type: "have-none" },
  ),
  u32.map((piece): Message => ({ type: "have", piece })),
  u32.map((piece): Message => ({ type: "allowed-fast", piece })),
  bytes.map((bytes): Message => ({ type: "bitfield", bytes })),
  fc.tuple(fc.constantFrom("request", "cancel", "reject"), u32, u32, u32)
    .map(([type, piece, begin, length]): Message => ({ type, piece, begin, length })),
  fc.tuple(u32, u32, bytes)
    .map(([piece, begin, block]): Message => ({ type: "piece", piece, begin, block })),
  fc.nat({ max: 65535 }).map((port): Message => ({ type: "port", port })),
  fc.tuple(fc.nat({ max: 255 }), bytes)
    .map(([id, payload]): Message => ({ type: "extended", id, payload })),
);

function say(writer: MessageWriter, message: Message): void {
  switch (message.type) {
    case "keep-alive":
      return writer.keepAlive();
    case "choke":
      return writer.choke();
    case "unchoke":
      return writer.unchoke();
    case "interested":
      return writer.interested();
    case "not-interested":
      return writer.notInterested();
    case "have-all":
      return writer.haveAll();
    case "have-none":
      return writer.haveNone();
    case "have":
      return writer.have(message.piece);
    case "allowed-fast":
      return writer.allowedFast(message.piece);
    case "bitfield":
      return writer.bitfield(message.bytes);
    case "request":
      return writer.request(message.piece, message.begin, message.length);
    case "cancel":
      return writer.cancel(message.piece, message.begin, message.length);
    case "reject":
      return writer.reject(message.piece, message.begin, message.length);
    case "piece":
      return writer.piece(message.piece, message.begin, message.block);
    case "port":
      return writer.port(message.port);
    case "extended":
      return writer.extended(message.id, message.payload);
    case "hash-request":
      return writer.hashRequest(message);
    case "hash-reject":
      return writer.hashReject(message);
    case "hashes":
      return writer.hashes(message, message.hashes);
    default:
      throw new Error(`${message.type} is not written`);
  }
}

Deno.test("MessageReader reads what MessageWriter says, taken in any portions", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(message, fc.boolean()), { maxLength: 30 }), (steps) => {
      const writer = new MessageWriter(() => {});
      const reader = new MessageReader({ initial: 16 });
      const heard: Message[] = [];
      const deliver = (): void => {
        const taken = writer.take();
        for (let at = 0; at < taken.length;) {
          const space = reader.space();
          const part = taken.subarray(at, at + space.length);
          space.set(part);
          reader.commit(part.length);
          at += part.length;
          for (let next; (next = reader.next()) !== undefined;) heard.push(structuredClone(next));
        }
      };
      for (const [message, take] of steps) {
        say(writer, message);
        if (take) deliver();
      }
      deliver();
      assertEquals(heard, steps.map(([message]) => message));
    }),
    { seed: 13, numRuns: 300 },
  );
});
