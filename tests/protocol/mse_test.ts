import { createHash } from "node:crypto";
import fc from "fast-check";
import { ProtocolError } from "../../protocol/errors.ts";
import {
  answerMse,
  initiateMse,
  MSE_PLAIN,
  MSE_RC4,
  type MseAgreement,
  type MseEffects,
  type MseHandshake,
} from "../../protocol/mse.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { latin1 } from "../support/bytes.ts";
import { seededRandom } from "../support/random.ts";

const HASH = new Uint8Array(20).fill(7);
const OTHER = new Uint8Array(20).fill(9);
const INITIAL = latin1("the first bytes of the payload");

function effects(seed: number): MseEffects {
  const random = seededRandom(seed);
  return {
    random: (length) => Uint8Array.from({ length }, () => random() * 256),
    sha1(...parts) {
      const hash = createHash("sha1");
      for (const part of parts) hash.update(part);
      return new Uint8Array(hash.digest());
    },
  };
}

/** One side with what came for it. */
class Side {
  readonly #handshake: MseHandshake;
  #inbox = new Uint8Array();
  #wants: number | undefined;
  agreement: MseAgreement | undefined;

  constructor(handshake: MseHandshake) {
    this.#handshake = handshake;
  }

  get rest(): Uint8Array {
    return this.#inbox;
  }

  /** Takes bytes in; what it says to them. */
  hear(bytes: Uint8Array): Uint8Array {
    this.#inbox = new Uint8Array([...this.#inbox, ...bytes]);
    let said: number[] = [];
    for (;;) {
      if (this.agreement !== undefined) return new Uint8Array(said);
      if (this.#wants !== undefined && this.#inbox.length < this.#wants) {
        return new Uint8Array(said);
      }
      const taken = this.#inbox.slice(0, this.#wants ?? 0);
      this.#inbox = this.#inbox.slice(taken.length);
      const step = this.#handshake.next(taken);
      if (step.done) this.agreement = step.value;
      else {
        this.#wants = step.value.take;
        said = [...said, ...step.value.send ?? []];
      }
    }
  }
}

/** Lets two sides talk until neither says more; `change` may do what it likes to A's first words. */
function talk(
  options: {
    seed?: number;
    provide?: number;
    accept?: number;
    ours?: Uint8Array[];
    chunk?: number;
    change?: (bytes: Uint8Array, from: "a" | "b") => Uint8Array;
  },
): { a: Side; b: Side } {
  const { seed = 1, provide = 3, accept = 3, ours = [OTHER, HASH], chunk = Infinity } = options;
  const change = options.change ?? ((bytes: Uint8Array) => bytes);
  const a = new Side(initiateMse({ infoHash: HASH, provide, initial: INITIAL, ...effects(seed) }));
  const b = new Side(answerMse({ infoHashes: ours, accept, ...effects(seed + 1) }));
  b.hear(new Uint8Array());
  let toB = a.hear(new Uint8Array());
  let toA = new Uint8Array();
  for (let turn = 0; turn < 20_000 && toA.length + toB.length > 0; turn++) {
    if (toB.length > 0) {
      const head = toB.slice(0, chunk);
      toB = toB.slice(head.length);
      toA = new Uint8Array([...toA, ...b.hear(change(head, "a"))]);
    }
    if (toA.length > 0) {
      const head = toA.slice(0, chunk);
      toA = toA.slice(head.length);
      toB = new Uint8Array([...toB, ...a.hear(change(head, "b"))]);
    }
  }
  return { a, b };
}

Deno.test("both sides of MSE agree, however the bytes are cut and padded", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1 << 30 }),
      fc.constantFrom(1, 2, 3),
      fc.constantFrom(1, 2, 3),
      fc.constantFrom(1, 7, 100, Infinity),
      (seed, provide, accept, chunk) => {
        fc.pre((provide & accept) !== 0);
        const { a, b } = talk({ seed, provide, accept, chunk });
        const rc4 = (provide & accept & MSE_PLAIN) === 0;
        assert(a.agreement !== undefined && b.agreement !== undefined);
        assertEquals([a.agreement.rc4, b.agreement.rc4], [rc4, rc4]);
        assertEquals(b.agreement.infoHash, HASH);
        assertEquals(b.agreement.initial, INITIAL);
        assertEquals([a.rest.length, b.rest.length], [0, 0]);
        const said = latin1("and so on");
        const heard = b.agreement.incoming.apply(a.agreement.outgoing.apply(said.slice()));
        assertEquals(heard, said);
        assertEquals(a.agreement.incoming.apply(b.agreement.outgoing.apply(said.slice())), said);
      },
    ),
    { seed: 5, numRuns: 60 },
  );
});

Deno.test("MSE fails with a reason", async (t) => {
  const cases: [string, RegExp, Parameters<typeof talk>[0]][] = [
    ["a torrent we do not have", /unknown torrent/, { ours: [OTHER] }],
    ["nothing in common", /no kind of encryption/, { provide: MSE_RC4, accept: MSE_PLAIN }],
    ["a public key that gives the secret away", /public key/, {
      change: (bytes) => new Uint8Array(bytes.length),
    }],
    ["anything but MSE", /does not speak BitTorrent/, {
      change: (bytes, from) => from === "a" ? bytes.map((_, i) => i * 31 & 255 | 1) : bytes,
    }],
  ];
  for (const [what, reason, options] of cases) {
    await t.step(what, () => {
      const error = assertThrows(() => talk(options), ProtocolError);
      assert(reason.test(error.message), error.message);
    });
  }
});

Deno.test("someone who only pads is dropped after 512 bytes of it", () => {
  const side = new Side(answerMse({ infoHashes: [HASH], accept: 3, ...effects(1) }));
  side.hear(new Uint8Array(96).fill(3));
  side.hear(new Uint8Array(512 + 19).fill(3));
  assertThrows(() => side.hear(new Uint8Array(2).fill(3)), ProtocolError);
});

Deno.test("damaged MSE handshakes end in a ProtocolError or wait for more", () => {
  const random = seededRandom(3);
  for (let round = 0; round < 300; round++) {
    try {
      talk({
        seed: round + 1,
        chunk: 64,
        change: (bytes) =>
          bytes.map((byte) => random() < 0.005 ? byte ^ (1 << Math.floor(random() * 8)) : byte),
      });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
});
