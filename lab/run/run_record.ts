/**
 * The record of one run: what both worlds write, and all that measures, checks and figures read.
 *
 * @module
 */
import type { Member } from "../scenario/member.ts";
import type { Traffic } from "./traffic.ts";

export type { Member };

/** What happened; `t` is ms since the start, `who` and `whom` are ids of members. */
export type RunEvent =
  & { readonly t: number }
  & (
    | { readonly what: "arrived" | "left" | "killed" | "completed"; readonly who: string }
    | {
      readonly what: "connected" | "disconnected";
      readonly who: string;
      readonly whom: string;
      readonly why?: string;
    }
    | {
      readonly what: "unchoked" | "choked";
      readonly who: string;
      readonly whom: string;
      /** regular, optimistic, seed … */
      readonly why?: string;
    }
    | {
      readonly what: "interested" | "uninterested";
      readonly who: string;
      readonly whom: string;
    }
    /** A block has arrived: `length` bytes of payload from one member at another. */
    | {
      readonly what: "block";
      readonly from: string;
      readonly to: string;
      readonly piece: number;
      readonly begin: number;
      readonly length: number;
      readonly isDuplicate?: true;
    }
    /** A piece is there and its hash is right; `isStart`: it had it on arrival. */
    | {
      readonly what: "piece";
      readonly who: string;
      readonly piece: number;
      readonly isStart?: true;
    }
    /** A piece's hash was wrong; `from`: everybody who had sent a block of it. */
    | {
      readonly what: "failed";
      readonly who: string;
      readonly piece: number;
      readonly from: readonly string[];
    }
    | { readonly what: "banned"; readonly who: string; readonly whom: string }
    /** What one member said has reached another: real world, between members that are listened to. */
    | {
      readonly what: "heard";
      readonly from: string;
      readonly to: string;
      /** ms since the start */
      readonly saidAt: number;
      /** handshake, request, have … */
      readonly kind: string;
      /** The message in words, e.g. `have piece 7`. */
      readonly words: string;
      /** Its first bytes in hexadecimal. */
      readonly head: string;
      /** Its bytes on the wire. */
      readonly size: number;
    }
    | {
      readonly what: "announced";
      readonly who: string;
      readonly event: string;
      readonly isAnswered: boolean;
      readonly peers: number;
    }
    /** It learnt of another; `by`: tracker, pex, dht, lsd, incoming … */
    | { readonly what: "found"; readonly who: string; readonly whom: string; readonly by: string }
    /** It called the address of another, whatever came of it. Virtual world. */
    | { readonly what: "dialled"; readonly who: string; readonly whom: string }
    | {
      readonly what: "broke rule";
      readonly who: string;
      readonly whom: string;
      readonly rule: string;
      /** What was said, in words and bytes. */
      readonly detail: string;
      /** A known habit, which does not count as a broken rule. */
      readonly isRemark?: true;
    }
    /** A deed of the scenario that concerns the whole swarm, e.g. `tracker down`. */
    | { readonly what: "deed"; readonly does: string; readonly who: readonly string[] }
  );

/** Whether the machine kept up with a run in the real world. */
export interface MachineWatch {
  /** ms by which timers were late: 99 of 100 were earlier */
  readonly timerLag: number;
  /** share of the processors in use, 0–1 */
  readonly cpu: number;
  /** ms by which wires were late: 99 of 100 were earlier */
  readonly wireLag: number;
  /** Why the run says nothing about the programs; undefined: the machine kept up. */
  readonly tooSlow?: string;
}

/** One run of one variant with one seed. */
export interface RunRecord {
  readonly scenario: string;
  readonly variant: string;
  readonly seed: number;
  readonly world: "virtual" | "real";
  /** bytes of the content */
  readonly size: number;
  /** bytes */
  readonly pieceLength: number;
  readonly pieces: number;
  /** everybody, also those that arrive late */
  readonly members: readonly Member[];
  /** in the order of `t` */
  readonly events: readonly RunEvent[];
  /** ms since the start */
  readonly endedAt: number;
  /** The course of events as eight hex digits: the same on every machine. Virtual world. */
  readonly course?: string;
  readonly machine?: MachineWatch;
  /** Bytes that members said to each other; undefined: this world has decisions and no bytes. */
  readonly traffic?: readonly Traffic[];
  /** SHA-256 of each member's content at the end, where it could be read. */
  readonly hashes?: Readonly<Record<string, string>>;
  /** Messages of members that are listened to, beyond those among the events. */
  readonly unkept?: number;
  /** What could not be done, a sentence each, e.g. a program that is not installed. */
  readonly remarks?: readonly string[];
}

/** What the files of a run are called, e.g. `1`, or `slow 1` where it has a variant. */
export function runName({ variant, seed }: Pick<RunRecord, "variant" | "seed">): string {
  return (variant === "" ? `${seed}` : `${variant} ${seed}`).replaceAll("/", "-");
}
