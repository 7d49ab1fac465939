/**
 * A member of a real run while it runs, whatever program it is.
 *
 * @module
 */

/** What every member is started with. */
export interface MemberStart {
  readonly id: string;
  /** The folder that holds the content, or what it has of it. */
  readonly dir: string;
  /** The .torrent, and where it lies. */
  readonly torrent: Uint8Array<ArrayBuffer>;
  readonly torrentPath: string;
  /** Announce URL. */
  readonly tracker: string;
  /** Where it has to listen. */
  readonly host: string;
  readonly port: number;
  readonly seed: number;
}

/** A running member. Disposing ends it at once and waits until nothing of it is left. */
export interface RunningMember extends AsyncDisposable {
  /** Asks it to leave, and ends it where it does not. */
  stop(): Promise<void>;
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>;
  /** Stops and continues it without ending it; a member within this process cannot be. */
  pause?(): void;
  resume?(): void;
  /** Tells it what its uplink is from now on, in bytes/s; programs are not told. */
  tellUplink?(rate: number): void;
  /** Resolves with a sentence when it ends by itself; members within this process never do. */
  readonly ended?: Promise<string>;
}
