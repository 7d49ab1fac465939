/**
 * The handshake of message stream encryption (MSE, also called protocol encryption), without its
 * input and output.
 *
 *     A → B   Ya, PadA
 *     B → A   Yb, PadB
 *     A → B   H("req1", S), H("req2", SKEY) ^ H("req3", S),
 *             E(VC, crypto_provide, len(PadC), PadC, len(IA)), E(IA)
 *     B → A   E(VC, crypto_select, len(PadD), PadD)
 *     both    the payload, in RC4 or in clear as selected
 *
 * S is the Diffie-Hellman secret, SKEY the info hash, H SHA-1, VC eight zeros, IA the first bytes of
 * A's payload. Each side is a generator: it says what to send and how many bytes it wants next.
 *
 * @module
 */
import { equalBytes } from "./bytes20.ts";
import { concatBytes } from "./concat_bytes.ts";
import { ProtocolError } from "./errors.ts";
import { Rc4 } from "./rc4.ts";

/** Bits of `crypto_provide` and `crypto_select`. */
export const MSE_PLAIN = 1;
export const MSE_RC4 = 2;

/** What to do next: send these bytes, then go on with the next `take` bytes that come. */
export interface MseStep {
  readonly send?: Uint8Array;
  readonly take: number;
}

/** What both sides agreed on. */
export interface MseAgreement {
  /** Whether the payload is encrypted; otherwise only the handshake was. */
  readonly rc4: boolean;
  /** Ciphers for what comes and what goes, at the place where the payload begins. */
  readonly incoming: Rc4;
  readonly outgoing: Rc4;
  /** The torrent's info hash. */
  readonly infoHash: Uint8Array;
  /** The first bytes of the other's payload, in clear (only the one who was called has any). */
  readonly initial: Uint8Array;
}

export type MseHandshake = Generator<MseStep, MseAgreement, Uint8Array>;

/** Effects, passed in. */
export interface MseEffects {
  /** So many random bytes. */
  random(length: number): Uint8Array;
  /** The SHA-1 of all parts one after the other. */
  sha1(...parts: readonly Uint8Array[]): Uint8Array;
}

/** The prime (768 bits) and the generator. */
const P = BigInt(
  "0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404" +
    "DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A3621000000000009" +
    "0563",
);
const G = 2n;
const KEY_LENGTH = 96;
/** Bytes of a private key: more than 160 bits bring nothing with this prime. */
const PRIVATE_LENGTH = 20;
const MAX_PAD = 512;
/** Longest IA taken: a handshake (68) and what one may say at once after it. */
const MAX_INITIAL = 16384;
/** RC4's first bytes tell of its key, so they are not used. */
const SKIP = 1024;
const VC = new Uint8Array(8);

/**
 * The side that calls.
 *
 * @param options.provide what it offers: {@linkcode MSE_PLAIN}, {@linkcode MSE_RC4} or both
 * @param options.initial first bytes of the payload, sent along: the BitTorrent handshake
 * @throws {ProtocolError} where the other does not keep to it
 */
export function* initiateMse(
  options: { infoHash: Uint8Array; provide: number; initial: Uint8Array } & MseEffects,
): MseHandshake {
  const { infoHash, provide, initial, random, sha1 } = options;
  const keys = keyPair(random);
  const secret = keys.secret(
    yield { send: concatBytes([keys.public, padding(random)]), take: KEY_LENGTH },
  );
  const outgoing = cipher("keyA", secret, infoHash, sha1);
  const incoming = cipher("keyB", secret, infoHash, sha1);
  const pad = padding(random);
  const head = concatBytes([VC, uint(provide, 4), uint(pad.length, 2), pad]);
  const request = concatBytes([
    sha1(text("req1"), secret),
    xor(sha1(text("req2"), infoHash), sha1(text("req3"), secret)),
    outgoing.apply(concatBytes([head, uint(initial.length, 2), initial])),
  ]);
  yield* find(incoming.apply(VC.slice()), request);
  const answer = incoming.apply(yield { take: 6 });
  const select = readUint(answer, 0, 4);
  if ((select !== MSE_PLAIN && select !== MSE_RC4) || (select & provide) === 0) {
    throw new ProtocolError("it selects a kind of encryption that was not offered");
  }
  incoming.apply(yield { take: padLength(readUint(answer, 4, 2)) });
  return { rc4: select === MSE_RC4, incoming, outgoing, infoHash, initial: new Uint8Array() };
}

