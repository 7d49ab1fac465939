/**
 * Where the store in Redis is: the value of `--store`, in its three forms.
 *
 * ```text
 * redis://[user:password@]host[:port][/db]
 * redis+cluster://[user:password@]host[:port],host[:port],…
 * redis+sentinel://[user:password@]host[:port],…/master[/db]
 * ```
 *
 * `rediss` in place of `redis` is TLS, in each of them.
 *
 * @module
 */
import { TrackerOptionError } from "../contract/start_error.ts";

/** A server: what the client library takes, and how it is named in messages. */
export interface RedisServerAddress {
  /** With user and password. */
  readonly url: string;
  /** Host, port and database, without its password. */
  readonly place: string;
}

/** How servers of one store are reached that are known by host and port alone. */
export interface RedisServerAddresses {
  (host: string, port: number): RedisServerAddress;
}

/** What `--store` says. */
export type RedisAddress =
  | { readonly kind: "server"; readonly server: RedisServerAddress }
  | {
    readonly kind: "cluster";
    /** Nodes to begin with: they name the others. */
    readonly nodes: readonly RedisServerAddress[];
    readonly at: RedisServerAddresses;
  }
  | {
    readonly kind: "sentinel";
    /** Asked without a password. */
    readonly sentinels: readonly RedisServerAddress[];
    readonly master: string;
    readonly at: RedisServerAddresses;
  };

const PORT = 6379;
const SENTINEL_PORT = 26_379;
const FORM = /^(rediss?)(?:\+(cluster|sentinel))?:\/\/(?:([^/@]*)@)?([^/@]*)(?:\/([^?#]*))?$/;

/** @throws {TrackerOptionError} where that is none of the forms */
export function parseRedisAddress(text: string): RedisAddress {
  const [, scheme, kind = "server", login = "", hosts = "", path = ""] = FORM.exec(text) ?? [];
  const parts = path === "" ? [] : path.split("/");
  const master = kind === "sentinel" ? decode(parts.shift()) : "";
  const db = parts.shift() ?? "";
  if (
    scheme === undefined || master === undefined || parts.length > 0 || !/^\d*$/.test(db) ||
    kind === "sentinel" && master === "" || kind === "cluster" && path !== "" ||
    kind === "server" && hosts.includes(",")
  ) throw unreadable();
  const at = (host: string, port: number, who = login, of = db): RedisServerAddress => {
    const shown = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
    return {
      url: `${scheme}://${who === "" ? "" : `${who}@`}${shown}:${port}${of === "" ? "" : `/${of}`}`,
      place: `${shown}:${port}${of.replace(/^0?$/, "") === "" ? "" : `/${of}`}`,
    };
  };
  const servers = (fallback: number, who?: string, of?: string) =>
    hosts.split(",").map((one) => {
      const { hostname, port } = parseHost(one);
      return at(hostname, port ?? fallback, who, of);
    });
  switch (kind) {
    case "cluster":
      return { kind, nodes: servers(PORT), at };
    case "sentinel":
      return { kind, sentinels: servers(SENTINEL_PORT, "", ""), master, at };
    default:
      return { kind: "server", server: servers(PORT)[0]! };
  }
}

/** @throws {TrackerOptionError} */
function parseHost(text: string): { hostname: string; port: number | undefined } {
  const parsed = URL.parse(`redis://${text}`);
  if (parsed === null || parsed.hostname === "" || text.endsWith(":")) throw unreadable();
  return { hostname: parsed.hostname, port: parsed.port === "" ? undefined : Number(parsed.port) };
}

function decode(text: string | undefined): string | undefined {
  try {
    return decodeURIComponent(text ?? "");
  } catch {
    return undefined;
  }
}

function unreadable(): TrackerOptionError {
  return new TrackerOptionError(
    "--store is not the address of a Redis server: write redis://HOST:PORT, or " +
      "redis://HOST:PORT/DB, redis+cluster://HOST:PORT,HOST:PORT or " +
      "redis+sentinel://HOST:PORT,HOST:PORT/MASTER",
  );
}
