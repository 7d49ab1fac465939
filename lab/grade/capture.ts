/**
 * Packet capture of a probe, made by the caller that runs the probes.
 *
 * @module
 */

/** One connection, the same object from its first byte to its end. */
export interface CapturedLink {
  readonly remote: { readonly host: string; readonly port: number };
  readonly local: { readonly host: string; readonly port: number };
}

/** The link of a socket. */
export function linkOf({ localAddr, remoteAddr }: Deno.TcpConn): CapturedLink {
  return {
    local: { host: localAddr.hostname, port: localAddr.port },
    remote: { host: remoteAddr.hostname, port: remoteAddr.port },
  };
}

/** Keeps what is said on connections. `sent` is what the scripted side says. */
export interface Capture {
  wire(link: CapturedLink, direction: "sent" | "received", bytes: Uint8Array): void;
  link(link: CapturedLink, state: { readonly ended: string }): void;
  /** One datagram. */
  trackerBytes(
    link: CapturedLink & { readonly transport: "udp" },
    direction: "sent" | "received",
    bytes: Uint8Array,
  ): void;
}

/** Keeps nothing. */
export const NO_CAPTURE: Capture = { wire: () => {}, link: () => {}, trackerBytes: () => {} };
