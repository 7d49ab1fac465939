/**
 * Reads the body of a request, no more of it than is allowed.
 *
 * @module
 */
import { ChunkedBody } from "../../protocol/chunked_body.ts";
import { classifyIp } from "../../protocol/address.ts";
import { loopTurns } from "../../loop/process_loop.ts";
import { hostKey } from "./connection_limit.ts";
import type { HttpFault } from "../../protocol/http_head.ts";

/** Memory is taken in steps that double from here: a length that is only claimed costs nothing. */
const FIRST_STEP = 16 * 1024;
/** Longest step, and the most that is copied at once. */
const STEP = 2 ** 20;
/** Read at once where it is not known how much comes. */
const SCRATCH = 2048;

/** Of one address: this part of all that may be under way. This machine's own may have all of it. */
const SHARE = 1 / 4;

/** Memory that bodies under way may take at the same time, by connection and by address. */
export class BodyBudget {
  readonly #share: number;
  #left: number;
  readonly #taken = new Map<string, number>();

  constructor(bytes: number) {
    this.#left = bytes;
    this.#share = bytes * SHARE;
  }

  /** For `bytes` more of a body from `address`; give them back when it is done. */
  take(bytes: number, address: Uint8Array): boolean {
    const key = hostKey(address);
    const taken = (this.#taken.get(key) ?? 0) + bytes;
    if (bytes > this.#left) return false;
    if (taken > this.#share && classifyIp(address) !== "loopback") return false;
    this.#left -= bytes;
    this.#taken.set(key, taken);
    return true;
  }

  giveBack(bytes: number, address: Uint8Array): void {
    const key = hostKey(address);
    this.#left += bytes;
    const rest = this.#taken.get(key)! - bytes;
    if (rest === 0) this.#taken.delete(key);
    else this.#taken.set(key, rest);
  }
}

/** A body, and what came behind it: at most as much as one read brings. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly rest: Uint8Array;
}

/**
 * Reads a body.
 *
 * @param length bytes; -1 for chunks
 * @param begun what came with the head
 * @throws where the connection breaks
 */
export async function readBody(
  conn: Deno.TcpConn,
  length: number,
  begun: Uint8Array,
  options: { limit: number; budget: BodyBudget; address: Uint8Array },
): Promise<Body | HttpFault> {
  const { limit, budget, address } = options;
  const body = new GrowingBody(length < 0 ? limit : length, {
    take: (bytes) => budget.take(bytes, address),
    giveBack: (bytes) => budget.giveBack(bytes, address),
  });
  try {
    return length < 0
      ? await readChunks(conn, begun, limit, body)
      : await readCounted(conn, begun, length, body);
  } catch (error) {
    if (error instanceof BudgetError) return BUSY;
    throw error;
  } finally {
    body.giveBack();
  }
}

async function readCounted(
  conn: Deno.TcpConn,
  begun: Uint8Array,
  length: number,
  body: GrowingBody,
): Promise<Body> {
  body.add(begun.subarray(0, length));
  while (body.length < length) {
    for (let turn; (turn = loopTurns.due()) !== undefined;) await turn;
    const count = await conn.read(body.room());
    if (count === null) throw new Deno.errors.Interrupted("the body ended early");
    body.length += count;
  }
  return { bytes: body.bytes, rest: begun.subarray(length) };
}

async function readChunks(
  conn: Deno.TcpConn,
  begun: Uint8Array,
  limit: number,
  body: GrowingBody,
): Promise<Body | HttpFault> {
  let isTooLong = false;
  const chunks = new ChunkedBody((bytes) => {
    isTooLong ||= body.length + bytes.length > limit;
    if (!isTooLong) body.add(bytes);
  });
  const scratch = new Uint8Array(SCRATCH);
  for (let came = begun;;) {
    const used = chunks.feed(came);
    if (used < 0) return { status: 400, reason: "the body is not in chunks as it says" };
    if (isTooLong) return { status: 413, reason: `the body may have at most ${limit} bytes` };
    if (chunks.isDone) return { bytes: await body.fitted(), rest: came.subarray(used) };
    for (let turn; (turn = loopTurns.due()) !== undefined;) await turn;
    const count = await conn.read(scratch);
    if (count === null) throw new Deno.errors.Interrupted("the body ended early");
    came = scratch.subarray(0, count);
  }
}

/** What a client hears that may try again soon. */
const BUSY: HttpFault = { status: 503, reason: "too many uploads: try again soon" };

/** There is no memory for more of a body now. */
class BudgetError extends Error {
  override name = "BudgetError";
}

/** Where the memory of one body is counted. */
interface Account {
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

/**
 * Bytes up to a limit, in memory that is taken, and counted, as they come. Once there are many, there is
 * one array for all that may come: what nobody has written to yet takes no memory, and to copy 32 MiB
 * would hold up everybody else.
 */
class GrowingBody {
  readonly #limit: number;
  readonly #account: Account;
  #counted = 0;
  #buffer: Uint8Array;
  /** Bytes of the buffer that may be written to. */
  #usable: number;
  length = 0;

  constructor(limit: number, account: Account) {
    this.#limit = limit;
    this.#account = account;
    // Too little to be counted: connections are bounded.
    this.#usable = Math.min(limit, FIRST_STEP);
    this.#buffer = new Uint8Array(this.#usable);
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.length);
  }

  add(bytes: Uint8Array): void {
    while (this.#usable < this.length + bytes.length) this.#grow();
    this.#buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Where the next bytes belong. @throws {BudgetError} where there is no memory for more */
  room(): Uint8Array {
    if (this.length === this.#usable) this.#grow();
    return this.#buffer.subarray(this.length, this.#usable);
  }

  /** The bytes in an array of their length, made with pauses: whoever keeps it keeps no more. */
  async fitted(): Promise<Uint8Array> {
    if (this.length === this.#buffer.length) return this.#buffer;
    const bytes = new Uint8Array(this.length);
    for (let at = 0; at < bytes.length; at += STEP) {
      if (at > 0) await new Promise(setImmediate);
      bytes.set(this.bytes.subarray(at, at + STEP), at);
    }
    return bytes;
  }

  /** The body is over. */
  giveBack(): void {
    if (this.#counted > 0) this.#account.giveBack(this.#counted);
    this.#counted = 0;
  }

  #grow(): void {
    const usable = Math.min(this.#limit, this.#usable + Math.min(this.#usable, STEP));
    if (!this.#account.take(usable - this.#counted)) throw new BudgetError();
    this.#counted = this.#usable = usable;
    if (usable <= this.#buffer.length) return;
    const larger = new Uint8Array(usable < STEP ? usable : this.#limit);
    larger.set(this.bytes);
    this.#buffer = larger;
  }
}
