/**
 * World: a check's view of the place that the programs run in: hosts, processes, bytes.
 *
 * @module
 */
import type { Running } from "./running.ts";
import type { Traffic } from "./traffic.ts";

/** A world that cannot be made here; the sentence says why and what else can be done. */
export class WorldError extends Error {
  override name = "WorldError";
}

/** What a world is made for. */
export interface WorldPlan {
  /** Hosts; h1 is the tracker's. */
  readonly hosts: number;
  /** bits a second that each host can send */
  readonly rate: number;
  /** The run's folder: all that programs can see and write of what is kept for more than a check. */
  readonly root: string;
  /** Folder within it that holds the folders of the hosts. */
  readonly folder: string;
  /** The name localhost means h1 everywhere. */
  readonly localhost: boolean;
  /** Host or `tracker` → further addresses of it. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  /** TCP port that is called → port that is reached. */
  readonly redirect: Readonly<Record<string, number>>;
  /** Whether packets are recorded. */
  readonly pcap: boolean;
}

/** How a process is started. */
export interface Start {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly pty: boolean;
  /** MiB of address space; undefined for no limit. */
  readonly memory?: number | undefined;
}

/** Who called whom, for the report. */
export interface Calls {
  /** `h3 → h2:6881` → packets that open a connection */
  readonly called: ReadonlyMap<string, number>;
  /** `h3 → h2:6881` → refusals */
  readonly refused: ReadonlyMap<string, number>;
}

/** Hosts with programs on them. Disposing ends all of them. */
export interface World extends AsyncDisposable {
  readonly kind: "hosts" | "one-host";
  readonly hosts: number;
  /** Bytes between hosts; undefined where nothing counts them. */
  readonly traffic: Traffic | undefined;
  /** Whether it can be seen what listens. */
  readonly seesListeners: boolean;
  address(host: number): string;
  port(host: number): number;
  /** The host's folder, as this process sees it. */
  folder(host: number): string;
  /** Writes a file of a host's folder, its folders with it; over what is there, without making it anew. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  start(host: number, start: Start): Promise<Running>;
  /** Ends everything on a host at once, as a power cut does. */
  kill(host: number): Promise<void>;
  /** Stops everything on a host without ending it; its connections stay. */
  freeze(host: number): Promise<void>;
  /** What listens on a host, e.g. `tcp 10.77.0.2:6881`; none where that cannot be seen. */
  listeners(host: number): Promise<string[]>;
  calls(): Promise<Calls>;
}

/** `h1`, `h2`, … */
export function hostName(host: number): string {
  return `h${host}`;
}
