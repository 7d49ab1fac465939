/**
 * The floor of a tracker in Deno: keeps nothing, and gives the same 50 peers to everybody, over HTTP
 * (`Deno.serve`) and UDP (`Deno.listenDatagram`). The argument is the port.
 *
 * @module
 */
const hostname = "127.0.0.1";
const port = Number(Deno.args[0]);
const PEERS = new Uint8Array(50 * 6).fill(7);

const before = new TextEncoder().encode(
  "d8:completei25e10:incompletei75e8:intervali1800e5:peers300:",
);
const body = new Uint8Array(before.length + PEERS.length + 1);
body.set(before);
body.set(PEERS, before.length);
body[body.length - 1] = 0x65;
Deno.serve({ hostname, port, onListen() {} }, () => new Response(body));

const connected = new Uint8Array(16);
const announced = new Uint8Array(20 + PEERS.length);
announced[3] = 1;
announced.set(PEERS, 20);
const socket = Deno.listenDatagram({ hostname, port, transport: "udp" });
for await (const [packet, from] of socket) {
  const reply = (packet[11] === 0 ? connected : announced).slice();
  reply.set(packet.subarray(12, 16), 4);
  await socket.send(reply, from);
}
