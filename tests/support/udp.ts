/**
 * UDP sockets and trackers of 127.0.0.1 that close with the test.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { parseUdpRequest, type UdpRequest } from "../../protocol/udp_packet.ts";

/** A socket on any free port. */
export function udpSocket(): Deno.DatagramConn & Disposable {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  return Object.assign(socket, { [Symbol.dispose]: () => socket.close() });
}

/** A UDP port that nobody listens on. */
export function unusedUdpPort(): number {
  using socket = udpSocket();
  return (socket.addr as Deno.NetAddr).port;
}

/** A tiny UDP tracker: `answer` gives the packets for a request. */
export async function udpTracker(
  answer: (request: UdpRequest) => Uint8Array[],
  host = "127.0.0.1",
  port = 0,
): Promise<{ url: string; [Symbol.asyncDispose](): Promise<void> }> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  socket.on("message", (message, from) => {
    const request = parseUdpRequest(message);
    for (const packet of request ? answer(request) : []) {
      socket.send(packet, from.port, from.address);
    }
  });
  await new Promise<void>((resolve) => socket.bind(port, host, resolve));
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `udp://${name}:${socket.address().port}/announce?a=b`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
