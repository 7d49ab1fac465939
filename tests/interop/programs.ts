/**
 * How clients of other makes are started for a column of the matrix.
 *
 * @module
 */
import { Deluge } from "../support/deluge.ts";
import type { Place } from "../support/hosts.ts";
import { Libtorrent } from "../support/libtorrent.ts";
import {
  Aria2,
  aria2Udp,
  isInstalled,
  Transmission,
  WebTorrent,
  WEBTORRENT_PEER,
} from "../support/other_clients.ts";
import { runToEnd, type TestProcess } from "../support/process.ts";
import { Qbittorrent } from "../support/qbittorrent.ts";
import { Rtorrent } from "../support/rtorrent.ts";
import type { Column, MakeName, Task } from "./makes.ts";

/** The port that the other client listens on. */
export const OTHER_PORT = 6890;

/** A client that downloads what it lacks and seeds what it has. */
export interface OtherClient extends TestProcess {
  /** Resolves when it has everything, verified; fails after `patience` ms. */
  complete(patience?: number): Promise<void>;
  /** Whom it banned, where it tells. */
  bans?(): string[];
}

/** How a client is asked for its version, and how it is started. */
export interface Program {
  /** False where it is not installed; throws where that may not be. */
  isInstalled(): Promise<boolean>;
  readonly version: readonly string[];
  start(
    what: string,
    dir: string,
    how: { task: Task; column: Column; host: Place },
  ): OtherClient | Promise<OtherClient>;
}

/** Each make's program. */
export const PROGRAMS: Record<MakeName, Program> = {
  aria2: {
    isInstalled: () => isInstalled("aria2c", "aria2"),
    version: ["aria2c", "--version"],
    start: (what, dir, { task, column, host }) => {
      const more = {
        encrypted: ["--bt-require-crypto=true", "--bt-min-crypto-level=arc4"],
        UDP: aria2Udp(dir),
      };
      return new Aria2(
        what,
        dir,
        OTHER_PORT,
        task === "seeds" ? "seed" : "download",
        column === "encrypted" || column === "UDP" ? more[column] : [],
        { host, pex: true },
      );
    },
  },
  Deluge: {
    isInstalled: () => isInstalled("deluged", "deluged"),
    version: ["deluged", "--version"],
    start: (what, dir, { column, host }) =>
      Deluge.start(what, dir, OTHER_PORT, { host, encrypted: column === "encrypted" }),
  },
  libtorrent: {
    isInstalled: () => Libtorrent.isInstalled(),
    version: ["/usr/bin/python3", "-c", "import libtorrent; print(libtorrent.__version__)"],
    start: (what, dir, { column, host }) =>
      Libtorrent.start(what, dir, [
        ...["--host", host.ip4, "--port", String(OTHER_PORT)],
        ...(column === "encrypted" ? ["--encrypted"] : []),
        ...(column === "uTP" ? ["--utp"] : []),
      ], { through: host.through }),
  },
  qBittorrent: {
    isInstalled: () => isInstalled("qbittorrent-nox", "qbittorrent-nox"),
    version: ["qbittorrent-nox", "--version"],
    start: (what, dir, { column, host }) =>
      Qbittorrent.start(what, dir, OTHER_PORT, {
        host,
        encrypted: column === "encrypted",
        utp: column === "uTP",
      }),
  },
  rtorrent: {
    isInstalled: () => isInstalled("rtorrent", "rtorrent", ["-h"]),
    version: ["rtorrent", "-h"],
    start: (what, dir, { column, host }) =>
      Rtorrent.start(what, dir, OTHER_PORT, { host, encrypted: column === "encrypted" }),
  },
  Transmission: {
    isInstalled: () => isInstalled("transmission-cli", "transmission-cli"),
    version: ["transmission-cli", "--version"],
    start: (what, dir, { column, host }) =>
      Transmission.start(what, dir, OTHER_PORT, {
        host,
        pex: true,
        utp: column === "uTP",
        encryption: column === "encrypted" ? "required" : "tolerated",
      }),
  },
  webtorrent: {
    isInstalled: () => Promise.resolve(true),
    version: [Deno.execPath(), "run", "--quiet", "--allow-all", WEBTORRENT_PEER, "--version"],
    start: (what, dir, { column, host }) => {
      const flags = ["tracker", "pex", "web-seeds"];
      if (column === "encrypted") flags.push("encrypted");
      return new WebTorrent(what, dir, OTHER_PORT, flags, host);
    },
  },
};

/** What the program says of itself in its first line. */
export async function versionLine({ version: [command, ...args] }: Program): Promise<string> {
  const { stdout, stderr } = await runToEnd(command!, args);
  return (stdout + stderr).split("\n", 1)[0]!.trim();
}
