/**
 * SSRF protection: which servers we call because a torrent, a link, a reply or a redirect names
 * them.
 *
 * A torrent can come from anybody, and what answers to us on this machine and in its networks need
 * not answer to them. So a local server is asked only what does nothing there, and nobody outside
 * can send us to one. What a person typed is not asked about here: it is believed.
 *
 * @module
 */
import { SCOPE, scopeOf } from "./address_scope.ts";

/**
 * What a URL is called for: an announce or scrape over HTTP or UDP, a .torrent of a tracker's
 * catalogue, or a file (of a web seed, or a .torrent by its address).
 */
export type Errand = "tracker" | "udp tracker" | "catalogue" | "file";

/** Where a redirect comes from. */
export interface RedirectOrigin {
  /** The URL that was asked there. */
  readonly url: URL;
  /** The {@linkcode SCOPE} of the server. */
  readonly scope: number;
}

/** The one reason that may be gone later: names fail to resolve while a network is away. */
export const NO_HOST = "no such host";

/**
 * Ports of services that act on what they are sent, or answer it with more, whoever they take it
 * from: mail, printers, databases, name servers. Nobody gives files or peers there.
 */
const SERVICE_PORTS: ReadonlySet<number> = new Set([
  ...[7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 67, 68, 69, 79, 87, 95],
  ...[101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 138, 139, 143, 161],
  ...[162, 177, 179, 389, 427, 445, 465, 500, 512, 513, 514, 515, 520, 526, 530, 531, 532, 540],
  ...[548, 554, 556, 563, 587, 601, 623, 631, 636, 873, 989, 990, 993, 995],
  ...[1433, 1521, 1719, 1720, 1723, 1883, 1900, 2049, 2375, 2376, 2379, 3306, 3389, 3659, 3702],
  ...[4045, 4190, 5060, 5061, 5353, 5355, 5432, 5672, 5900, 6000, 6379, 6566, 6665, 6666, 6667],
  ...[6668, 6669, 6679, 6697, 9042, 9100, 9200, 10080, 11211, 27017],
]);

/** Whether a port belongs to another service, so that no torrent may send us there. */
export function isServicePort(port: number): boolean {
  return SERVICE_PORTS.has(port);
}

/** What a person is told who listens on such a port: nobody would call. */
export function portWarnings(port: number): string[] {
  if (!isServicePort(port)) return [];
  return [
    `Peers do not call port ${port}, which belongs to another service: choose another --port`,
  ];
}

/** What we put into the query of an announce or a scrape ourselves (BEP 3, 23, 48). */
const ANNOUNCE_FIELDS: ReadonlySet<string> = new Set([
  ...["info_hash", "peer_id", "port", "uploaded", "downloaded", "left", "event", "numwant"],
  ...["compact", "no_peer_id", "ip", "ipv4", "ipv6", "trackerid", "supportcrypto", "vt_name"],
]);

/** By which a tracker knows its members: all that a local tracker's own query may consist of. */
const PASSKEYS: ReadonlySet<string> = new Set([
  ...["passkey", "pass", "torrent_pass", "authkey", "auth", "key", "uid", "pid", "token", "jwt"],
]);

/** Where a tracker on this machine announces and scrapes, with a passkey behind it or without. */
const MACHINE_TRACKER = /^\/(announce|scrape)(\.php)?(\/[\w-]+)?$/;
/** The same in our networks, where it may have a folder, or a passkey before it. */
const NETWORK_TRACKER = /^(\/[\w-]+){0,2}\/(announce|scrape)(\.php)?(\/[\w-]+)?$/;

/**
 * Why a URL must not be called; undefined where it may be.
 *
 * @param url as it was named, without what we put into its query; `http` in place of `udp`
 * @param addresses what its host name stands for: those that will be called
 * @param from where the redirect to it came from; undefined where it was named itself
 */
export function forbidden(
  url: URL,
  addresses: readonly string[],
  errand: Errand,
  from?: RedirectOrigin,
): string | undefined {
  if (url.protocol !== "http:" && url.protocol !== "https:") return "it is not a web address";
  if (url.username !== "" || url.password !== "") return "it has a password in it";
  if (/(^|\.)xn--/.test(url.hostname)) return "its host name is not in plain letters";
  if (isServicePort(Number(url.port))) return `port ${url.port} belongs to another service`;
  const isTracker = errand === "tracker" || errand === "udp tracker";
  if (isTracker && from === undefined && [...url.searchParams.keys()].some(isAnnounceField)) {
    return "its query has fields of an announce";
  }
  if (addresses.length === 0) return NO_HOST;
  // One address that is local is enough for a name to be taken for a local one.
  const scope = Math.min(...addresses.map(scopeOf));
  if (scope === SCOPE.nowhere) return "its address cannot be answered";
  if (scope === SCOPE.world) return undefined;
  if (from !== undefined && scope < from.scope) return "it leads from outside to a local server";
  return problemAtLocal(url, errand, scope, from);
}

/** Of a datagram nothing but its sender's patience is decided by the URL. */
function problemAtLocal(
  url: URL,
  errand: Errand,
  scope: number,
  from: RedirectOrigin | undefined,
): string | undefined {
  if (errand === "udp tracker") return undefined;
  if (errand === "file") {
    return url.search === "" ? undefined : "it asks a local server a question";
  }
  if (errand === "catalogue") {
    // We name the path ourselves; whoever sends us on may not change it.
    const isSame = from === undefined ||
      url.pathname === from.url.pathname && url.search === from.url.search;
    return isSame ? undefined : "it asks a local server for something else";
  }
  const path = scope === SCOPE.machine ? MACHINE_TRACKER : NETWORK_TRACKER;
  if (!path.test(url.pathname)) return "a local tracker is asked at /announce only";
  const isUsual = [...url.searchParams].every(([name, value]) =>
    PASSKEYS.has(name) && /^[\w.~ -]*$/.test(value) || from !== undefined && isAnnounceField(name)
  );
  return isUsual ? undefined : "it asks a local server a question";
}

function isAnnounceField(name: string): boolean {
  return ANNOUNCE_FIELDS.has(name);
}
