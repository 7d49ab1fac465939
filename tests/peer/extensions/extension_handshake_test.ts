import fc from "fast-check";
import { addHandshake } from "../../../peer/extensions/extension_handshake.ts";
import { type ExtensionHandshake, MAX_EXTENSIONS } from "../../../protocol/extension_message.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { unchokingPeer } from "../../support/peers.ts";

/** What a peer is known for after it said these handshakes. */
function after(...hellos: Partial<ExtensionHandshake>[]) {
  const peer = unchokingPeer(1, 1);
  for (const hello of hellos) addHandshake(peer, { messages: {}, ...hello });
  const { extensions, client, name, metadataSize, maxRequests, uploadOnly } = peer;
  return { extensions, client, name, metadataSize, maxRequests, uploadOnly };
}

const FIRST = {
  messages: { "ut_metadata": 3, "ut_pex": 1 },
  client: "x 1",
  name: "2",
  metadataSize: 40_000,
  reqq: 20,
  uploadOnly: true,
};

Deno.test("a handshake that names nothing changes nothing (BEP 10)", () => {
  assertEquals(after(FIRST, {}), after(FIRST));
});

Deno.test("a later handshake moves extensions, adds some and switches some off", () => {
  const { extensions } = after(FIRST, {
    messages: { "ut_pex": 0, "ut_metadata": 9, "lt_donthave": 5 },
  });
  assertEquals(extensions, { "ut_metadata": 9, "lt_donthave": 5 });
});

Deno.test("two extension handshakes amount to the same as one", () => {
  const hello = fc.record({
    messages: fc.dictionary(fc.constantFrom("ut_pex", "ut_metadata", "__proto__"), fc.nat(255)),
    client: fc.string(),
    name: fc.string(),
    metadataSize: fc.nat(),
    reqq: fc.nat(),
    uploadOnly: fc.boolean(),
  }, { requiredKeys: ["messages"] });
  fc.assert(fc.property(hello, hello, (first, second) => {
    const messages = { ...first.messages, ...second.messages };
    assertEquals(after(first, second), after({ ...first, ...second, messages }));
  }));
});

Deno.test("the extensions of any number of handshakes are no more than one may name", () => {
  const hellos = Array.from({ length: 10 }, (_, round) => ({
    messages: Object.fromEntries(
      Array.from({ length: MAX_EXTENSIONS }, (_, n) => [`x${round} ${n}`, 1 + n]),
    ),
  }));
  assert(Object.keys(after(...hellos).extensions).length === MAX_EXTENSIONS);
});
