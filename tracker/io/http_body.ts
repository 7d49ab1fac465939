/**
 * Reads the body of a request, no more of it than is allowed.
 *
 * @module
 */
import { ChunkedBody } from "../../protocol/chunked_body.ts";
import type { HttpFault } from "../../protocol/http_head.ts";

/** Memory is taken in steps that double from here: a length that is only claimed costs nothing. */
const FIRST_STEP = 64 * 1024;
/** Read at once where it is not known how much comes. */
const SCRATCH = 2048;

/** Bytes of bodies that may be under way at the same time, in all connections. */
export class BodyBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
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
  options: { limit: number; budget: BodyBudget },
): Promise<Body | HttpFault> {
  const { limit, budget } = options;
  const reserved = length < 0 ? limit : length;
  if (!budget.take(reserved)) return { status: 503, reason: "too many uploads: try again soon" };
  try {
    return length < 0
      ? await readChunks(conn, begun, limit)
      : await readCounted(conn, begun, length);
  } finally {
    budget.giveBack(reserved);
  }
}

async function readCounted(conn: Deno.TcpConn, begun: Uint8Array, length: number): Promise<Body> {
  const body = new GrowingBody(length);
  body.add(begun.subarray(0, length));
  while (body.length < length) {
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
): Promise<Body | HttpFault> {
  const body = new GrowingBody(limit);
  let isTooLong = false;
  const chunks = new ChunkedBody((bytes) => {
    isTooLong ||= body.length + bytes.length > limit;
    if (!isTooLong) body.add(bytes);
  });
  const scratch = new Uint8Array(SCRATCH);
  for (let came = begun;;) {
    const used = chunks.feed(came);
    if (used < 0) return { status: 400, reason: "the body is not in chunks as it says" };
    if (isTooLong) return { status: 413, reason: `a body here may have at most ${limit} bytes` };
    if (chunks.isDone) return { bytes: body.bytes, rest: came.subarray(used) };
    const count = await conn.read(scratch);
    if (count === null) throw new Deno.errors.Interrupted("the body ended early");
    came = scratch.subarray(0, count);
  }
}

/** Bytes up to a limit, in memory that is taken as they come. */
class GrowingBody {
  readonly #limit: number;
  #buffer: Uint8Array;
  length = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#buffer = new Uint8Array(Math.min(limit, FIRST_STEP));
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.length);
  }

  add(bytes: Uint8Array): void {
    while (this.#buffer.length < this.length + bytes.length) this.#grow();
    this.#buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Where the next bytes belong. */
  room(): Uint8Array {
    if (this.length === this.#buffer.length) this.#grow();
    return this.#buffer.subarray(this.length);
  }

  #grow(): void {
    const larger = new Uint8Array(Math.min(this.#limit, this.#buffer.length * 2));
    larger.set(this.bytes);
    this.#buffer = larger;
  }
}
