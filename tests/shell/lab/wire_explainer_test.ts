/**
 * What members say to each other as a text: every kind of message, bytes that are none, and its end.
 *
 * @module
 */
import fc from "fast-check";
import { encodeExtensionHandshake } from "../../../protocol/extension_message.ts";
import { encodeHandshake } from "../../../protocol/handshake.ts";
import { MessageWriter } from "../../../protocol/message_writer.ts";
import { encodePex } from "../../../protocol/mod.ts";
import type { Side } from "../../../lab/real/real_options.ts";
import { Witness } from "../../../lab/real/witness.ts";
import { WireExplainer } from "../../../shell/lab/wire_explainer.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";

const BLOCK = 16384;
const PIECES = 4;
const INFO_HASH = new Uint8Array(20).fill(0xab);

/** Two members on a wire, and what is written of them. */
class Wired {
  now = 0;
  readonly explainer: WireExplainer;
  readonly #connection;
  #text = "";

  constructor(most?: number) {
    const decoder = new TextDecoder();
    this.explainer = new WireExplainer({
      ...{ scenario: "pair", variant: "slow", seed: 7, members: ["seed", "aria 1"] },
      ...{ pieceCount: PIECES, capture: "slow 7.pcap" },
      write: (bytes) => this.#text += decoder.decode(bytes),
      ...(most === undefined ? {} : { most }),
    });
    const witness = new Witness({
      ...{ infoHash: INFO_HASH, content: new Uint8Array(PIECES * BLOCK), pieceLength: BLOCK },
      ...{ isPrivate: true, listenedTo: [], listener: this.explainer },
      now: () => this.now += 100,
      emit: (event) => this.explainer.event(event),
      tellsChokes: () => false,
      corrupts: () => false,
    });
    witness.join("seed", [0, 1, 2, 3], 0);
    witness.join("aria 1", [], 0);
    this.#connection = witness.connection("aria 1", "seed");
  }

  bytes(side: Side, bytes: Uint8Array): void {
    this.#connection.said(side, bytes);
    this.#connection.heard(side, bytes.length);
  }

  say(side: Side, what: (say: MessageWriter) => void): void {
    const writer = new MessageWriter(() => {});
    what(writer);
    this.bytes(side, writer.take());
  }

  /** Both handshakes, with all extensions. */
  greet(): this {
    const bits = { fast: true, extended: true, dht: false };
    const id = (name: string) => new TextEncoder().encode(name.padEnd(20, "x"));
    for (const [side, name] of [["caller", "A2-1-36-0-"], ["called", "-VT0100-"]] as const) {
      this.bytes(side, encodeHandshake({ infoHash: INFO_HASH, peerId: id(name), ...bits }));
    }
    return this;
  }

  end(why: string): void {
    this.#connection.ended(why);
    this.explainer.end();
  }

  get text(): string {
    return this.#text;
  }

  /** The lines behind the head, without their times. */
  get lines(): string[] {
    return this.#text.split("\n\n").slice(1).join("\n\n").trimEnd().split("\n")
      .map((line) => line.slice(11));
  }
}

