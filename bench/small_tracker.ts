/**
 * The tracker of the benchmarks: one HTTP server that knows, for every listening port, how far its
 * client says it is. All clients are judged by these announces.
 *
 * @module
 */
import { encodeBencode } from "../protocol/bencode.ts";
import { now } from "./measured_process.ts";

/** What one client has announced. */
export interface Announced {
  infoHash: string;
  left: number;
  /** Bytes that it gave, by its own account. */
  uploaded: number;
  /** When it first said that it has everything, milliseconds since the epoch. */
  completeAt: number | undefined;
  /** It said goodbye: others are not told of it any more. */
  stopped: boolean;
}

/** Listens on 127.0.0.1 until it is disposed of. */
export class SmallTracker implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** By listening port: all clients are on this host. */
  readonly #clients = new Map<number, Announced>();

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(new URL(request.url).search),
    );
  }

  /** The announce URL. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/announce`;
  }

  /** What the client on a port has announced so far. */
  client(port: number): Announced | undefined {
    return this.#clients.get(port);
  }

  /** Forgets all clients: the next transfer begins. */
  clear(): void {
    this.#clients.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #answer(query: string): Response {
    // Not URLSearchParams: the info hash is bytes, not UTF-8. It is only compared.
    const field = (name: string) => new RegExp(`[?&]${name}=([^&]*)`).exec(query)?.[1];
    const port = Number(field("port"));
    const infoHash = canonicalEscapes(field("info_hash") ?? "");
    const left = Number(field("left") ?? 1);
    const uploaded = Number(field("uploaded") ?? 0);
    const event = field("event");
    const completeAt = this.#clients.get(port)?.completeAt ??
      (left === 0 || event === "completed" ? now() : undefined);
    this.#clients.set(port, { infoHash, left, uploaded, completeAt, stopped: event === "stopped" });
    const peers: number[] = [];
    for (const [other, client] of this.#clients) {
      if (other === port || client.stopped || client.infoHash !== infoHash) continue;
      if (left > 0 || client.left > 0) {
        peers.push(127, 0, 0, 1, other >> 8, other & 0xff);
      }
    }
    const reply = encodeBencode({ interval: 1800, peers: Uint8Array.from(peers) });
    return new Response(reply, { headers: { "Content-Type": "text/plain" } });
  }
}

/** Each client escapes other bytes: one spelling for all, two hexadecimal digits a byte. */
function canonicalEscapes(escaped: string): string {
  return escaped.replace(
    /%(..)|(.)/g,
    (_, hex: string | undefined, plain: string) =>
      hex?.toLowerCase() ?? plain.charCodeAt(0).toString(16).padStart(2, "0"),
  );
}
