/**
 * npm's webtorrent with one torrent or magnet link, over TCP alone, until it is killed, as a program:
 * `WHAT FOLDER PORT`, and what else it may do: `tracker`, `pex`, `web-seeds`; `encrypted` for no
 * connections in clear. Prints "complete" when it has everything, verified. With `--version` instead
 * it prints that and ends.
 *
 * @module
 */
import "./without_webrtc.ts";
import process from "node:process";

// After what keeps its addon out: a static import would come before.
const { default: WebTorrent } = await import("webtorrent");

if (Deno.args[0] === "--version") {
  process.stdout.write(`webtorrent ${WebTorrent.VERSION}\n`);
  Deno.exit();
}
const [what, folder, port, ...flags] = Deno.args;
const client = new WebTorrent({
  torrentPort: Number(port),
  dht: false,
  lsd: false,
  natUpnp: false,
  natPmp: false,
  utp: false,
  utPex: flags.includes("pex"),
  tracker: flags.includes("tracker") ? { wrtc: false } : false,
  webSeeds: flags.includes("web-seeds"),
  secure: flags.includes("encrypted") ? 2 : 0,
});
const say = (line: unknown) => process.stdout.write(`${line}\n`);
client.on("error", (error: unknown) => say(`error ${error}`));
const torrent = client.add(what!, { path: folder });
torrent.on("done", () => say("complete"));
torrent.on("warning", (error: unknown) => say(`warning ${error}`));
