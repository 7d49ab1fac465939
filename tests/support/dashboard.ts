/**
 * A peer with its page for tests: an engine, a tracker's catalogue, and the address to open.
 *
 * @module
 */
import { CatalogueClient, type EngineOptions } from "../../peer/mod.ts";
import { Catalogues } from "../../shell/trackers/catalogues.ts";
import { type PeerPage, servePeerPage } from "../../shell/dashboard/peer_page.ts";
import { Publisher } from "../../shell/trackers/publisher.ts";
import { SentTorrents } from "../../shell/trackers/sent_torrents.ts";
import { TestEngine } from "./swarm.ts";

/** A peer of the test and its page. */
export class PagePeer implements AsyncDisposable {
  readonly test: TestEngine;
  readonly page: PeerPage;
  readonly faults: unknown[] = [];
  readonly #publisher: Publisher;

  private constructor(test: TestEngine, trackers: readonly string[], sent: SentTorrents) {
    this.test = test;
    const { engine } = test;
    const catalogues = new Catalogues(new CatalogueClient(), trackers);
    this.#publisher = new Publisher(engine, catalogues, { token: undefined, sent });
    this.page = servePeerPage(
      { engine, catalogues, publisher: this.#publisher, trackersGiven: true, peers: [] },
      { port: 0 },
      (error) => this.faults.push(error),
    );
  }

  static async start(
    options: Partial<EngineOptions> & { trackers?: readonly string[] } = {},
  ): Promise<PagePeer> {
    const { trackers = [] } = options;
    return new PagePeer(await TestEngine.start(options), trackers, await SentTorrents.open());
  }

  /** Asks the API; the secret goes along unless `token` says otherwise. */
  async ask(
    path: string,
    body?: unknown,
    { token = this.page.token, headers = {} }: {
      token?: string | undefined;
      headers?: Record<string, string>;
    } = {},
  ): Promise<{ status: number; value: unknown }> {
    const bytes = body instanceof Uint8Array ? body as Uint8Array<ArrayBuffer> : undefined;
    const response = await fetch(`http://127.0.0.1:${this.page.port}/api/v1${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        "Content-Type": bytes === undefined ? "application/json" : "application/x-bittorrent",
        ...(token === "" ? {} : { "Authorization": `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: bytes ?? JSON.stringify(body) }),
    });
    return { status: response.status, value: await response.json() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page[Symbol.asyncDispose]();
    await this.#publisher.close();
    await this.test[Symbol.asyncDispose]();
  }
}

/** Asks with a head of one's own, which `fetch` does not allow; status and body. */
export async function rawRequest(
  port: number,
  lines: readonly string[],
): Promise<{ status: number; text: string }> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const head = [...lines, "Connection: close", "", ""].join("\r\n");
  await conn.write(new TextEncoder().encode(head));
  const text = await new Response(conn.readable).text();
  return { status: Number(text.slice(9, 12)), text };
}
