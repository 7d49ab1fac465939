/**
 * UDP for a family's DHT node: a socket of its own, or the one that uTP has.
 *
 * @module
 */
import type { PeerAddress } from "../../protocol/address.ts";
import type { SharedUdp } from "../ports.ts";
import { loopTurns } from "../../loop/process_loop.ts";

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

/**
 * Opens a port; any free one where the wanted one is taken.
 *
 * @param maxLength longest datagram that is heard whole, in bytes
 */
export function openPort(
  options: { host: string; port: number; maxLength: number },
  onDatagram: DatagramHearer,
): DatagramPort {
  const socket = listen(options.host, options.port);
  let isClosed = false;
  const hear = async (): Promise<void> => {
    const buffer = new Uint8Array(options.maxLength + 1);
    let failures = 0;
    while (!isClosed) {
      for (let turn; (turn = loopTurns.due()) !== undefined;) await turn;
      let received: [Uint8Array, Deno.Addr];
      try {
        received = await socket.receive(buffer);
      } catch {
        // Some systems report here that an earlier datagram found nobody, or that a network is gone.
        if (++failures > MAX_FAILURES) return;
        continue;
      }
      failures = 0;
      const [bytes, from] = received;
      onDatagram(bytes, addressOf(from as Deno.NetAddr));
    }
  };
  const loop = hear();
  return {
    port: (socket.addr as Deno.NetAddr).port,
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

function addressOf({ hostname, port }: Deno.NetAddr): PeerAddress {
  return { host: hostname.replace(/^::ffff:(?=\d+\.)/i, ""), port };
}

function listen(hostname: string, port: number): Deno.DatagramConn {
  try {
    return Deno.listenDatagram({ transport: "udp", hostname, port });
  } catch (error) {
    if (port === 0 || !(error instanceof Deno.errors.AddrInUse)) throw error;
    return Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
  }
}
