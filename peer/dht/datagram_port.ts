/**
 * UDP for a family's DHT node: a socket of its own, or the one that uTP has.
 *
 * @module
 */
import type { PeerAddress } from "../../protocol/address.ts";
import type { DatagramSocket, SharedUdp, UdpAddress } from "../ports.ts";

/** Errors in a row after which nothing more is expected of a socket. */
const MAX_FAILURES = 1000;

/** Called with every datagram that comes; must not throw. */
export type DatagramHearer = (bytes: Uint8Array, from: PeerAddress) => void;

/** A way to send datagrams and to hear them. */
export interface DatagramPort extends AsyncDisposable {
  readonly port: number;
  /** Lost datagrams are no errors. */
  send(bytes: Uint8Array, to: PeerAddress): void;
}

/** Speaks through uTP's port. */
export function sharePort(udp: SharedUdp, onDatagram: DatagramHearer): DatagramPort {
  udp.onStranger = (bytes, from) => onDatagram(bytes, addressOf(from));
  return {
    port: udp.port,
    send: (bytes, { host, port }) => udp.send(bytes, { transport: "udp", hostname: host, port }),
    [Symbol.asyncDispose]: () => {
      udp.onStranger = undefined;
      return Promise.resolve();
    },
  };
}

/** How a port is opened. */
export interface PortOptions {
  readonly host: string;
  readonly port: number;
  /** Longest datagram that is heard whole, in bytes. */
  readonly maxLength: number;
  listenDatagram(host: string, port: number): DatagramSocket;
}

/** Opens a port; any free one where the wanted one is taken. */
export function openPort(options: PortOptions, onDatagram: DatagramHearer): DatagramPort {
  const socket = listen(options);
  let isClosed = false;
  const hear = async (): Promise<void> => {
    const buffer = new Uint8Array(options.maxLength + 1);
    let failures = 0;
    while (!isClosed) {
      let received: [Uint8Array, UdpAddress];
      try {
        received = await socket.receive(buffer);
      } catch {
        // Some systems report here that an earlier datagram found nobody, or that a network is gone.
        if (++failures > MAX_FAILURES) return;
        continue;
      }
      failures = 0;
      const [bytes, from] = received;
      onDatagram(bytes, addressOf(from));
    }
  };
  const loop = hear();
  return {
    port: socket.addr.port,
    send: async (bytes, { host, port }) => {
      try {
        await socket.send(bytes, { transport: "udp", hostname: host, port });
      } catch {
        // No way to that network, or closed: as if it were lost.
      }
    },
    [Symbol.asyncDispose]: async () => {
      isClosed = true;
      socket.close();
      await loop;
    },
  };
}

function addressOf({ hostname, port }: UdpAddress): PeerAddress {
  return { host: hostname.replace(/^::ffff:(?=\d+\.)/i, ""), port };
}

function listen({ host, port, listenDatagram }: PortOptions): DatagramSocket {
  try {
    return listenDatagram(host, port);
  } catch (error) {
    if (port === 0 || !(error instanceof Deno.errors.AddrInUse)) throw error;
    return listenDatagram(host, 0);
  }
}
