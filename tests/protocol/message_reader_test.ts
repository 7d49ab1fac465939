import fc from "fast-check";
import { ProtocolError } from "../../protocol/errors.ts";
import type { Message } from "../../protocol/message.ts";
import { MessageReader } from "../../protocol/message_reader.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { latin1 } from "../support/bytes.ts";
import { seededRandom } from "../support/random.ts";

/** A frame: length prefix, ID, body. */
function frame(id: number, ...body: number[]): number[] {
  const length = 1 + body.length;
  return [length >>> 24, length >> 16 & 0xff, length >> 8 & 0xff, length & 0xff, id, ...body];
}

/** Puts `bytes` in as a socket would, as much at a time as there is space for. */
function feed(reader: MessageReader, bytes: Uint8Array): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = reader.space();
    assert(space.length > 0);
    const part = bytes.subarray(at, at + space.length);
    space.set(part);
    reader.commit(part.length);
    at += part.length;
    for (let message; (message = reader.next()) !== undefined;) messages.push(owned(message));
  }
  return messages;
}

/** The message without views into the receive buffer. */
function owned(message: Message): Message {
  switch (message.type) {
    case "piece":
      return { ...message, block: message.block.slice() };
    case "bitfield":
      return { ...message, bytes: message.bytes.slice() };
    case "extended":
      return { ...message, payload: message.payload.slice() };
    default:
      return message;
  }
}

function read(bytes: number[]): Message[] {
  return feed(new MessageReader(), Uint8Array.from(bytes));
}

const BLOCK = Array.from({ length: 16384 }, (_, i) => i * 7 & 0xff);

const EACH: [bytes: number[], message: Message][] = [
  [[0, 0, 0, 0], { type: "keep-alive" }],
  [frame(0), { type: "choke" }],
  [frame(1), { type: "unchoke" }],
  [frame(2), { type: "interested" }],
  [frame(3), { type: "not-interested" }],
  [frame(4, 0, 0, 1, 2), { type: "have", piece: 258 }],
  [frame(5, 0xff, 0x80), { type: "bitfield", bytes: Uint8Array.of(0xff, 0x80) }],
  [frame(5), { type: "bitfield", bytes: new Uint8Array() }],
  [
    frame(6, 0, 0, 0, 1, 0, 0, 64, 0, 0, 0, 64, 0),
    { type: "request", piece: 1, begin: 16384, length: 16384 },
  ],
  [
    frame(7, 0, 0, 0, 2, 0, 0, 64, 0, ...BLOCK),
    { type: "piece", piece: 2, begin: 16384, block: Uint8Array.from(BLOCK) },
  ],
  [
    frame(8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255),
    { type: "cancel", piece: 0xffffffff, begin: 0xffffffff, length: 0xffffffff },
  ],
  [frame(9, 0x1a, 0xe1), { type: "port", port: 6881 }],
  [frame(13, 0, 0, 0, 3), { type: "suggest", piece: 3 }],
  [frame(14), { type: "have-all" }],
  [frame(15), { type: "have-none" }],
  [
    frame(16, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3),
    { type: "reject", piece: 1, begin: 2, length: 3 },
  ],
  [frame(17, 128, 0, 0, 0), { type: "allowed-fast", piece: 2 ** 31 }],
  [frame(20, 0, 0x64, 0x65), { type: "extended", id: 0, payload: latin1("de") }],
  [frame(20, 7), { type: "extended", id: 7, payload: new Uint8Array() }],
  [frame(99, 1, 2, 3), { type: "unknown", id: 99 }],
  [frame(255), { type: "unknown", id: 255 }],
];

for (const [bytes, message] of EACH) {
  Deno.test(`MessageReader reads ${message.type} (ID ${bytes[4] ?? "none"})`, () => {
    assertEquals(read(bytes), [message]);
  });
}

const STREAM = Uint8Array.from(EACH.flatMap(([bytes]) => bytes));
const MESSAGES = EACH.map(([, message]) => message);

Deno.test("MessageReader reads a stream that comes whole", () => {
  assertEquals(feed(new MessageReader(), STREAM), MESSAGES);
  assertEquals(feed(new MessageReader({ initial: 1 << 17 }), STREAM), MESSAGES);
});

Deno.test("MessageReader reads a stream that comes byte by byte", () => {
  for (const initial of [4, 64, 1 << 17]) {
    const reader = new MessageReader({ initial });
    const messages: Message[] = [];
    for (const byte of STREAM) messages.push(...feed(reader, Uint8Array.of(byte)));
    assertEquals(messages, MESSAGES);
  }
});

