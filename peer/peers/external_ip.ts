/**
 * External IP (BEP 10 `yourip`): our own address as peers see it.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import { classifyIp } from "../../protocol/address.ts";

/** Who is remembered to have told it; the oldest is forgotten beyond it. */
const MAX_VOTERS = 32;

/** What most of those say who told it lately, for each kind of address by itself. */
export class ExternalIp {
  readonly #told = new Map<string, Uint8Array>();
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
    const before = this.#told.get(voter);
    this.#told.delete(voter);
    this.#told.set(voter, ip.slice());
    if (before !== undefined && equalBytes(before, ip)) return;
    this.#version++;
    if (this.#told.size > MAX_VOTERS) this.#told.delete(this.#told.keys().next().value!);
    this.#best.clear();
  }

  /** Our address of the kind that `ip` is: of its family, and local or public as it is. */
  like(ip: Uint8Array): Uint8Array | undefined {
    const kind = kindOf(ip);
    if (!this.#best.has(kind)) this.#best.set(kind, this.#count(kind));
    return this.#best.get(kind);
  }

  #count(kind: string): Uint8Array | undefined {
    const votes = new Map<string, { ip: Uint8Array; count: number }>();
    for (const ip of this.#told.values()) {
      if (kindOf(ip) !== kind) continue;
      const key = ip.join();
      votes.set(key, { ip, count: (votes.get(key)?.count ?? 0) + 1 });
    }
    let best: { ip: Uint8Array; count: number } | undefined;
    for (const vote of votes.values()) if (vote.count > (best?.count ?? 0)) best = vote;
    return best?.ip;
  }
}

function kindOf(ip: Uint8Array): string {
  return `${ip.length} ${classifyIp(ip)}`;
}
