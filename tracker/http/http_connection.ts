/**
 * One HTTP connection: requests in, replies out, in order, however they were cut into packets.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import {
  findHeadEnd,
  type HttpFault,
  INCOMPLETE,
  MALFORMED,
  MAX_HEAD,
  MAX_TARGET,
  parseRequestHead,
  type RequestHead,
} from "../../protocol/http_head.ts";
import { formatIp } from "../../protocol/address.ts";
import { loopTurns } from "../../loop/process_loop.ts";
import { type MaybePromise, recovering } from "../contract/maybe_promise.ts";
import { forwardedAddress } from "./forwarded_address.ts";
import {
  busy,
  formatReplyHead,
  type HttpReply,
  lengthOf,
  type Persistence,
  refusal,
  textReply,
} from "./http_reply.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { readBody } from "./http_body.ts";
import type { HttpHost } from "./http_host.ts";
import { type HttpRequest, NO_BODY, type QueryRoute, type Route } from "./route.ts";

/** Replies to pipelined requests are sent together up to about this many bytes. */
const CORK = 32 * 1024;
/** A body part from here on is sent from where it lies instead of being copied, bytes. */
const LARGE = 16 * 1024;
/** Unread bytes that are waited out before a connection with a fault is closed. */
const MAX_LINGER = 8 << 20;
/** The system takes nothing for this long: the client is gone, ms. */
const WRITE_MS = 30_000;
/** For an answer that takes its time on our side, ms. */
const ANSWER_MS = 60_000;
/** For the answer to a fault to be read, ms. */
const LINGER_MS = 5_000;

/** What decides about the form of a reply. */
type Asked = Pick<RequestHead, "method" | "isModern">;
const PLAIN: Asked = { method: "GET", isModern: true };

/** Serves requests until either side ends it. */
export class HttpConnection {
  /** When it is given up, ms. */
  deadline: number;
  /** Between two requests. */
  isIdle = false;
  readonly #conn: Deno.TcpConn;
  readonly #host: HttpHost;
  readonly #address: Uint8Array;
  readonly #remote: string;
  /** What came and was not read yet lies from start to end; a head is looked for from scanned. */
  #input: Buffer;
  #start = 0;
  #scanned = 0;
  #end = 0;
  #output: ByteWriter | undefined;
  #writes = 0;
  /** No request after this one. */
  #isLast = false;
  /** There may be something unread that would turn a close into a reset. */
  #lingers = false;
  /** Requests are being answered, and how many were since the last read. */
  #isBusy = false;
  #answered = 0;
  /** Aborted when a stream has nobody to go to any more. */
  #gone: AbortController | undefined;

  /** @param remote the address as text */
  constructor(conn: Deno.TcpConn, address: Uint8Array, remote: string, host: HttpHost) {
    this.#conn = conn;
    this.#host = host;
    this.#address = address;
    this.#remote = remote;
    this.#input = host.inputs.borrow();
    this.deadline = host.now + host.limits.requestMs;
  }

