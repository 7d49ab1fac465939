/**
 * npm's bittorrent-tracker as `vtorrent grade tracker` starts a tracker: with its port, and with
 * seconds between two announces behind it. See npm-tracker.jsonc.
 */
import Server from "bittorrent-tracker/server";
import process from "node:process";

const [port, seconds] = process.argv.slice(2).map(Number);
const server = new Server({
  http: true,
  udp: true,
  ws: false,
  stats: false,
  ...(seconds === undefined ? {} : { interval: 1000 * seconds, peersCacheTtl: 2000 * seconds }),
});
// A request that is no announce is answered and told here: it ends nothing.
server.on("warning", ({ message }) => process.stderr.write(`${message}\n`));
server.on("error", ({ message }) => process.stderr.write(`${message}\n`));
server.listen(port, { http: "127.0.0.1", udp: "127.0.0.1" });
