/**
 * The addresses of one tracker: announce, scrape (BEP 48) and catalogue, from what a person types.
 *
 * @module
 */

/** Port of a vtorrent tracker, HTTP and UDP, where none was named. */
export const TRACKER_PORT = 8000;

const PROTOCOLS = ["http:", "https:", "udp:"];

/** A bare IPv6 address has colons but no port; in a URL it needs brackets. */
function bracketed(text: string): string {
  const colons = text.indexOf(":") !== text.lastIndexOf(":");
  return colons && /^[0-9a-fA-F:.]*$/.test(text) ? `[${text}]` : text;
}

/**
 * The announce URL that `text` means: `host`, `host:port`, `http://host:port` and a full URL are
 * all understood; without a scheme it is HTTP on port 8000.
 *
 * @throws {TypeError} with a sentence for the user
 */
export function announceUrl(text: string): string {
  const trimmed = text.trim();
  const bare = !trimmed.includes("://");
  const problem = `Cannot use tracker "${text}"`;
  const hint = "write it like 192.168.1.5:8000, http://host:8000/announce or udp://host:8000";
  // "udp:" is no special scheme to URL: parsed as HTTP its host and port are checked too.
  const scheme = bare ? "http:" : trimmed.slice(0, trimmed.indexOf("://") + 1).toLowerCase();
  if (!PROTOCOLS.includes(scheme)) {
    throw new TypeError(`${problem}: only http, https and udp trackers are supported`);
  }
  const rest = bare ? bracketed(trimmed) : trimmed.slice(trimmed.indexOf("://") + 3);
  const parser = scheme === "https:" ? "https:" : "http:";
  const url = URL.parse(`${parser}//${rest}`);
  if (rest === "" || rest.startsWith("/") || url === null || url.hostname === "") {
    throw new TypeError(`${problem}: ${hint}`);
  }
  url.hash = "";
  if (bare && url.port === "" && !/:80(\/|$)/.test(rest)) url.port = String(TRACKER_PORT);
  if (scheme === "udp:") {
    const port = url.port === "" ? portOf(rest) : url.port;
    if (port === "") throw new TypeError(`${problem}: a udp tracker needs a port; ${hint}`);
    const path = url.pathname === "/" ? "" : url.pathname;
    return `udp://${url.hostname}:${port}${path}${url.search}`;
  }
  if (url.pathname === "/") url.pathname = "/announce";
  return url.href;
}

/** The port as written: URL leaves out the 80 that belongs to http. */
function portOf(rest: string): string {
  return /^[^/?]*:(\d+)(?:[/?]|$)/.exec(rest)?.[1] ?? "";
}

/**
 * The scrape URL that belongs to an announce URL, or undefined where the tracker has none: the
 * text after the last slash must begin with `announce` (BEP 48). UDP trackers scrape at the same
 * address.
 */
export function scrapeUrl(announce: string): string | undefined {
  if (announce.startsWith("udp:")) return announce;
  const query = announce.indexOf("?");
  const path = query < 0 ? announce : announce.slice(0, query);
  const last = path.lastIndexOf("/") + 1;
  if (!path.startsWith("announce", last)) return undefined;
  return `${announce.slice(0, last)}scrape${announce.slice(last + "announce".length)}`;
}

/** Where a vtorrent tracker with this announce URL keeps its catalogue; UDP and HTTP share a port. */
export function catalogueUrl(announce: string): string {
  return new URL("/api/torrents", announce.replace(/^udp:/, "http:")).href;
}