/**
 * The side that was called.
 *
 * @param options.infoHashes of the torrents that one may ask for
 * @param options.accept what it takes; of both, clear text: it costs nothing
 * @throws {ProtocolError} where the other does not keep to it, or asks for none of our torrents
 */
export function* answerMse(
  options: { infoHashes: Iterable<Uint8Array>; accept: number } & MseEffects,
): MseHandshake {
  const { infoHashes, accept, random, sha1 } = options;
  const theirs = yield { take: KEY_LENGTH };
  const keys = keyPair(random);
  const secret = keys.secret(theirs);
  yield* find(sha1(text("req1"), secret), concatBytes([keys.public, padding(random)]));
  const wanted = xor(yield { take: 20 }, sha1(text("req3"), secret));
  const infoHash = [...infoHashes].find((hash) => equalBytes(sha1(text("req2"), hash), wanted));
  if (infoHash === undefined) throw new ProtocolError("unknown torrent");
  const incoming = cipher("keyA", secret, infoHash, sha1);
  const outgoing = cipher("keyB", secret, infoHash, sha1);
  const head = incoming.apply(yield { take: 14 });
  if (!equalBytes(head.subarray(0, 8), VC)) throw new ProtocolError("its encryption is broken");
  const both = readUint(head, 8, 4) & accept;
  const select = (both & MSE_PLAIN) !== 0 ? MSE_PLAIN : both & MSE_RC4;
  if (select === 0) throw new ProtocolError("it offers no kind of encryption that is wanted here");
  incoming.apply(yield { take: padLength(readUint(head, 12, 2)) });
  const length = readUint(incoming.apply(yield { take: 2 }), 0, 2);
  if (length > MAX_INITIAL) throw new ProtocolError(`it begins with ${length} bytes at once`);
  const initial = incoming.apply(yield { take: length });
  const pad = padding(random);
  const answer = concatBytes([VC, uint(select, 4), uint(pad.length, 2), pad]);
  yield { send: outgoing.apply(answer), take: 0 };
  return { rc4: select === MSE_RC4, incoming, outgoing, infoHash, initial };
}

/** Sends, then passes over padding up to and with `mark`. */
function* find(mark: Uint8Array, send: Uint8Array): Generator<MseStep, void, Uint8Array> {
  let seen = yield { send, take: mark.length };
  for (let passed = 0; !equalBytes(seen, mark); passed++) {
    if (passed === MAX_PAD) throw new ProtocolError("it does not speak BitTorrent");
    seen = concatBytes([seen.subarray(1), yield { take: 1 }]);
  }
}

function keyPair(
  random: MseEffects["random"],
): { public: Uint8Array; secret(theirs: Uint8Array): Uint8Array } {
  const own = toNumber(random(PRIVATE_LENGTH));
  return {
    public: toBytes(power(G, own)),
    secret(theirs) {
      const key = toNumber(theirs);
      // With these anybody who listens knows the secret.
      if (key <= 1n || key >= P - 1n) throw new ProtocolError("its public key is none");
      return toBytes(power(key, own));
    },
  };
}

/** `base ** exponent mod P`: 0.15 ms. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = result * base % P;
    base = base * base % P;
  }
  return result;
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytes.toHex()}`);
}

function toBytes(key: bigint): Uint8Array {
  return Uint8Array.fromHex(key.toString(16).padStart(2 * KEY_LENGTH, "0"));
}

function cipher(
  name: "keyA" | "keyB",
  secret: Uint8Array,
  infoHash: Uint8Array,
  sha1: MseEffects["sha1"],
): Rc4 {
  return new Rc4(sha1(text(name), secret, infoHash), SKIP);
}

/** 0 to 512 random bytes. */
function padding(random: MseEffects["random"]): Uint8Array {
  return random(readUint(random(2), 0, 2) % (MAX_PAD + 1));
}

function padLength(length: number): number {
  if (length > MAX_PAD) throw new ProtocolError(`it pads with ${length} bytes`);
  return length;
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!);
}

function uint(value: number, bytes: 2 | 4): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => value >>> 8 * (bytes - 1 - i));
}

function readUint(bytes: Uint8Array, at: number, length: 2 | 4): number {
  let value = 0;
  for (let i = at; i < at + length; i++) value = value * 256 + bytes[i]!;
  return value;
}

function text(word: string): Uint8Array {
  return new TextEncoder().encode(word);
}