  /** Resolves when it is closed. Never throws. */
  async serve(): Promise<void> {
    try {
      await this.#serve();
      if (this.#lingers) await this.#linger();
    } catch (error) {
      // The client went away, or was given up: nobody to tell. Anything else is a fault of ours.
      if (!isConnectionError(error)) this.#host.onFault(this.#remote, error);
    }
    this.close();
    this.#host.inputs.giveBack(this.#input);
    this.#host.onClosed(this, this.#address);
  }

  /** The loop that most of a tracker's time goes to: two waits a turn, one read and one write. */
  async #serve(): Promise<void> {
    while (!this.#isLast) {
      for (let turn; (turn = loopTurns.dueNowAndThen()) !== undefined;) await turn;
      const count = await this.#conn.read(this.#room());
      if (count === null) return;
      this.#end += count;
      this.#isBusy = true;
      this.#answered = 0;
      const later = this.#answerNow();
      if (later !== undefined) await this.#answerLater(later);
      const output = this.#output;
      if (output !== undefined) {
        const bytes = this.#takeOutput(output);
        const written = await this.#conn.write(bytes);
        if (written < bytes.length) await this.#write(bytes.subarray(written));
        this.#host.outputs.giveBack(output);
      }
      this.#isBusy = false;
      if (this.#start === this.#end) {
        this.isIdle = true;
        this.deadline = this.#host.now + this.#host.limits.idleMs;
      } else if (this.#answered > 0 || this.isIdle) this.#expectRequest();
    }
  }

  /** Ends it at once. */
  close(): void {
    this.#isLast = true;
    this.#gone?.abort();
    try {
      this.#conn.close();
    } catch { /* it was closed */ }
  }

  /** Ends it after what is under way. */
  finish(): void {
    this.#isLast = true;
    this.#gone?.abort();
    if (!this.#isBusy) this.close();
  }

  /** Its time is up. */
  expire(): void {
    if (this.isIdle || this.#isBusy || this.#end === this.#start) this.close();
    else {
      const reply = textReply(408, "the request took too long\n");
      const text = formatReplyHead(reply, "close", this.#host.heads.date);
      this.#conn.write(new TextEncoder().encode(text)).catch(() => {}).finally(() => this.close());
    }
  }

  /** Where more input goes. */
  #room(): Uint8Array {
    if (this.#start === this.#end) {
      this.#start = this.#scanned = this.#end = 0;
      return this.#input;
    }
    if (this.#end === this.#input.length) this.#makeRoom();
    return this.#input.subarray(this.#end);
  }

  /** A head that is not whole yet moves to the front, and into a larger array if need be. */
  #makeRoom(): void {
    const rest = this.#input.subarray(this.#start, this.#end);
    const old = this.#input;
    if (rest.length > old.length / 2) {
      this.#input = Buffer.allocUnsafeSlow(old.length * 2);
      this.#input.set(rest);
      this.#host.inputs.giveBack(old);
    } else old.copyWithin(0, this.#start, this.#end);
    this.#scanned -= this.#start;
    this.#end -= this.#start;
    this.#start = 0;
  }

  #expectRequest(): void {
    this.isIdle = false;
    this.deadline = this.#host.now + this.#host.limits.requestMs;
  }

  /**
   * Answers the requests that are whole, into the output. Stops at one that cannot be answered at
   * once, or where enough waits to be written: then there is something to wait for.
   */
  #answerNow(): Promise<void> | void {
    const { hot, plain } = this.#host;
    while (!this.#isLast) {
      let later: Promise<void> | void;
      // What was looked at before has not come in one piece: too rare to be looked at twice.
      const end = hot === undefined || this.#scanned > this.#start
        ? 0
        : plain.read(this.#input, this.#start, this.#end);
      if (end > 0) {
        this.#start = this.#scanned = end;
        if (!plain.keepsAlive) this.#isLast = true;
        later = this.#deliver(PLAIN, this.#askHot(hot!, plain.queryStart, plain.queryEnd));
      } else {
        const head = this.#nextHead();
        if (head === undefined) return;
        later = "reason" in head ? this.#refuse(head) : this.#answer(head);
      }
      this.#answered++;
      if (later !== undefined) return later;
      if (this.#output !== undefined && this.#output.length >= CORK) return this.#flush();
    }
  }

  /** Goes on behind what had to be waited for. */
  async #answerLater(first: Promise<void>): Promise<void> {
    for (let later: Promise<void> | void = first; later !== undefined; later = this.#answerNow()) {
      await later;
    }
  }

  #nextHead(): RequestHead | HttpFault | undefined {
    const input = this.#input;
    // An empty line before a request is an old client's habit (RFC 9112, 2.2).
    while (
      this.#end - this.#start >= 2 && input[this.#start] === 13 && input[this.#start + 1] === 10
    ) {
      this.#start += 2;
    }
    if (this.#scanned < this.#start) this.#scanned = this.#start;
    const found = findHeadEnd(input, this.#start, this.#scanned, this.#end);
    this.#scanned = this.#end;
    if (found === MALFORMED) {
      return { status: 400, reason: "a control character is in the request" };
    }
    if (
      found === INCOMPLETE ? this.#end - this.#start < MAX_HEAD : found - this.#start <= MAX_HEAD
    ) {
      if (found === INCOMPLETE) return undefined;
      const text = latin1(input, this.#start, found);
      this.#start = this.#scanned = found;
      return parseRequestHead(text);
    }
    const line = input.indexOf(10, this.#start);
    return line < 0 || line >= this.#end || line - this.#start > MAX_TARGET + 32
      ? { status: 414, reason: `a URL may have at most ${MAX_TARGET} bytes` }
      : { status: 431, reason: `a request's head may have at most ${MAX_HEAD} bytes` };
  }

  /** Resolves later only where the reply or the body takes time. */
  #answer(head: RequestHead): Promise<void> | void {
    if (!head.keepsAlive) this.#isLast = true;
    const routes = this.#host.routes.at(head.path);
    const method = head.method === "HEAD" ? "GET" : head.method;
    const route = routes.length === 1 && routes[0]!.method === method
      ? routes[0]!
      : routes.find((route) => route.method === method);
    const request = this.#request(head);
    if (route === undefined) return this.#unknown(request, routes);
    if (head.bodyLength !== 0) return this.#answerWithBody(request, route);
    const refused = route.admit?.(request);
    return this.#deliver(head, refused ?? this.#ask(route, request));
  }

  #request(head: RequestHead): HttpRequest {
    const { proxies } = this.#host.limits;
    const forwarded = proxies === 0
      ? undefined
      : forwardedAddress(head.header("x-forwarded-for"), proxies);
    return forwarded === undefined
      ? { head, address: this.#address, remote: this.#remote, body: NO_BODY }
      : { head, address: forwarded, remote: formatIp(forwarded), body: NO_BODY };
  }

  #askHot(route: QueryRoute, start: number, end: number): MaybePromise<HttpReply> {
    const query = {
      input: this.#input,
      start,
      end,
      address: this.#address,
      remote: this.#remote,
    };
    try {
      return route.answer(query);
    } catch (error) {
      return this.#fault(error);
    }
  }

  #ask(route: Route, request: HttpRequest): MaybePromise<HttpReply> {
    return recovering(() => route.respond(request), (error) => this.#fault(error));
  }

  #fault(error: unknown): HttpReply {
    this.#host.onFault(this.#remote, error);
    return textReply(500, "internal error\n");
  }

  #unknown(request: HttpRequest, routes: readonly Route[]): Promise<void> | void {
    const { head } = request;
    if (head.bodyLength !== 0) this.#isLast = this.#lingers = true;
    if (routes.length > 0) {
      const methods = routes.map(({ method }) => method === "GET" ? "GET, HEAD" : method);
      const reply = textReply(405, "this path takes other methods\n");
      return this.#deliver(head, { ...reply, headers: { "Allow": methods.join(", ") } });
    }
    return this.#deliver(head, textReply(404, "not found\n"));
  }

  /** Refuses before it reads; reads no more than the route takes. */
  async #answerWithBody(request: HttpRequest, route: Route): Promise<void> {
    const { head } = request;
    const limit = route.maxBody ?? 0;
    const refused = head.bodyLength > limit || limit === 0
      ? refusal(413, `the body may have at most ${limit} bytes`)
      : route.admit?.(request);
    if (refused !== undefined) {
      this.#isLast = this.#lingers = true;
      return await this.#deliver(head, refused);
    }
    if (this.#output !== undefined) await this.#flush();
    this.#expectRequest();
    if (head.expectsContinue && this.#start === this.#end) {
      await this.#conn.write(new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n"));
    }
    const rest = this.#input.subarray(this.#start, this.#end);
    const body = await readBody(this.#conn, head.bodyLength, rest, {
      limit,
      budget: this.#host.bodies,
      address: request.address,
    });
    if ("reason" in body) {
      this.#isLast = this.#lingers = true;
      return await this.#deliver(
        head,
        body.status === 503 ? busy() : refusal(body.status, body.reason),
      );
    }
    this.#input.set(body.rest); // shorter than what it was cut from
    this.#start = this.#scanned = 0;
    this.#end = body.rest.length;
    await this.#deliver(head, this.#ask(route, { ...request, body: body.bytes }));
  }

