import fc from "fast-check";
import { assert, assertEquals } from "../../support/assert.ts";
import { encodeBencode } from "../../../protocol/bencode.ts";
import { encodeExtensionHandshake } from "../../../protocol/extension_message.ts";
import { encodeHandshake, type Handshake } from "../../../protocol/handshake.ts";
import { MessageWriter } from "../../../protocol/message_writer.ts";
import { MessageStream } from "../../../lab/real/message_stream.ts";
import { otherSide, RuleWatch, type Side } from "../../../lab/real/rule_watch.ts";
import { type RuleName, WIRE_RULES } from "../../../lab/real/wire_rules.ts";

const BLOCK = 16384;
/** Three pieces of two blocks, of which the last has only 100 bytes of its first. */
const [SIZE, PIECE] = [4 * BLOCK + 100, 2 * BLOCK];
const INFO_HASH = new Uint8Array(20).fill(1);
const SLACK = 1000;

/** Two ends that say things to each other; each hears at once, unless told otherwise. */
class Talk {
  readonly broken: RuleName[] = [];
  now = 0;
  /** What is said stays on its way while this is set. */
  isHeld = false;
  readonly #watch: RuleWatch;
  readonly #streams: Readonly<Record<Side, MessageStream>>;

  /** @param has whether the caller has a piece; the called end has all. */
  constructor(has: (piece: number) => boolean = () => false) {
    const facts = { slack: SLACK, peerId: () => new Uint8Array(20).fill(7) };
    this.#watch = new RuleWatch({
      ...{ infoHash: INFO_HASH, size: SIZE, pieceLength: PIECE, isPrivate: true },
      sides: { caller: { ...facts, claims: has }, called: { ...facts, claims: () => true } },
      onBreak: (_side, rule) => this.broken.push(rule),
    });
    const stream = () => new MessageStream(3, (_piece, _begin, block) => block[0] === 0);
    this.#streams = { caller: stream(), called: stream() };
  }

  say(side: Side, what: (say: MessageWriter) => void): void {
    const writer = new MessageWriter(() => {});
    what(writer);
    for (const said of this.#streams[side].push(writer.take())) {
      this.#watch.said(side, said, this.now);
      if (!this.isHeld) this.#watch.heard(otherSide(side), said, this.now);
    }
  }

  /** Both handshakes. */
  greet(more: Partial<Handshake> = {}, called: Partial<Handshake> = more): this {
    for (const [side, one] of [["caller", more], ["called", called]] as const) {
      this.say(side, (say) =>
        say.raw(encodeHandshake({
          ...{ infoHash: INFO_HASH, peerId: new Uint8Array(20).fill(7) },
          ...{ fast: false, extended: false, dht: false, ...one },
        })));
    }
    return this;
  }

  /** The called end has everything, the caller wants it and is unchoked. */
  open(more: Partial<Handshake> = {}): this {
    this.greet(more);
    this.say("called", (say) => say.bitfield(Uint8Array.of(0b11100000)));
    if (more.fast) this.say("caller", (say) => say.raw(Uint8Array.of(0, 0, 0, 1, 15)));
    this.say("caller", (say) => say.interested());
    this.say("called", (say) => say.unchoke());
    return this;
  }
}

const hello = (messages: Record<string, number>) => encodeExtensionHandshake({ messages });
const right = new Uint8Array(BLOCK);
const wrong = new Uint8Array(BLOCK).fill(1);
const EXTENDED = { extended: true };

