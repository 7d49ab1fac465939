/**
 * How runs in the real world are made: what differs from one caller to another.
 *
 * @module
 */
import type { Ground } from "./ground.ts";
import type { WireCapture } from "./wire.ts";
import type { WireListener } from "./witness.ts";

export type { Said } from "./message_stream.ts";
export type { Side } from "./rule_watch.ts";
export type { WireCapture, WireLink } from "./wire.ts";
export type { Talk, WireListener } from "./witness.ts";

/** How runs are made. */
export interface RealWorldOptions {
  /** The words that start this program: members that are killed are processes of their own. */
  readonly vtorrent?: readonly string[];
  /** Whether all of ours are processes of their own. Default false. */
  readonly processes?: boolean;
  /** Where members are. Default: on this machine's loopback; elsewhere all are processes. */
  readonly ground?: Ground;
  /** Folder for what the programs print; default: it is not kept. */
  readonly logs?: string;
  /** The folder that programs of one's own are started in. Default: a fresh one each. */
  readonly cwd?: string;
  /** Sees the bytes of every connection. */
  readonly capture?: WireCapture;
  /** Hears the messages of every connection. */
  readonly listener?: WireListener;
}