Deno.test("each message of either side is a sentence that calls both by their names", () => {
  const wired = new Wired().greet();
  wired.say("called", (say) => {
    say.haveAll();
    say.extended(0, encodeExtensionHandshake({ messages: { "ut_pex": 5 }, client: "vtorrent" }));
  });
  wired.say("caller", (say) => {
    say.haveNone();
    say.interested();
    say.extended(
      5,
      encodePex({ added: [{ host: "10.0.0.9", port: 51413, flags: 0 }], dropped: [] }),
    );
  });
  wired.say("called", (say) => say.unchoke());
  wired.say("caller", (say) => say.request(2, 0, BLOCK));
  wired.say("called", (say) => {
    say.piece(2, 0, new Uint8Array(BLOCK));
    say.choke();
  });
  wired.say("caller", (say) => {
    say.have(2);
    say.keepAlive();
    say.raw(Uint8Array.of(0, 0, 0, 1, 99));
    say.notInterested();
  });
  wired.end("aria 1 hung up");
  const [hello, answer, ...lines] = wired.lines;
  assert(hello!.startsWith('aria 1 → seed    handshake: "BitTorrent protocol", reserved bytes'));
  assert(hello!.endsWith("(aria2 1.36.0)"), hello);
  assert(answer!.startsWith("seed   → aria 1  handshake: "), answer);
  const rules = lines.filter((line) =>
    line.includes(" does not keep to ") || line.includes(" breaks ")
  );
  assertEquals(lines.filter((line) => !rules.includes(line)), [
    "seed   → aria 1  have all: seed is a seed",
    'seed   → aria 1  extension handshake (BEP 10): extensions ut_pex as 5; client "vtorrent"',
    "aria 1 → seed    have none: aria 1 has no piece yet",
    "aria 1 → seed    interested: seed has pieces that aria 1 wants",
    "aria 1 → seed    peer exchange (BEP 11): knows 10.0.0.9:51413",
    "seed   → aria 1  unchoke: aria 1 may ask seed for blocks",
    "aria 1 → seed    request: piece 2, 16.0 KiB from byte 0",
    "seed   → aria 1  piece: piece 2, 16.0 KiB from byte 0",
    "seed   → aria 1  choke: seed answers no requests for now",
    "aria 1 → seed    have: aria 1 has piece 2",
    "aria 1 → seed    keep-alive: nothing to send, but still here",
    "aria 1 → seed    message 99, which vtorrent does not know",
    "aria 1 → seed    not interested: seed has nothing that aria 1 wants",
    "aria 1 • seed    connection ends: aria 1 hung up",
  ]);
  // A rule stands below the message that is about it.
  assertEquals(rules.length, 2, rules.join("\n"));
  const below = (text: string) => lines[lines.findIndex((line) => line.includes(text)) + 1];
  assert(below("peer exchange")!.startsWith('aria 1 • seed    aria 1 breaks the rule "private'));
  assert(
    below("message 99")!.startsWith(
      'aria 1 • seed    aria 1 does not keep to "unknown message", which counts as a habit: ',
    ),
  );
  assertStringIncludes(wired.text, "pair (slow, seed 7): what the members say to each other");
  const times = wired.text.split("\n\n")[1]!.trimEnd().split("\n").map((line) =>
    Number(line.slice(0, 9))
  );
  assertEquals(times, times.toSorted((one, two) => one - two));
});

Deno.test("bytes that are no message are told as such, once, and a call without a word not at all", () => {
  const silent = new Wired();
  silent.end("seed hung up");
  assertEquals(silent.lines, [""]);

  const secret = new Wired();
  secret.bytes("caller", new Uint8Array(96).fill(0x5a));
  secret.end("aria 1 encrypts");
  assertEquals(secret.lines, [
    "aria 1 → seed    no message in clear: it does not begin with a BitTorrent handshake",
    "aria 1 • seed    connection ends: aria 1 encrypts",
  ]);

  const broken = new Wired().greet();
  broken.bytes("caller", Uint8Array.of(0, 0, 0, 2, 4, 0));
  broken.bytes("caller", new Uint8Array(1000));
  const [, , told, rule, ...more] = broken.lines;
  assert(/^aria 1 → seed {4}no message: .+; the rest of what it says cannot be read$/.test(told!));
  assertStringIncludes(rule!, 'breaks the rule "message form"');
  assertEquals(more, []);
});

Deno.test("a text ends at its limit, says so, and how much was left out", () => {
  const wired = new Wired(5000).greet();
  const message = (say: MessageWriter) => say.have(1);
  for (let time = 0; time < 2000; time++) wired.say("called", message);
  wired.end("the run ended");
  assert(wired.text.length < 5500, String(wired.text.length));
  const lines = wired.text.trimEnd().split("\n");
  assertEquals(lines.at(-2), "Cut off here: a text ends at 4.9 KiB.");
  const left = Number(/^([\d,]+) more lines would have followed\.$/.exec(lines.at(-1)!)![1]!
    .replace(",", ""));
  // Each of the 2,000, what the rules say of some, and the end of the connection, but for those before.
  const told = lines.slice(4, -2).filter((line) => line.includes("have: ")).length;
  assert(left >= 2000 - told + 1, `${left} left out, ${told} told`);
});

Deno.test("whatever a program says: a line each of bounded length, nothing that acts on a terminal", () => {
  fc.assert(fc.property(
    fc.array(
      fc.tuple(
        fc.boolean(),
        fc.oneof(
          fc.uint8Array({ maxLength: 60 }),
          fc.string({ maxLength: 3000, unit: "binary" }).map((client) =>
            Uint8Array.of(20, 0, ...encodeExtensionHandshake({ messages: {}, client }))
          ),
        ),
      ),
      { maxLength: 30 },
    ),
    (parts) => {
      const wired = new Wired().greet();
      for (const [isCaller, body] of parts) {
        const frame = new Uint8Array(4 + body.length);
        new DataView(frame.buffer).setUint32(0, body.length);
        frame.set(body, 4);
        wired.bytes(isCaller ? "caller" : "called", frame);
      }
      const text = wired.text.replaceAll("\n", "");
      // deno-lint-ignore no-control-regex -- they are what is looked for
      assert(!/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/.test(text), text);
      assert(wired.text.split("\n").every((line) => line.length < 540), wired.text);
    },
  ));
});
