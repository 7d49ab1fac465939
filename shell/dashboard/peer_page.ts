/**
 * The page of a peer: a second shell over the same engine, in a browser.
 *
 * @module
 */
import { formatHostPort } from "../../protocol/mod.ts";
import { HttpServer } from "../../tracker/mod.ts";
import { apiRoutes } from "./api_router.ts";
import { assetRoutes } from "./assets.ts";
import { newToken, peerGuard } from "./guard.ts";
import { type DashboardSession, PeerApi } from "./peer_api.ts";

/** Where a page listens unless told otherwise: nobody else reaches it. */
const LOOPBACK = "127.0.0.1";

/** A page that is served. */
export interface PeerPage extends AsyncDisposable {
  /** The address to open, with its secret. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
}

/**
 * Serves the page of a peer.
 *
 * @throws {TrackerStartError} where the port cannot be had
 */
export function servePeerPage(
  session: DashboardSession,
  { host = LOOPBACK, port }: { host?: string | undefined; port: number },
  onFault: (error: unknown) => void,
): PeerPage {
  const token = newToken();
  const guard = peerGuard(host, token);
  const api = new PeerApi(session);
  const server = new HttpServer({
    host,
    port,
    routes: [...assetRoutes("peer", guard), ...apiRoutes(api.routes(), guard)],
    onFault: (_remote, error) => onFault(error),
  });
  const shown = host === "0.0.0.0" || host === "::" ? LOOPBACK : host;
  return {
    // Behind # it stays in the browser: no server, log or other page is told.
    url: `http://${formatHostPort(shown, server.address.port)}/#${token}`,
    port: server.address.port,
    token,
    async [Symbol.asyncDispose]() {
      api[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
