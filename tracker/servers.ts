/**
 * Both servers of a tracker, on one port number: HTTP and UDP.
 *
 * @module
 */
import { faultSentence } from "../protocol/fault.ts";
import type { TrackerService } from "./contract/ports.ts";
import { announceRoute, scrapeRoute } from "./http/announce_routes.ts";
import { catalogueRoutes } from "./http/catalogue_routes.ts";
import { textReply } from "./http/http_reply.ts";
import { HttpServer } from "./http/http_server.ts";
import type { HttpLimits } from "./http/http_host.ts";
import type { Route } from "./http/route.ts";
import { statisticsRoutes } from "./http/statistics_routes.ts";
import { startError, TrackerStartError } from "./contract/start_error.ts";
import type { DatagramBatch } from "./udp/datagram_batch.ts";
import { openUdp, serveUdp } from "./udp/udp_server.ts";

/** How often to look for a number that is free for both, where any will do. */
const MAX_TRIES = 20;

/** Running servers. Dispose them to answer what is under way and close the port. */
export interface Servers extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

const HOME: Route = {
  method: "GET",
  path: "/",
  respond: () => textReply(200, "This is a vtorrent tracker. Announce to /announce.\n"),
};

/** Limits as the options say. */
export function limitsOf(
  options: { trustProxy?: number; connectionsPerAddress?: number },
): Partial<HttpLimits> {
  const { trustProxy, connectionsPerAddress } = options;
  return {
    ...(trustProxy === undefined ? {} : { proxies: trustProxy }),
    ...(connectionsPerAddress === undefined ? {} : { perAddress: connectionsPerAddress }),
  };
}

/** Listens for HTTP and UDP; port 0 is any that is free for both. @throws {TrackerStartError} */
export function startServers(
  options: {
    host: string;
    port: number;
    limits?: Partial<HttpLimits>;
    /** What is served in front of the tracker's own. */
    pages?: readonly Route[];
    /** For many datagrams in one system call. */
    datagramBatch?: DatagramBatch;
  },
  service: TrackerService,
): Servers {
  const { host, limits, pages = [] } = options;
  const hot = announceRoute(service);
  const routes = [
    ...pages,
    scrapeRoute(service),
    ...catalogueRoutes(service),
    ...statisticsRoutes(service),
    HOME,
  ];
  const onFault = (remote: string, error: unknown) =>
    service.failed(remote, faultSentence(error), "internal");
  for (let tries = 1;; tries++) {
    // UDP first: its socket closes at once where HTTP cannot have the same number.
    const socket = openUdpOrExplain(options);
    const { port } = socket.addr as Deno.NetAddr;
    try {
      const http = new HttpServer({ host, port, hot, routes, onFault, ...(limits && { limits }) });
      const served = serveUdp(socket, service, options.datagramBatch);
      return {
        host: http.address.hostname,
        port,
        async [Symbol.asyncDispose]() {
          socket.close();
          await Promise.all([served, http[Symbol.asyncDispose]()]);
        },
      };
    } catch (error) {
      socket.close();
      const isTaken = error instanceof TrackerStartError &&
        error.cause instanceof Deno.errors.AddrInUse;
      if (options.port !== 0 || !isTaken || tries === MAX_TRIES) throw error;
    }
  }
}

/** Opens the UDP port; where both are taken, says so of the port that people know about. */
function openUdpOrExplain(options: { host: string; port: number }): Deno.DatagramConn {
  const { host, port } = options;
  try {
    return openUdp(options);
  } catch (error) {
    try {
      Deno.listen({ hostname: host, port }).close();
    } catch (tcpError) {
      throw startError(tcpError, host, `Port ${port}`);
    }
    throw error;
  }
}
