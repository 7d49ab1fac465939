/**
 * A web server over TLS whose certificate is that of `pinned.invalid` and 127.0.0.1, from an
 * authority that tests alone trust.
 *
 * @module
 */
const FOLDER = new URL("../testdata/tls/", import.meta.url);
const read = (name: string): string => Deno.readTextFileSync(new URL(name, FOLDER));

/** PEM of the authority. */
export const AUTHORITY = read("authority.pem");

/** Certificate and key of a server, for `Deno.serve` and `Deno.listenTls`. */
export const SERVER_CERTIFICATE = { cert: read("server.pem"), key: read("server_key.pem") };

/** One request that came. */
export interface TlsHit {
  readonly target: string;
  readonly host: string | null;
  /** The port of the connection that it came over. */
  readonly from: number;
}

/** Answers on 127.0.0.1, or another address of this machine. */
export class TlsServer implements AsyncDisposable {
  readonly hits: TlsHit[] = [];
  readonly port: number;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(answer: (request: Request) => Response, { hostname = "127.0.0.1", port = 0 } = {}) {
    this.#server = Deno.serve(
      { hostname, port, ...SERVER_CERTIFICATE, onListen() {} },
      (request, { remoteAddr }) => {
        const { pathname, search } = new URL(request.url);
        const host = request.headers.get("host");
        this.hits.push({ target: pathname + search, host, from: remoteAddr.port });
        return answer(request);
      },
    );
    this.port = this.#server.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
