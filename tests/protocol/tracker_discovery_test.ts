import fc from "fast-check";
import {
  DISCOVERY_REQUEST_LENGTH,
  encodeDiscoveryReply,
  encodeDiscoveryRequest,
  parseDiscoveryReply,
  parseDiscoveryRequest,
} from "../../protocol/tracker_discovery.ts";
import { assert, assertEquals } from "../support/assert.ts";

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

Deno.test("the packets of discovery are what the module's table says", () => {
  assertEquals(
    encodeDiscoveryRequest(0xdeadbeef).toHex(),
    "56544f5252454e540100deadbeef" + "00".repeat(18),
  );
  assertEquals(
    encodeDiscoveryReply({ transaction: 0xdeadbeef, instance: 0x01020304, port: 8000 }).toHex(),
    "56544f5252454e540101deadbeef010203041f40",
  );
});

Deno.test("question and answer come out as they went in, and no answer is longer", () => {
  fc.assert(
    fc.property(u32, u32, fc.integer({ min: 1, max: 65535 }), (transaction, instance, port) => {
      const request = encodeDiscoveryRequest(transaction);
      assertEquals(request.length, DISCOVERY_REQUEST_LENGTH);
      assertEquals(parseDiscoveryRequest(request), transaction);
      assertEquals(parseDiscoveryReply(request), undefined);
      const reply = encodeDiscoveryReply({ transaction, instance, port });
      assert(reply.length <= request.length);
      assertEquals(parseDiscoveryReply(reply), { transaction, instance, port });
      assertEquals(parseDiscoveryRequest(reply), undefined);
    }),
    { seed: 8001 },
  );
});

Deno.test("a packet that is too short, of another protocol or without a port is ignored", () => {
  const request = encodeDiscoveryRequest(1);
  assertEquals(parseDiscoveryRequest(request.subarray(0, DISCOVERY_REQUEST_LENGTH - 1)), undefined);
  assertEquals(parseDiscoveryRequest(new Uint8Array(DISCOVERY_REQUEST_LENGTH)), undefined);
  const reply = encodeDiscoveryReply({ transaction: 1, instance: 2, port: 3 });
  assertEquals(parseDiscoveryReply(reply.subarray(0, 19)), undefined);
  reply.fill(0, 18);
  assertEquals(parseDiscoveryReply(reply), undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      assertEquals(parseDiscoveryRequest(bytes), undefined);
      assertEquals(parseDiscoveryReply(bytes), undefined);
    }),
    { seed: 8001 },
  );
});
