import fc from "fast-check";
import { assert, assertEquals } from "../../support/assert.ts";
import { ListenPortMask } from "../../../lab/real/listen_port_mask.ts";
import {
  encodeExtensionHandshake,
  parseExtensionHandshake,
} from "../../../protocol/extension_message.ts";
import { encodeHandshake } from "../../../protocol/handshake.ts";
import { MessageReader } from "../../../protocol/message_reader.ts";
import { MessageWriter } from "../../../protocol/message_writer.ts";
import { concatBytes } from "../../../protocol/concat_bytes.ts";

/** A stream with a bitfield of `spare` bytes before the extension handshake, and a block behind it. */
function stream(spare: number, block: Uint8Array): Uint8Array {
  const say = new MessageWriter(() => {});
  say.raw(encodeHandshake({
    infoHash: new Uint8Array(20).fill(1),
    peerId: new Uint8Array(20).fill(2),
    ...{ fast: true, extended: true, dht: false },
  }));
  if (spare > 0) say.bitfield(new Uint8Array(spare));
  say.extended(0, encodeExtensionHandshake({ messages: { "ut_pex": 1 }, port: 6881, reqq: 500 }));
  say.piece(3, 0, block);
  return concatBytes([say.take()]);
}

Deno.test("the port where a peer listens is hidden, however the stream is cut, and nothing else", () => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 3000 }),
    fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 }),
    (spare, cuts) => {
      // A block that looks like the key is left as it is.
      const block = new TextEncoder().encode("1:pi6881e1:pi6881e");
      const before = stream(spare, block);
      const after = before.slice();
      const mask = new ListenPortMask();
      let at = 0;
      for (let turn = 0; at < after.length; turn++) {
        const part = after.subarray(at, at + cuts[turn % cuts.length]!);
        mask.mask(part);
        at += part.length;
      }
      const changed = [...after.keys()].filter((index) => after[index] !== before[index]);
      assertEquals(changed.length, 1);
      const reader = new MessageReader({ initial: after.length });
      reader.space().set(after);
      reader.commit(after.length);
      reader.take(68);
      for (let message; (message = reader.next()) !== undefined;) {
        if (message.type !== "extended") continue;
        const hello = parseExtensionHandshake(message.payload);
        assertEquals(hello.port, undefined);
        assertEquals(hello.reqq, 500);
        assertEquals(hello.messages, { "ut_pex": 1 });
      }
    },
  ));
});

Deno.test("what is no BitTorrent in clear is left as it is", () => {
  const bytes = new TextEncoder().encode("1:pi6881e".repeat(50));
  const before = bytes.slice();
  new ListenPortMask().mask(bytes);
  assert(bytes.every((byte, index) => byte === before[index]));
});
