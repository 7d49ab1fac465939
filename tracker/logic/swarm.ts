/**
 * One swarm: all peers of one info hash, by kind of address.
 *
 * @module
 */
import { PeerTable } from "./peer_table.ts";

/** Peers on the tracker's own host are kept apart: other hosts know them by another address. */
export class Swarm {
  readonly local4: PeerTable = new PeerTable(6);
  readonly local6: PeerTable = new PeerTable(18);
  readonly remote4: PeerTable = new PeerTable(6);
  readonly remote6: PeerTable = new PeerTable(18);
  /** How often somebody completed. */
  completed = 0;
  /** In seconds. */
  readonly since: number;

  constructor(since: number) {
    this.since = since;
  }

  get tables(): readonly PeerTable[] {
    return [this.local4, this.local6, this.remote4, this.remote6];
  }

  /** The table for an address (4 or 16 bytes). */
  table(address: Uint8Array, isLoopback: boolean): PeerTable {
    if (address.length === 4) return isLoopback ? this.local4 : this.remote4;
    return isLoopback ? this.local6 : this.remote6;
  }

  get size(): number {
    return this.local4.size + this.local6.size + this.remote4.size + this.remote6.size;
  }

  get seeders(): number {
    return this.local4.seeders + this.local6.seeders + this.remote4.seeders +
      this.remote6.seeders;
  }
}
