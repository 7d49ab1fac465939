import type { AnnounceAnswer } from "../../../tracker/contract/ports.ts";
import fc from "fast-check";
import { parseAnnounceReply } from "../../../protocol/announce.ts";
import { decodeBencode } from "../../../protocol/bencode.ts";
import { TrackerError } from "../../../protocol/errors.ts";
import { announceReply, failureReply } from "../../../tracker/http/announce_reply.ts";
import { ByteWriter, type Part } from "../../../tracker/http/byte_writer.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";

const answer: fc.Arbitrary<AnnounceAnswer> = fc.record({
  interval: fc.nat(),
  seeders: fc.nat(),
  leechers: fc.nat(),
  completed: fc.nat(),
  // Addresses 1.1.1.1 and 2001:… with port 257: records of the right lengths, all dialable.
  peers4: fc.nat(80).map((count) => new Uint8Array(6 * count).fill(1)),
  peers6: fc.nat(80).map((count) => new Uint8Array(18 * count).fill(0x20)),
  warning: fc.option(fc.string({ unit: "grapheme", maxLength: 60 })),
}).map(({ warning, ...rest }) => warning === null ? rest : { ...rest, warning });

function whole(parts: readonly Part[]): Uint8Array {
  const writer = new ByteWriter(1);
  for (const part of parts) writer.write(part);
  return writer.written;
}

Deno.test("a reply is canonical bencode, and peers read in it what the tracker meant", () => {
  fc.assert(
    fc.property(answer, fc.boolean(), (told, compact) => {
      const bytes = whole(announceReply(told, compact, Uint8Array.of(10, 0, 0, 7)));
      decodeBencode(bytes); // strict: sorted keys, nothing behind
      const { peers, minInterval, externalIp, ...read } = parseAnnounceReply(bytes);
      const { peers4, peers6, warning, ...facts } = told;
      // A text of nothing tells nothing.
      assertEquals(read, warning ? { ...facts, warning } : facts);
      assertEquals(peers.length, peers4.length / 6 + peers6.length / 18);
      assertEquals(externalIp, "10.0.0.7");
      assert(minInterval !== undefined && minInterval >= 3);
    }),
    { seed: 24, numRuns: 300 },
  );
});

Deno.test("a refusal says when to come back where that is known (BEP 31)", () => {
  for (const retryIn of [undefined, 1, 60, "never"] as const) {
    const bytes = whole(failureReply("too busy", retryIn));
    decodeBencode(bytes);
    const error = assertThrows(() => parseAnnounceReply(bytes), TrackerError, "too busy");
    assertEquals(error.retryIn, retryIn);
  }
});
