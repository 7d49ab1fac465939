/**
 * UDP sockets of 127.0.0.1 that close with the test.
 *
 * @module
 */

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