Deno.test("MessageReader reads a stream that is cut anywhere", () => {
  const random = seededRandom(7);
  for (let run = 0; run < 200; run++) {
    const reader = new MessageReader({ initial: 4 + Math.floor(random() * 100) });
    const messages: Message[] = [];
    for (let at = 0; at < STREAM.length;) {
      const end = at + 1 + Math.floor(random() ** 3 * 9000);
      messages.push(...feed(reader, STREAM.subarray(at, end)));
      at = end;
    }
    assertEquals(messages, MESSAGES);
  }
});

/** Each ID with the only body lengths it may have. */
const SIZES: [id: number, right: number][] = [
  [0, 0],
  [1, 0],
  [2, 0],
  [3, 0],
  [4, 4],
  [6, 12],
  [8, 12],
  [9, 2],
  [13, 4],
  [14, 0],
  [15, 0],
  [16, 12],
  [17, 4],
];

for (const [id, right] of SIZES) {
  Deno.test(`MessageReader refuses ID ${id} with a body of other than ${right} bytes`, () => {
    for (const length of [0, 1, 2, 3, 4, 5, 8, 11, 12, 13, 100]) {
      const bytes = frame(id, ...new Array<number>(length).fill(1));
      if (length === right) assertEquals(read(bytes).length, 1);
      else assertThrows(() => read(bytes), ProtocolError, `message ${id} of ${length + 1} bytes`);
    }
  });
}

Deno.test("MessageReader refuses a piece without a block and an extension without an ID", () => {
  for (const length of [0, 4, 7, 8]) {
    assertThrows(() => read(frame(7, ...new Array<number>(length).fill(0))), ProtocolError);
  }
  assertThrows(() => read(frame(20)), ProtocolError);
});

Deno.test("MessageReader refuses a huge length from its four bytes alone", () => {
  for (const length of [0x100001, 0x7fffffff, 0x80000000, 0xffffffff]) {
    const reader = new MessageReader();
    const prefix = [length >>> 24, length >> 16 & 0xff, length >> 8 & 0xff, length & 0xff];
    assertThrows(
      () => feed(reader, Uint8Array.from(prefix)),
      ProtocolError,
      `message of ${length} bytes`,
    );
  }
  assertThrows(
    () => feed(new MessageReader({ maxFrame: 100 }), Uint8Array.of(0, 0, 0, 101)),
    ProtocolError,
  );
});

Deno.test("MessageReader allocates nothing for a length it will refuse", () => {
  // A handshake that comes in parts: its first bytes, read as a length, are 323 MB.
  for (const bytes of [latin1("\x13BitTorrent pro"), Uint8Array.of(0xff, 0xff, 0xff, 0xff)]) {
    const reader = new MessageReader({ initial: 64 });
    reader.space().set(bytes);
    reader.commit(bytes.length);
    assert(reader.space().length <= 64);
  }
});

Deno.test("MessageReader grows for a long frame within the limit", () => {
  const bytes = new Uint8Array(4 + (1 << 20)).fill(0xff);
  bytes.set([0, 0x10, 0, 0, 5]);
  const [message] = feed(new MessageReader(), bytes);
  assert(message?.type === "bitfield");
  assertEquals(message.bytes.length, (1 << 20) - 1);
});

Deno.test("MessageReader.take() gives the handshake once it is whole, then messages", () => {
  const reader = new MessageReader({ initial: 16 });
  const handshake = new Uint8Array(68).fill(0x13);
  for (const byte of handshake.subarray(0, 67)) {
    reader.space()[0] = byte;
    reader.commit(1);
    assertEquals(reader.take(68), undefined);
  }
  const rest = Uint8Array.of(0x13, ...frame(1), ...frame(4, 0, 0, 0, 9));
  const space = reader.space();
  assert(space.length > 0);
  const fitting = rest.subarray(0, space.length);
  space.set(fitting);
  reader.commit(fitting.length);
  assertEquals(reader.take(68)?.slice(), handshake);
  const messages: Message[] = [];
  for (let message; (message = reader.next()) !== undefined;) messages.push(message);
  messages.push(...feed(reader, rest.subarray(fitting.length)));
  assertEquals(messages, [{ type: "unchoke" }, { type: "have", piece: 9 }]);
});

Deno.test("MessageReader throws nothing but ProtocolError, whatever comes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (noise, cut) => {
      const reader = new MessageReader({ initial: 8, maxFrame: 64 });
      // Small prefixes make most of the noise well framed.
      const bytes = noise.map((byte, index) => index % 7 < 3 ? 0 : byte);
      try {
        for (let at = 0; at < bytes.length; at += cut) {
          feed(reader, new Uint8Array(bytes.subarray(at, at + cut)));
        }
      } catch (error) {
        assert(error instanceof ProtocolError, String(error));
      }
    }),
    { seed: 12, numRuns: 3000 },
  );
});
