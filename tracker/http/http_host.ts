/**
 * HTTP host: the state that all connections of an HTTP server share.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import type { ByteWriter } from "./byte_writer.ts";
import type { PlainGetReader } from "./plain_get.ts";
import type { ReplyHeads } from "./http_reply.ts";
import type { BodyBudget } from "./http_body.ts";
import type { QueryRoute, RouteTable } from "./route.ts";

/** How much a client may ask of the server. Times in ms. */
export interface HttpLimits {
  /** For a request to come in, head and body each. */
  readonly requestMs: number;
  /** Between two requests of a connection. */
  readonly idleMs: number;
  /** Connections of one address (of one /64 for IPv6); loopback addresses may hold any number. */
  readonly perAddress: number;
  /** Connections of all together. */
  readonly total: number;
  /** Proxies of ours in front whose X-Forwarded-For counts; 0 for none. */
  readonly proxies: number;
  /** How often it is looked who is out of time. */
  readonly sweepMs: number;
}

/** The server as its connections see it. */
export interface HttpHost {
  readonly limits: HttpLimits;
  readonly routes: RouteTable;
  /** The route for which plain requests are read by `plain`. */
  readonly hot: QueryRoute | undefined;
  readonly plain: PlainGetReader;
  /** A coarse clock, ms. */
  readonly now: number;
  /** With the date of this second. */
  readonly heads: ReplyHeads;
  readonly inputs: Pool<Buffer>;
  readonly outputs: Pool<ByteWriter>;
  readonly bodies: BodyBudget;
  /** A connection from that address is over. */
  onClosed(connection: object, address: Uint8Array): void;
  /** Something went wrong that should not. */
  onFault(remote: string, error: unknown): void;
}

/** Things that are lent, used, and lent again. */
export class Pool<T> {
  readonly #make: () => T;
  readonly #reset: (thing: T) => boolean;
  readonly #size: number;
  readonly #idle: T[] = [];

  /**
   * @param reset makes a thing as good as new; false where it is not worth keeping
   * @param size how many are kept
   */
  constructor(make: () => T, reset: (thing: T) => boolean, size: number) {
    this.#make = make;
    this.#reset = reset;
    this.#size = size;
  }

  borrow(): T {
    return this.#idle.pop() ?? this.#make();
  }

  giveBack(thing: T): void {
    if (this.#idle.length < this.#size && this.#reset(thing)) this.#idle.push(thing);
  }
}
