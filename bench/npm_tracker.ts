/**
 * npm's bittorrent-tracker on 127.0.0.1, over HTTP and UDP. The argument is the port.
 *
 * @module
 */
import Server from "bittorrent-tracker/server";

const server = new Server({ http: true, udp: true, ws: false, stats: false });
const hostname = "127.0.0.1";
server.listen(Number(Deno.args[0]), { http: hostname, udp: hostname });
