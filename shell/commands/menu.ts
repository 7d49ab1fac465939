/**
 * `menu`: the other verbs by arrow keys. What is picked runs as the line that could have been typed,
 * which is shown, so that the menu teaches the shell.
 *
 * @module
 */
import { join } from "@std/path";
import type { UserBan } from "../../peer/mod.ts";
import { formatHostPort } from "../../protocol/mod.ts";
import { connectedPeers, peerInWords } from "../arguments/peer_argument.ts";
import { CommandError } from "../base/errors.ts";
import { formatBytes, formatCount, formatRate, formatShare } from "../base/format.ts";
import { quoteName } from "../arguments/parse_line.ts";
import type { Choice, Prompts } from "../terminal/prompts.ts";
import type { Call, PeerSession, TrackerSession, Verb } from "./verb.ts";
import type { View } from "../view/view.ts";

/** A way on from the top of the menu: the line to run; undefined for back to the top. */
type Branch = () => string | undefined | Promise<string | undefined>;

export const menu: Verb = {
  name: "menu",
  summary: "choose by arrow keys instead of typing",
  peer: async (session, call) =>
    await show(call, (prompts) => [
      { name: "Download something", value: () => pickFromCatalogue(session, prompts) },
      { name: "Share a file or folder", value: () => pickFile(session, prompts) },
      { name: "Watch how everything gets on", value: () => "status --watch" },
      {
        name: "My torrents: pause, resume, disconnect, remove",
        value: () => mine(session, prompts),
      },
      { name: "Peers: list them, disconnect one", value: () => peers(session, prompts) },
      { name: "The catalogue of the tracker", value: () => "list" },
      { name: "See all this in a browser", value: () => "open" },
      { name: "Explain every message", value: () => explainLine(session) },
      { name: "Change my name", value: () => newName(session, prompts) },
      { name: "Disconnect and leave", value: () => "exit" },
    ]),
  tracker: async (session, call) =>
    await show(call, (prompts) => [
      { name: "Swarms", value: () => "status" },
      { name: "Active peers", value: () => "peerinfo" },
      { name: "The catalogue", value: () => "list" },
      { name: "See all this in a browser", value: () => "open" },
      { name: "One torrent: files and peers", value: () => pickSwarm(session, prompts) },
      { name: "Stop the tracker", value: () => "exit" },
    ]),
};

/** Asks, runs, and asks again until somebody has enough. */
async function show(
  call: Call,
  branches: (prompts: Prompts) => readonly Choice<Branch>[],
): Promise<View> {
  const { prompts, run } = call;
  if (prompts === undefined) {
    throw new CommandError("failed", "A menu needs a terminal: type help for the verbs");
  }
  const back: Choice<Branch | undefined> = { name: "Back to the prompt", value: undefined };
  for (let leaving = false; !leaving;) {
    const branch = await prompts.choose<Branch | undefined>("What next?", [
      ...branches(prompts),
      back,
    ]);
    if (branch === undefined) break;
    const line = await branch();
    if (line === undefined) continue;
    await run(line);
    leaving = line === "exit";
  }
  return { view: "several", views: [] };
}

async function pickFromCatalogue(
  { catalogues, engine }: PeerSession,
  prompts: Prompts,
): Promise<string | undefined> {
  const { entries, failures } = await catalogues.list();
  const here = new Set(engine.snapshot().torrents.map(({ infoHash }) => infoHash));
  const choices = entries.filter(({ infoHash }) => !here.has(infoHash)).map((entry) => ({
    name: `${entry.name}  ${formatBytes(entry.totalSize)}  ` +
      formatCount(entry.seeders, "seeder"),
    value: entry,
    description: `${entry.infoHash}, from ${entry.publishedBy ?? "somebody"}`,
  }));
  const link = { name: "Something else: a .torrent, magnet link or address", value: undefined };
  if (choices.length === 0 && failures.length > 0) throw new CommandError("failed", failures[0]!);
  const picked = choices.length === 0
    ? undefined
    : await prompts.choose("Download what?", [...choices, link]);
  if (picked !== undefined) {
    const isOnlyOne = entries.filter(({ name }) => name === picked.name).length === 1;
    return `download ${isOnlyOne ? quoteName(picked.name) : picked.infoHash}`;
  }
  const typed = await prompts.text(".torrent, magnet link or address:");
  return typed ? `download ${quoteName(typed)}` : undefined;
}

