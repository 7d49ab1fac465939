import fc from "fast-check";
import {
  decodeUtp,
  encodeUtp,
  seqAfter,
  seqDistance,
  UtpType,
  withoutPadding,
} from "../../protocol/utp_packet.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("BEP 29: a packet byte for byte", () => {
  const bytes = encodeUtp(
    {
      type: UtpType.data,
      connectionId: 0x1234,
      timestamp: 0x01020304,
      timestampDifference: 0x05060708,
      windowSize: 0x00100000,
      seqNr: 0xfffe,
      ackNr: 7,
    },
    { payload: new Uint8Array([9, 8]) },
  );
  assertEquals(
    bytes.toHex(),
    "01001234" + "01020304" + "05060708" + "00100000" + "fffe0007" + "0908",
  );
});

Deno.test("an encoded packet is read back", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1, 2, 3, 4),
      fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 3, maxLength: 3 }),
      fc.array(fc.integer({ min: 0, max: 65535 }), { minLength: 3, maxLength: 3 }),
      fc.option(fc.uint8Array({ minLength: 1, maxLength: 20 }), { nil: undefined }),
      fc.uint8Array({ maxLength: 100 }),
      (
        type,
        [timestamp, timestampDifference, windowSize],
        [connectionId, seqNr, ackNr],
        mask,
        payload,
      ) => {
        const header = {
          type: type as 0,
          connectionId: connectionId!,
          timestamp: timestamp!,
          timestampDifference: timestampDifference!,
          windowSize: windowSize!,
          seqNr: seqNr!,
          ackNr: ackNr!,
        };
        const selectiveAck = mask && new Uint8Array(mask.length * 4).fill(mask[0]!);
        const packet = decodeUtp(encodeUtp(header, { payload, selectiveAck }));
        assertEquals(packet, { ...header, selectiveAck, payload });
      },
    ),
    { seed: 3, numRuns: 200 },
  );
});

Deno.test("unknown extensions are passed over, what is no packet is none", () => {
  const plain = encodeUtp({
    type: UtpType.state,
    connectionId: 1,
    timestamp: 2,
    timestampDifference: 3,
    windowSize: 4,
    seqNr: 5,
    ackNr: 6,
  });
  const extended = new Uint8Array([...plain, 1, 3, 7, 7, 7, 0, 4, 255, 0, 0, 0, 42]);
  extended[1] = 9;
  const packet = decodeUtp(extended)!;
  assertEquals(packet.selectiveAck, new Uint8Array([255, 0, 0, 0]));
  assertEquals(packet.payload, new Uint8Array([42]));
  // As libtorrent sends it: BEP 29 would have four bytes.
  const short = new Uint8Array([...plain, 0, 1, 5]);
  short[1] = 1;
  assertEquals(decodeUtp(short)?.selectiveAck, new Uint8Array([5]));
  for (const cut of [0, 19, 21, 24, 28]) {
    assertEquals(decodeUtp(extended.subarray(0, cut)), undefined);
  }
  for (const first of [0x00, 0x02, 0x51, 0x64]) {
    assertEquals(decodeUtp(new Uint8Array([first, ...plain.subarray(1)])), undefined);
  }
});

Deno.test("padding makes a packet longer and is passed over; it can be taken off", () => {
  const header = {
    type: UtpType.data,
    connectionId: 1,
    timestamp: 2,
    timestampDifference: 3,
    windowSize: 4,
    seqNr: 5,
    ackNr: 6,
  };
  const payload = new Uint8Array([1, 2, 3]);
  const padded = encodeUtp(header, { payload, padding: 120 });
  assertEquals(padded.length, 20 + 120 + 3);
  assertEquals(decodeUtp(padded), { ...header, selectiveAck: undefined, payload });
  assertEquals(withoutPadding(padded, 120), encodeUtp(header, { payload }));
});

Deno.test("sequence numbers begin again after 65535", () => {
  assertEquals([seqDistance(2, 65534), seqDistance(65534, 2), seqDistance(7, 7)], [4, -4, 0]);
  assertEquals([seqAfter(65535), seqAfter(0, -1)], [0, 65535]);
});
