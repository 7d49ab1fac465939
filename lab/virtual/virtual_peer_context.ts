/**
 * What a virtual peer needs of its swarm.
 *
 * @module
 */
import type { Layout } from "../../protocol/piece_layout.ts";
import type { AnnouncesContext } from "./virtual_announces.ts";
import type { VirtualNetworks } from "./virtual_network.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** Clock, network and the other peers, each of which is a `Member`. */
export interface VirtualPeerContext<Member> extends AnnouncesContext {
  readonly time: VirtualTime;
  readonly layout: Layout;
  readonly networks: VirtualNetworks;
  readonly options: AnnouncesContext["options"] & {
    readonly connections?: number;
    readonly isHonest?: boolean;
  };
  readonly memory: Map<number, Uint8Array>;
  /** The peer that listens at an address. */
  at(host: string): Member | undefined;
  /** Whether two peers cannot reach each other. */
  isCut(one: Member, other: Member): boolean;
  /** It came, went, or has everything. */
  note(peer: Member): void;
}