/** The shortest talk that breaks each rule, and no other. */
const BREAKS: Readonly<Record<RuleName, () => Talk>> = {
  "info hash": () => new Talk().greet({ infoHash: new Uint8Array(20) }, {}),
  "peer id": () => new Talk().greet({ peerId: new Uint8Array(20) }, {}),
  "message form": () =>
    after(new Talk().greet(), "caller", (say) => say.raw(Uint8Array.of(0, 0, 0, 2, 4, 0))),
  "bitfield first": () => {
    const talk = after(new Talk().greet(), "called", (say) => say.unchoke());
    return after(talk, "called", (say) => say.bitfield(Uint8Array.of(0b11100000)));
  },
  "bitfield length": () =>
    after(new Talk().greet(), "called", (say) => say.bitfield(Uint8Array.of(0b11110000))),
  "bitfield true": () =>
    after(new Talk().greet(), "caller", (say) => say.bitfield(Uint8Array.of(0b10000000))),
  "have range": () => after(new Talk().greet(), "called", (say) => say.have(3)),
  "have true": () => after(new Talk().greet(), "caller", (say) => say.have(2)),
  "have again": () => after(new Talk().open(), "called", (say) => say.have(2)),
  "request range": () => after(new Talk().open(), "caller", (say) => say.request(2, 0, BLOCK)),
  "request length": () => after(new Talk().open(), "caller", (say) => say.request(0, 0, 2 * BLOCK)),
  "request choked": () => {
    const talk = after(new Talk().open(), "called", (say) => say.choke());
    talk.now += SLACK + 1;
    return after(talk, "caller", (say) => say.request(0, 0, BLOCK));
  },
  "request uninterested": () => {
    const talk = after(new Talk().open(), "caller", (say) => say.notInterested());
    return after(talk, "caller", (say) => say.request(0, 0, BLOCK));
  },
  "request lacking": () => {
    const talk = after(new Talk().greet(), "caller", (say) => say.interested());
    after(talk, "called", (say) => say.unchoke());
    return after(talk, "caller", (say) => say.request(0, 0, BLOCK));
  },
  "request own": () => {
    const talk = after(new Talk(() => true).open(), "caller", (say) => say.have(0));
    return after(talk, "caller", (say) => say.request(0, 0, BLOCK));
  },
  "request again": () => {
    const talk = after(new Talk().open(), "caller", (say) => say.request(0, 0, BLOCK));
    return after(talk, "caller", (say) => say.request(0, 0, BLOCK));
  },
  "request queue": () => {
    const talk = new Talk().open(EXTENDED);
    const takesOne = encodeExtensionHandshake({ messages: {}, reqq: 1 });
    after(talk, "called", (say) => say.extended(0, takesOne));
    after(talk, "caller", (say) => say.request(0, 0, BLOCK));
    return after(talk, "caller", (say) => say.request(0, BLOCK, BLOCK));
  },
  "block unrequested": () => after(new Talk().open(), "called", (say) => say.piece(0, 0, right)),
  "block length": () => {
    const talk = after(new Talk().open(), "caller", (say) => say.request(0, 0, BLOCK));
    return after(talk, "called", (say) => say.piece(0, 0, right.subarray(1)));
  },
  "block choked": () => {
    const talk = after(new Talk().open(), "called", (say) => say.choke());
    // It asks at once, before it can have heard, and gets its answer long after.
    after(talk, "caller", (say) => say.request(0, 0, BLOCK));
    talk.now += 2 * SLACK;
    return after(talk, "called", (say) => say.piece(0, 0, right));
  },
  "block lacking": () => {
    const talk = new Talk().greet();
    after(talk, "called", (say) => say.have(1));
    after(talk, "caller", (say) => say.interested());
    after(talk, "called", (say) => say.unchoke());
    after(talk, "caller", (say) => say.request(0, 0, BLOCK));
    talk.broken.length = 0; // what the caller did is told above
    return after(talk, "called", (say) => say.piece(0, 0, right));
  },
  "block true": () => {
    const talk = after(new Talk().open(), "caller", (say) => say.request(0, 0, BLOCK));
    return after(talk, "called", (say) => say.piece(0, 0, wrong));
  },
  "cancel unrequested": () => after(new Talk().open(), "caller", (say) => say.cancel(0, 0, BLOCK)),
  "state again": () => after(new Talk().open(), "caller", (say) => say.interested()),
  "unknown message": () =>
    after(new Talk().open(), "caller", (say) => say.raw(Uint8Array.of(0, 0, 0, 1, 99))),
  "port bit": () => after(new Talk().open(), "caller", (say) => say.port(6881)),
  "fast bit": () => after(new Talk().open(), "caller", (say) => say.reject(0, 0, BLOCK)),
  "fast first": () => after(new Talk().greet({ fast: true }), "caller", (say) => say.interested()),
  "reject unrequested": () =>
    after(new Talk().open({ fast: true }), "called", (say) => say.reject(0, 0, BLOCK)),
  "extension bit": () => after(new Talk().open(), "caller", (say) => say.extended(0, hello({}))),
  "extension handshake": () =>
    after(new Talk().greet(EXTENDED), "caller", (say) => say.extended(0, encodeBencode("no"))),
  "extension id": () =>
    after(new Talk().greet(EXTENDED), "caller", (say) => say.extended(9, hello({}))),
  "private exchange": () => {
    const talk = new Talk().greet(EXTENDED);
    after(talk, "called", (say) => say.extended(0, hello({ "ut_pex": 5 })));
    return after(talk, "caller", (say) => say.extended(5, encodeBencode({ added: "" })));
  },
};

