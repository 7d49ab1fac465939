/**
 * World: what an engine needs of the machine around it. The real one is `real_world.ts`; the lab has
 * one whose time, network and disk are made up, where the same seed gives the same course.
 *
 * @module
 */
import type { Clock } from "../clock.ts";
import type { CrowdRules } from "../crowd_rules.ts";
import type { Resolve } from "../destination/resolve_host.ts";
import type { DhtMemory } from "../dht/state_file.ts";
import type { JoinNetworks } from "../discovery/lsd_sockets.ts";
import type { MagnetRecords } from "../magnet/magnet_files.ts";
import type { DatagramSocket, Hasher, Listener, Socket, Tapping, TrackerPort } from "../ports.ts";
import type { ResumeRecords } from "../resume/resume_db.ts";
import type { FileMover } from "./relocate.ts";
import type { OpenDisk } from "./torrent_disk.ts";

/** The network and the names in it. */
export interface Network {
  /**
   * Opens a port for peers over TCP.
   *
   * @param options `port` 0 takes any free one; `next` goes on to the ports after a taken one
   * @throws {TcpError}
   */
  listen(options: { host: string; port: number; next?: boolean }): Listener;
  /** Connects to a peer over TCP. Abort `signal` to give up. @throws {TcpError} */
  dial(host: string, port: number, signal: AbortSignal): Promise<Socket>;
  /** Opens a UDP port. @throws {Deno.errors.AddrInUse} */
  listenDatagram(host: string, port: number): DatagramSocket;
  /** Joins the local networks (BEP 14). */
  readonly joinNetworks: JoinNetworks;
  readonly resolve: Resolve;
  /** @param isTyped whether a person typed an announce URL: such a one is believed */
  trackers(tapping: Tapping, isTyped: (url: string) => boolean): TrackerPort;
}

/** What outlasts the session. `stateDir` is the folder of the records. */
export interface Disk {
  /** @throws {StoreBusyError | StorageError} */
  openRecords(stateDir: string): Promise<ResumeRecords>;
  /** Of links whose metadata is not here yet; asked for after `openRecords`. */
  magnetRecords(stateDir: string): MagnetRecords;
  dhtMemory(stateDir: string): DhtMemory;
  readonly openTorrent: OpenDisk;
  /** Undefined where files cannot be moved. */
  readonly mover?: FileMover;
}

/** Everything that an engine does not decide by itself. */
export interface World {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  /** Hard to guess. */
  randomBytes(length: number): Uint8Array;
  readonly hasher: Hasher;
  readonly network: Network;
  readonly disk: Disk;
  /** What it decides by beyond BEP 3. Default: all rules. */
  readonly rules?: CrowdRules;
}