  #refuse(fault: HttpFault): void {
    this.#isLast = this.#lingers = true;
    const reply = textReply(fault.status, fault.reason + "\n");
    this.#put(reply, "close", true);
  }

  #deliver(head: Asked, reply: MaybePromise<HttpReply>): Promise<void> | void {
    if (reply instanceof Promise) return this.#deliverLater(head, reply);
    const withBody = head.method !== "HEAD" && reply.status !== 304 && reply.status !== 204;
    if (reply.stream !== undefined) this.#isLast = true;
    const persistence = this.#isLast ? "close" : head.isModern ? "silent" : "keep-alive";
    if (withBody && reply.body.length === 1 && lengthOf(reply.body) >= LARGE) {
      return this.#sendLarge(reply, persistence);
    }
    this.#put(reply, persistence, withBody);
    if (withBody && reply.stream !== undefined) return this.#stream(reply.stream);
  }

  async #deliverLater(head: Asked, reply: Promise<HttpReply>): Promise<void> {
    if (this.#output !== undefined) await this.#flush();
    this.isIdle = false;
    this.deadline = this.#host.now + ANSWER_MS;
    await this.#deliver(head, await reply.catch((error) => this.#fault(error)));
  }

  /** Puts a reply behind those that wait to be sent. */
  #put(reply: HttpReply, persistence: Persistence, withBody: boolean): void {
    const output = this.#output ??= this.#host.outputs.borrow();
    output.write(this.#host.heads.get(reply, persistence));
    if (withBody) { for (const part of reply.body) output.write(part); }
  }

  async #sendLarge(reply: HttpReply, persistence: Persistence): Promise<void> {
    this.#put(reply, persistence, false);
    await this.#flush();
    const [part] = reply.body;
    const bytes = typeof part === "object" ? part : new TextEncoder().encode(String(part));
    for (let at = 0; at < bytes.length; at += LARGE * 16) {
      await this.#write(bytes.subarray(at, at + LARGE * 16));
    }
  }

  async #stream(stream: NonNullable<HttpReply["stream"]>): Promise<void> {
    await this.#flush();
    this.isIdle = false;
    this.deadline = Infinity;
    const gone = this.#gone = new AbortController();
    const watch = this.#watch();
    try {
      await stream({
        signal: gone.signal,
        write: async (bytes) => {
          await this.#write(bytes);
          this.deadline = Infinity;
        },
      });
    } finally {
      this.close();
      await watch;
    }
  }

  /** Notices that the client went away while something is streamed to it. */
  async #watch(): Promise<void> {
    const scratch = new Uint8Array(256);
    try {
      do {
        for (let turn; (turn = loopTurns.due()) !== undefined;) await turn;
      } while (await this.#conn.read(scratch) !== null);
    } catch { /* gone as well */ }
    this.#gone?.abort();
  }

  /** What is to be written now; give the output back afterwards. */
  #takeOutput(output: ByteWriter): Uint8Array {
    this.#output = undefined;
    this.isIdle = false;
    this.deadline = this.#host.now + WRITE_MS;
    if (++this.#writes === 2) this.#conn.setNoDelay(); // the last of several must not wait for an ACK
    return output.written;
  }

  async #flush(): Promise<void> {
    const output = this.#output!;
    await this.#write(this.#takeOutput(output));
    this.#host.outputs.giveBack(output);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      this.deadline = this.#host.now + WRITE_MS;
      at += await this.#conn.write(bytes.subarray(at));
    }
  }

  /** Reads what is still coming: closing at once would take the answer away from the client. */
  async #linger(): Promise<void> {
    this.isIdle = true;
    this.deadline = this.#host.now + LINGER_MS;
    await this.#conn.closeWrite();
    for (let total = 0; total < MAX_LINGER;) {
      const count = await this.#conn.read(this.#input);
      if (count === null) return;
      total += count;
    }
  }
}

/** What the other side, the network or our own giving up does to a connection. */
function isConnectionError(error: unknown): boolean {
  if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
    return true;
  }
  return error instanceof Error && "code" in error; // the system's word
}

/** As `toString("latin1", …)`, which takes four times as long to find the same way. */
function latin1(bytes: Buffer, start: number, end: number): string {
  return (bytes as unknown as { latin1Slice(start: number, end: number): string })
    .latin1Slice(start, end);
}
