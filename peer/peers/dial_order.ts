/**
 * Dial order: the ways to reach a peer, over TCP or uTP, in clear or encrypted.
 *
 * @module
 */
import type { Transport } from "../ports.ts";
import type { Encryption, UtpUse } from "../options.ts";
import { type Opening, openings } from "./encryption.ts";

/** One way to call. */
export interface DialMethod {
  readonly transport: Transport;
  readonly opening: Opening;
}

/** What came of a way that did not lead to a peer. */
export type Outcome =
  /** Nothing: no route, a filter, a host that is off. */
  | "no answer"
  /** The host is there, and nobody listens. */
  | "refused"
  /** Somebody took the call and hung up without a handshake. */
  | "hung up"
  /** Somebody took the call and said nothing. */
  | "silent"
  /** It is a peer, but not for us. */
  | "unfit";

/** All ways in order; `known` is the one that worked last time. */
export function dialMethods(
  { encryption, utp }: { encryption: Encryption; utp: UtpUse },
  known: DialMethod | undefined,
): DialMethod[] {
  const first = known?.transport ?? (utp === "prefer" ? "utp" : "tcp");
  const both: Transport[] = first === "tcp" ? ["tcp", "utp"] : ["utp", "tcp"];
  return both.filter((transport) => transport === "tcp" || utp !== "off")
    .flatMap((transport) =>
      openings(encryption, known?.opening).map((opening) => ({ transport, opening }))
    );
}

/**
 * Those of `ways` that are worth trying after `failed` came to nothing: a peer may speak one of them
 * alone, and something else may take its calls there. One that does not answer over TCP at all would
 * not do so encrypted, either.
 */
export function dialMethodsAfter(
  failed: DialMethod,
  outcome: Outcome,
  ways: readonly DialMethod[],
): DialMethod[] {
  switch (outcome) {
    case "no answer":
    case "refused":
      return ways.filter(({ transport }) => transport !== failed.transport);
    case "hung up":
    case "silent":
      return [...ways];
    case "unfit":
      return [];
  }
}