function after(talk: Talk, side: Side, what: (say: MessageWriter) => void): Talk {
  talk.say(side, what);
  return talk;
}

for (const rule of Object.keys(WIRE_RULES) as RuleName[]) {
  Deno.test(`the shortest talk that breaks the rule "${rule}" breaks no other`, () => {
    assertEquals(BREAKS[rule]().broken, [rule]);
  });
}

Deno.test("a talk by the rules breaks none, with and without BEP 6, in any order of blocks", () => {
  fc.assert(fc.property(
    fc.boolean(),
    fc.shuffledSubarray([[0, 0], [0, BLOCK], [1, 0], [1, BLOCK]], { minLength: 4 }),
    fc.integer({ min: 0, max: 4 }),
    (fast, blocks, chokedAfter) => {
      const had = new Set<number>();
      const talk = new Talk((piece) => had.has(piece)).open({ fast });
      blocks.forEach(([piece, begin], index) => {
        talk.now += 10;
        after(talk, "caller", (say) => say.request(piece!, begin!, BLOCK));
        if (index === chokedAfter) {
          after(talk, "called", (say) => say.choke());
          if (fast) after(talk, "called", (say) => say.reject(piece!, begin!, BLOCK));
          talk.now += 30_000;
          after(talk, "called", (say) => say.unchoke());
          after(talk, "caller", (say) => say.request(piece!, begin!, BLOCK));
        }
        after(talk, "called", (say) => say.piece(piece!, begin!, right));
      });
      for (const piece of [0, 1]) {
        had.add(piece);
        after(talk, "caller", (say) => say.have(piece));
      }
      assertEquals(talk.broken, []);
    },
  ));
});

Deno.test("what a peer has not heard yet it cannot keep to", () => {
  const talk = new Talk().open();
  talk.isHeld = true;
  after(talk, "called", (say) => say.choke());
  talk.now += 60_000; // a long and slow line
  after(talk, "caller", (say) => say.request(0, 0, BLOCK));
  assertEquals(talk.broken, []);
});

Deno.test("a talk of any bytes is judged without an error, and only by rules of the table", () => {
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 60 })), { maxLength: 30 }),
    (parts) => {
      const talk = new Talk().open({ fast: true, extended: true });
      for (const [isCaller, body] of parts) {
        const frame = new Uint8Array(4 + body.length);
        new DataView(frame.buffer).setUint32(0, body.length);
        frame.set(body, 4);
        after(talk, isCaller ? "caller" : "called", (say) => say.raw(frame));
      }
      assert(talk.broken.every((rule) => rule in WIRE_RULES));
    },
  ));
});
