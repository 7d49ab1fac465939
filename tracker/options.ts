/**
 * Options of a tracker: one comment and one default per field.
 *
 * @module
 */

import type { Route } from "./http/route.ts";
import type { TrackerView } from "./contract/snapshot.ts";
import type { DatagramBatch } from "./udp/datagram_batch.ts";

export interface TrackerOptions {
  /** Address to listen on. Default: all (`0.0.0.0`; `::` where given). */
  readonly host?: string;
  /** Port to listen on; 0 for any free one. Default 8000. */
  readonly port?: number;
  /** Proxies of ours in front, whose X-Forwarded-For counts: the N-th address from the right. */
  readonly trustProxy?: number;
  /** HTTP connections that one address may hold, loopback addresses apart. Default 256. */
  readonly connectionsPerAddress?: number;
  /** Who sends this may publish to the catalogue from anywhere. Default: none. */
  readonly publishToken?: string;
  /** UDP port to answer peers that look for a tracker; 0 for any free one. Default: none. */
  readonly discoveryPort?: number;
  /** The file that catalogue and counts of completed downloads are kept in. Default: none. */
  readonly db?: string;
  /** Whether not to start without that file. Otherwise a warning says that nothing is kept. Default true. */
  readonly dbRequired?: boolean;
  /**
   * Redis or Valkey to keep swarms in, shared with other trackers:
   * `redis://[user:password@]host[:port][/db]`, `redis+cluster://host:port,…` or
   * `redis+sentinel://host:port,…/master`, with `rediss` for TLS. Default: own memory.
   */
  readonly store?: string;
  /** File of info hashes; only these torrents are served. Default: all. */
  readonly allow?: string;
  /** File of info hashes; these torrents are refused. Default: none. */
  readonly deny?: string;
  /** Takes and sends many datagrams in one system call; disposed of by the caller. Default: one by one. */
  readonly datagramBatch?: DatagramBatch;
  /** Whether to try if new peers can be connected to, and warn those that cannot. Default false. */
  readonly checkPorts?: boolean;
  /** More to serve over HTTP, in front of what the tracker itself says there. Default: nothing. */
  readonly pages?: (tracker: TrackerView) => readonly Route[];
  /** ms between two summaries of what happened. Default 60,000. */
  readonly summaryMs?: number;
  /**
   * Told of errors that nobody expects and that are no request's: everything goes on. Default: the
   * runtime's `reportError`, which ends a program that does not listen to "error" events.
   */
  readonly onFault?: (fault: unknown) => void;
}