async function pickFile({ engine }: PeerSession, prompts: Prompts): Promise<string | undefined> {
  const choices: Choice<string>[] = [];
  for await (const { name, isDirectory } of Deno.readDir(engine.dir)) {
    if (name.startsWith(".") || name.endsWith(".part")) continue;
    const found = await Deno.stat(join(engine.dir, name)).catch(() => undefined);
    // A link that leads nowhere, a name that is not UTF-8: nothing to be shared by picking it.
    if (found === undefined) continue;
    const size = isDirectory ? "folder" : formatBytes(found.size);
    choices.push({ name: `${name}  ${size}`, value: name });
  }
  choices.sort((a, b) => a.name < b.name ? -1 : 1);
  const other: Choice<string> = { name: "Another path", value: "" };
  let picked = choices.length === 0 ? "" : await prompts.choose("Share what?", [...choices, other]);
  if (picked === "") picked = await prompts.text("Path of the file or folder:");
  return picked ? `send ${quoteName(picked)}` : undefined;
}

async function mine({ engine }: PeerSession, prompts: Prompts): Promise<string | undefined> {
  const { torrents } = engine.snapshot();
  if (torrents.length === 0) return "status";
  const torrent = await prompts.choose(
    "Which torrent?",
    torrents.map((one) => ({
      name: `${one.name}  ${one.state}, ${formatShare(one.progress)}, ` +
        `${formatCount(one.peers.length, "peer")}, ${formatRate(one.downloadRate)}`,
      value: one,
      description: one.infoHash,
    })),
  );
  if (torrent === undefined) return undefined;
  const rests = torrent.state === "paused" || torrent.state === "stopped" ||
    torrent.state === "error";
  const verb = await prompts.choose(`What about "${torrent.name}"?`, [
    rests
      ? { name: "Resume", value: "resume" }
      : { name: "Pause: keep connections, transfer nothing", value: "pause" },
    ...(torrent.state === "stopped"
      ? []
      : [{ name: "Disconnect: leave the swarm, keep everything", value: "stop" }]),
    { name: "Files, magnet link, peers", value: "fileinfo" },
    { name: "Counts of the tracker", value: "scrape" },
    { name: "Remove, keep the files", value: "remove" },
  ]);
  if (verb === undefined) return undefined;
  const isOnlyOne = torrents.filter(({ name }) => name === torrent.name).length === 1;
  return `${verb} ${isOnlyOne ? quoteName(torrent.name) : torrent.infoHash}`;
}

/** All of them as a table, or what may be done about one. */
async function peers({ engine }: PeerSession, prompts: Prompts): Promise<string | undefined> {
  const connected = connectedPeers(engine);
  const away = [...engine.sentAway];
  if (connected.length + away.length === 0) return "peerinfo";
  const wordFor = (peer: UserBan) => {
    const twins = [...connected, ...away].filter(({ label }) => label === peer.label);
    return twins.length === 1 ? quoteName(peer.label) : formatHostPort(peer.host, peer.port);
  };
  return await prompts.choose("Which peer?", [
    { name: "All, and how they are connected", value: "peerinfo" },
    ...connected.map((peer) => ({
      name: `Disconnect ${peerInWords(peer)}`,
      value: `disconnect ${wordFor(peer)}`,
      description: "neither called nor let in, until it is let in again or you leave",
    })),
    ...away.map((peer) => ({
      name: `Let in again: ${peerInWords(peer)}`,
      value: `reconnect ${wordFor(peer)}`,
    })),
  ]);
}

function explainLine({ explaining }: PeerSession): string {
  return explaining.targets?.screen ? "explain off" : "explain on";
}

async function newName({ engine }: PeerSession, prompts: Prompts): Promise<string | undefined> {
  const name = await prompts.text("Name that others see:", engine.name);
  return name === undefined || name === engine.name ? undefined : `rename ${quoteName(name)}`;
}

async function pickSwarm(
  { tracker }: TrackerSession,
  prompts: Prompts,
): Promise<string | undefined> {
  const { swarms } = await tracker.snapshot();
  if (swarms.length === 0) return "status";
  const infoHash = await prompts.choose(
    "Which torrent?",
    swarms.map(({ name, infoHash, seeders, leechers }) => ({
      name: `${name ?? infoHash}  ${formatCount(seeders, "seeder")}, ` +
        formatCount(leechers, "leecher"),
      value: infoHash,
    })),
  );
  return infoHash === undefined ? undefined : `fileinfo ${infoHash}`;
}
