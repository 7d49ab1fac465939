/**
 * The ground that a real run stands on: this machine's loopback, or hosts of their own.
 *
 * @module
 */

/** See the module. Members go by their ids. */
export interface Ground {
  /** Where the tracker and the wires listen. */
  readonly hub: string;
  /** What the system does to packets, and wires leave alone. */
  readonly shapes: { readonly rates: boolean; readonly delays: boolean };
  /** Where a member listens and calls from. */
  addressOf(member: string): string;
  /** The command that starts a member's program where it is at home. */
  commandOf(member: string, argv: readonly string[]): readonly string[];
  /** A member's lines have other rates from now on, in bytes/s. */
  setRates(member: string, rates: { up?: number; down?: number }): Promise<void>;
}

/** All on 127.0.0.1: wires do everything. */
export const LOOPBACK: Ground = {
  hub: "127.0.0.1",
  shapes: { rates: false, delays: false },
  addressOf: () => "127.0.0.1",
  commandOf: (_, argv) => argv,
  setRates: () => Promise.resolve(),
};
