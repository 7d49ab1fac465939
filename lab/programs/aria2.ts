/**
 * aria2 as a peer that stays on this machine: unless it is told otherwise, nothing but a torrent's
 * tracker names peers to it.
 *
 * @module
 */

/** Tells whether it is installed. */
export const ARIA2_PROBE = ["aria2c", "--version"] as const;

/** Where it listens and keeps its files. */
export interface Aria2Place {
  /** Folder of its files. */
  readonly dir: string;
  /** TCP port. */
  readonly port: number;
  readonly host?: string;
  /** Default: off. */
  readonly dht?: boolean;
  /** Peer exchange (BEP 11). Default: off. */
  readonly pex?: boolean;
}

/** Its command without torrent and task. */
export function aria2Command(place: Aria2Place): string[] {
  const { dir, port, host = "127.0.0.1", dht = false, pex = false } = place;
  return [
    "aria2c",
    "--no-conf",
    `--dir=${dir}`,
    `--listen-port=${port}`,
    `--interface=${host}`,
    "--disable-ipv6",
    `--enable-dht=${dht}`,
    "--bt-enable-lpd=false",
    `--enable-peer-exchange=${pex}`,
    "--file-allocation=none",
    "--console-log-level=notice",
    "--summary-interval=0",
    "--show-console-readout=false",
  ];
}
