/**
 * npm's bittorrent-tracker as a program: `node tracker.mjs PORT`.
 *
 * @module
 */
import Server from "bittorrent-tracker/server";
import process from "node:process";

/** Time (ms) that it tells clients to wait between two announces. */
const INTERVAL = 2000;

const port = Number(process.argv[2]);
const server = new Server({ udp: false, ws: false, interval: INTERVAL });
server.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.on("listening", () => process.stdout.write(`the tracker listens on port ${port}\n`));
server.listen(port, { http: "0.0.0.0" });
