/**
 * A peer with a store that it keeps and a page, to which hostile torrents come.
 *
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import type { TempFolder } from "../support/temp_folder.ts";
import { Program } from "./honest_swarm.ts";

/** Nobody answers there. */
export const NO_TRACKER = "http://127.0.0.1:1/announce";

export class Victim extends Program {
  #page: URL | undefined;

  constructor(folder: TempFolder, tracker = NO_TRACKER, ...more: string[]) {
    const args = ["peer", "victim", "--host", "127.0.0.1", "--port", "0", "--web-port", "0"];
    super([...args, "--tracker", tracker, ...more], folder.path, "victim");
  }

  /** Resolves when it is up; starting has stalls of its own, which do not count. Its port. */
  async isUp(): Promise<number> {
    const { port } = await this.event("started");
    await this.event("page");
    this.forgetStalls();
    return Number(port);
  }

  /** Asks its API, with a body for POST. */
  async ask(path: string, body?: Uint8Array | Record<string, unknown>): Promise<Response> {
    this.#page ??= new URL(String((await this.event("page"))["url"]));
    const isBytes = body instanceof Uint8Array;
    return await fetch(`${this.#page.origin}/api/v1${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        "Authorization": `Bearer ${this.#page.hash.replace(/^#(token=)?/, "")}`,
        "Content-Type": isBytes ? "application/x-bittorrent" : "application/json",
      },
      ...body && { body: isBytes ? body as Uint8Array<ArrayBuffer> : JSON.stringify(body) },
    });
  }

  /** Has its page add something. */
  async add(what: Uint8Array | Record<string, unknown>): Promise<void> {
    const reply = await this.ask("/torrents", what);
    assertEquals([reply.status, (await reply.json()).error], [201, undefined]);
  }
}
