/**
 * A plain web server with ranges, for web seeds, that misbehaves where a test wants it to.
 *
 * @module
 */

/** One request that came. */
export interface WebHit {
  readonly path: string;
  readonly range: string | null;
}

/** What to answer instead of the file; undefined for the file. */
export type Misbehave = (request: Request, hit: number) => Response | undefined;

/** Serves files from memory on 127.0.0.1. Paths as they stand in the URL. */
export class WebServer implements AsyncDisposable {
  readonly hits: WebHit[] = [];
  readonly url: string;
  readonly port: number;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  misbehave: Misbehave | undefined;

  constructor(files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>, misbehave?: Misbehave) {
    this.misbehave = misbehave;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => {
        const path = new URL(request.url).pathname;
        const range = request.headers.get("range");
        this.hits.push({ path, range });
        return this.misbehave?.(request, this.hits.length) ?? answer(files[path], range);
      },
    );
    this.port = this.#server.addr.port;
    this.url = `http://127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function answer(file: Uint8Array<ArrayBuffer> | undefined, range: string | null): Response {
  if (file === undefined) return new Response("no such file", { status: 404 });
  const match = /^bytes=(\d+)-(\d+)$/.exec(range ?? "");
  return match === null ? new Response(file) : part(file, Number(match[1]), Number(match[2]));
}

/** The answer to a request for bytes `from` to `to`, the last one included. */
export function part(
  file: Uint8Array<ArrayBuffer>,
  from: number,
  to: number,
  body: BodyInit = file.subarray(from, to + 1),
): Response {
  return new Response(body, {
    status: 206,
    headers: { "content-range": `bytes ${from}-${to}/${file.length}` },
  });
}

/** First and last byte that a request asks for. */
export function rangeOf(request: Request): { from: number; to: number } {
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "");
  if (match === null) throw new Error("the request has no range");
  return { from: Number(match[1]), to: Number(match[2]) };
}
