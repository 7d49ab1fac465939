/**
 * npm's bittorrent-tracker on 127.0.0.1, as a program: prints its announce URL, runs until killed.
 *
 * @module
 */
import Server from "bittorrent-tracker/server";
import process from "node:process";

/** Time (ms) that it tells clients to wait between two announces: its own default is ten minutes. */
const INTERVAL = 2000;

const server = new Server({ http: true, udp: false, ws: false, stats: false, interval: INTERVAL });
server.on("listening", () => {
  const { port } = server.http.address();
  process.stdout.write(`http://127.0.0.1:${port}/announce\n`);
});
server.listen(0, { http: "127.0.0.1" });
