/**
 * The client of npm's bittorrent-tracker, as a program: `URL INFO_HASH PEER_ID PORT` are its
 * arguments; start, update, complete, stop and scrape, each with the bytes left, its input; JSON
 * lines its output.
 *
 * @module
 */
import "./without_webrtc.ts";
import process from "node:process";
import { createInterface } from "node:readline";

// After what keeps its addon out: a static import would come before.
const { default: Client } = await import("bittorrent-tracker/client");

const [announce, infoHash, peerId, port] = Deno.args;
const client = new Client({ announce, infoHash, peerId, port: Number(port), wrtc: false });
const tell = (event: string, facts: Record<string, unknown>) =>
  process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);

for (const event of ["update", "scrape"]) {
  client.on(event, (facts: Record<string, unknown>) => tell(event, facts));
}
client.on("peer", (peer: string) => tell("peer", { peer }));
client.on("warning", (error: Error) => tell("warning", { text: error.message }));
client.on("error", (error: Error) => tell("error", { text: error.message }));

for await (const line of createInterface({ input: process.stdin })) {
  const [word, left] = line.split(" ");
  const amounts = { left: Number(left), uploaded: 0, downloaded: 0 };
  client[word as "start" | "update" | "complete" | "stop" | "scrape"](amounts);
}
client.destroy();
