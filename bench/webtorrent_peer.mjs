// A peer made of webtorrent for Node, for the transfers of `deno task bench`.
//
//   webtorrent_peer.mjs PREFIX seed|leech TORRENT DIR PORT     until SIGTERM
//   webtorrent_peer.mjs PREFIX verify TORRENT DIR
//
// PREFIX is the folder that webtorrent was installed in. Its own settings, but TCP only and on
// this host: no DHT, local discovery, port mapping or uTP.
import { readFileSync } from "node:fs";
import { Server } from "node:net";
import { register } from "node:module";
import process from "node:process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// WebRTC needs a native addon that is not part of the npm package; no transfer here uses it.
const stub = "export const RTCPeerConnection = undefined, RTCSessionDescription = undefined, " +
  "RTCIceCandidate = undefined; export default {};";
const hooks = `export const resolve = (name, context, next) => name === "webrtc-polyfill"
  ? { url: ${
  JSON.stringify(`data:text/javascript,${encodeURIComponent(stub)}`)
}, shortCircuit: true }
  : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

// webtorrent listens on all addresses and has no setting for it.
const { listen } = Server.prototype;
Server.prototype.listen = function (first, ...rest) {
  return typeof first === "number"
    ? listen.call(
      this,
      { port: first, host: "127.0.0.1" },
      ...rest.filter((x) => typeof x === "function"),
    )
    : listen.call(this, first, ...rest);
};

const [prefix, role, file, path, port] = process.argv.slice(2);
const entry = join(prefix, "node_modules", "webtorrent", "index.js");
const { default: WebTorrent } = await import(pathToFileURL(entry).href);

const client = new WebTorrent({
  torrentPort: Number(port ?? 0),
  dht: false,
  lsd: false,
  utp: false,
  utPex: false,
  natUpnp: false,
  natPmp: false,
  tracker: { wrtc: false },
});
client.on("error", (error) => {
  process.stderr.write(`${error}\n`);
  process.exit(1);
});
const torrent = client.add(readFileSync(file), { path });
torrent.on("done", () => {
  if (role === "verify") process.exit(0);
});
process.on("SIGTERM", () => process.exit(0));
