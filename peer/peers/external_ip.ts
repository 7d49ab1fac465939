/**
 * External IP (BEP 10 `yourip`): our own address as peers see it.
 *
 * @module
 */
import { AddressVotes } from "./address_votes.ts";
import { equalBytes } from "../../protocol/bytes20.ts";
import { classifyIp } from "../../protocol/address.ts";

/** Who is remembered to have told it; the oldest is forgotten beyond it. */
const MAX_VOTERS = 32;

/** What most of those say who told it lately, for each kind of address by itself. */
export class ExternalIp {
  readonly #votes = new AddressVotes(MAX_VOTERS);
  /** By kind: looked for anew when somebody tells. */
  readonly #best = new Map<string, Uint8Array | undefined>();
  #version = 0;

  /** Another number whenever an address may be another. */
  get version(): number {
    return this.#version;
  }

  /**
   * Somebody says how it sees us.
   *
   * @param ip 4 or 16 bytes
   */
  told(voter: string, ip: Uint8Array): void {
    const before = this.#votes.hear(voter, ip);
    if (before !== undefined && equalBytes(before, ip)) return;
    this.#version++;
    this.#best.clear();
  }

  /** Our address of the kind that `ip` is: of its family, and local or public as it is. */
  like(ip: Uint8Array): Uint8Array | undefined {
    const kind = kindOf(ip);
    if (!this.#best.has(kind)) {
      this.#best.set(kind, this.#votes.leader((one) => kindOf(one) === kind)?.ip);
    }
    return this.#best.get(kind);
  }
}

function kindOf(ip: Uint8Array): string {
  return `${ip.length} ${classifyIp(ip)}`;
}
