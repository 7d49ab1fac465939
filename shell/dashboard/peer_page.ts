/**
 * The page of a peer: a second shell over the same engine, in a browser.
 *
 * @module
 */
import { networkInterfaces } from "node:os";
import { formatHostPort } from "../../protocol/mod.ts";
import { HttpServer } from "../../tracker/mod.ts";
import { apiRoutes } from "./api_router.ts";
import { assetRoutes } from "./assets.ts";
import { newToken, peerGuard } from "./guard.ts";
import { type DashboardSession, PeerApi } from "./peer_api.ts";
import { everySecond } from "./rate_history.ts";

/** Where a page listens unless told otherwise: nobody else reaches it. */
const LOOPBACK = "127.0.0.1";

/** A page that is served. */
export interface PeerPage extends AsyncDisposable {
  /** The address to open, with its secret. */
  readonly url: string;
  /** The same for other machines, where it listens for them. */
  readonly others: readonly string[];
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
  { host = LOOPBACK, port, token = newToken() }: {
    host?: string | undefined;
    port: number;
    /** The secret. Default: a new one. */
    token?: string;
  },
  onFault: (error: unknown) => void,
): PeerPage {
  const guard = peerGuard(host, token);
  const api = new PeerApi(session);
  const server = new HttpServer({
    host,
    port,
    routes: [...assetRoutes("peer", guard), ...apiRoutes(api.routes(), guard)],
    onFault: (_remote, error) => onFault(error),
  });
  const sampling = everySecond(() => api.sample());
  const logging = session.engine.subscribe((event) => api.log(event));
  const isEverywhere = host === "0.0.0.0" || host === "::";
  // Behind # the secret stays in the browser: no server, log or other page is told.
  const urlAt = (name: string) => `http://${formatHostPort(name, server.address.port)}/#${token}`;
  return {
    url: urlAt(isEverywhere ? LOOPBACK : host),
    others: isEverywhere ? lanAddresses().map(urlAt) : [],
    port: server.address.port,
    token,
    async [Symbol.asyncDispose]() {
      sampling[Symbol.dispose]();
      logging[Symbol.dispose]();
      api[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** IPv4 addresses at which other machines know this one. */
function lanAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => address);
}
