/**
 * The settings file of a qBittorrent that talks to loopback or a test's own network and to nobody
 * else; the benchmarks use it, too.
 *
 * @module
 */

/** What is not the same for all. */
export interface QbittorrentSettings {
  /** To listen on. */
  readonly address: string;
  readonly port: number;
  readonly protocol: "TCP" | "UTP" | "Both";
  readonly encryption: "allowed" | "required";
  /** Peer exchange. */
  readonly pex: boolean;
}

/** The text of `qBittorrent/config/qBittorrent.conf` in its profile. */
export function qbittorrentSettings(
  { address, port, protocol, encryption, pex }: QbittorrentSettings,
): string {
  return `[LegalNotice]
Accepted=true

[Application]
FileLogger\\Enabled=false

[BitTorrent]
Session\\AddTrackersEnabled=false
Session\\BTProtocol=${protocol}
Session\\DHTEnabled=false
Session\\Encryption=${encryption === "required" ? 1 : 0}
Session\\InterfaceAddress=${address}
Session\\LSDEnabled=false
Session\\PeXEnabled=${pex}
Session\\Port=${port}
Session\\Preallocation=false
Session\\QueueingSystemEnabled=false

[Network]
PortForwardingEnabled=false

[Preferences]
Connection\\ResolvePeerCountries=false
WebUI\\Address=127.0.0.1
WebUI\\LocalHostAuth=false
WebUI\\UseUPnP=false
`;
}
