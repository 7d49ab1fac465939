/**
 * `vtorrent status`, `list`, `add`, `pause`, `resume`, `remove`: asks a peer that runs on this machine,
 * through the API of its page and the secret in its store, so that no prompt is needed.
 *
 * @module
 */
import { alternatives } from "../base/alternatives.ts";
import { RUNNING_PEER_REMEDIES, withRemedy } from "../base/remedies.ts";
import { basename, join, resolve } from "@std/path";
import { StoreBusyError, StoreLock } from "../../peer/mod.ts";
import { API } from "../dashboard/api_router.ts";
import { addressIn } from "../dashboard/page_secret.ts";
import type { CatalogueItem, TorrentSummary } from "../dashboard/page/api_types.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { nearest } from "../base/did_you_mean.ts";
import type { ProgramCall } from "../help/program_table.ts";
import { readTorrent } from "../arguments/torrent_file.ts";
import { catalogueTable, EMPTY_CATALOGUE } from "../view/catalogue_table.ts";
import type { Column, Row, View } from "../view/view.ts";

/** ms that a peer has to answer: what it looks up in catalogues takes seconds at most. */
const PATIENCE_MS = 30_000;

/** A peer that runs on this machine. */
interface RunningPeer {
  readonly dir: string;
  readonly origin: string;
  readonly token: string;
}

/** The torrents of the peer, and how far they are. */
export async function status(call: ProgramCall): Promise<number> {
  const rows = (await torrentsOf(await findPeer(call))).map((torrent): Row => ({
    name: torrent.name,
    state: torrent.state,
    progress: torrent.progress,
    down: torrent.download_rate,
    up: torrent.upload_rate,
    eta: torrent.eta === null ? undefined : Math.round(torrent.eta),
    peers: torrent.peers,
    ratio: torrent.ratio?.toFixed(2),
    size: torrent.wanted_size,
    "info_hash": torrent.info_hash,
    error: torrent.error === null
      ? undefined
      : withRemedy(torrent.error, torrent.remedy, RUNNING_PEER_REMEDIES),
  }));
  return show(call, {
    view: "table",
    event: "status",
    items: "torrents",
    columns: STATUS.filter(({ key }) => key !== "error" || rows.some((row) => row[key])),
    rows,
    empty: "No torrents yet. vtorrent add <NAME> adds one of the catalogue",
  });
}

const STATUS: readonly Column[] = [
  { key: "name", flexible: true },
  { key: "state" },
  { key: "progress", title: "done", unit: "share" },
  { key: "down", unit: "rate" },
  { key: "up", unit: "rate" },
  { key: "eta", title: "left", unit: "seconds", drop: 3 },
  { key: "peers", unit: "count", drop: 2 },
  { key: "ratio", drop: 4 },
  { key: "size", unit: "bytes", drop: 5 },
  { key: "info_hash", title: "info hash", hidden: true },
  { key: "error", flexible: true, drop: 6 },
];

/** What its trackers' catalogues have. */
export async function list(call: ProgramCall): Promise<number> {
  const peer = await findPeer(call);
  const { torrents, failures } = await ask<{ torrents: CatalogueItem[]; failures: string[] }>(
    peer,
    "/catalogue",
  );
  for (const failure of failures) call.screen.problem(failure);
  const rows = torrents.map(({ published_by: from, here, ...row }): Row => ({
    ...row,
    "published_by": from ?? undefined,
    here: here ? "yes" : undefined,
  }));
  // That it is empty is not known where nobody could be asked.
  return show(call, catalogueTable(rows, failures.length > 0 ? "" : EMPTY_CATALOGUE));
}

/** Adds .torrent files, links, info hashes and names of the catalogue. */
export async function add(call: ProgramCall): Promise<number> {
  const peer = await findPeer(call);
  for (const what of call.args) {
    if (/^https?:/i.test(what)) {
      throw new UsageError(`A running peer fetches no URLs: save ${what} and add the file`);
    }
    const body = /\.torrent$/i.test(what) || what === "-"
      ? new Uint8Array((await readTorrent(what, call.world)).bytes)
      : { what };
    const { info_hash: infoHash } = await ask<{ info_hash: string }>(peer, "/torrents", body);
    const name = (await torrentsOf(peer)).find((one) => one.info_hash === infoHash)?.name ?? what;
    show(call, {
      view: "sentence",
      event: "downloading",
      text: `"${name}" is added`,
      facts: { name, "info_hash": infoHash, dir: peer.dir },
    });
  }
  return 0;
}

/** Pauses torrents. */
export function pause(call: ProgramCall): Promise<number> {
  return act(call, "pause", { event: "paused", words: "is paused" });
}

/** Lets torrents go on. */
export function resume(call: ProgramCall): Promise<number> {
  return act(call, "resume", { event: "resumed", words: "continues" });
}

/** Removes torrents; their files stay unless `--data` says otherwise. */
export function remove(call: ProgramCall): Promise<number> {
  const data = call.flags.data ?? false;
  const words = data ? "is removed and its files are deleted" : "is removed; its files stay";
  return act(call, "remove", { event: "removed", words, body: { data } });
}

async function act(
  call: ProgramCall,
  verb: string,
  { event, words, body = {} }: { event: string; words: string; body?: Record<string, unknown> },
): Promise<number> {
  const peer = await findPeer(call);
  // All are known before one is touched.
  const torrents = await torrentsOf(peer);
  const meant = call.args.map((name) => findTorrent(torrents, name));
  for (const { name, info_hash: infoHash } of meant) {
    await ask(peer, `/torrents/${infoHash}/${verb}`, body);
    show(call, {
      view: "sentence",
      event,
      text: `"${name}" ${words}`,
      facts: { name, "info_hash": infoHash },
    });
  }
  return 0;
}

function findTorrent(torrents: readonly TorrentSummary[], name: string): TorrentSummary {
  const found = torrents.filter((one) => one.name === name || one.info_hash === name.toLowerCase());
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    throw new CommandError(
      "failed",
      `${found.length} torrents are called "${name}": name one by its info hash, ` +
        alternatives(found.map((one) => one.info_hash)),
    );
  }
  const near = nearest(name, torrents.map((one) => one.name));
  throw new CommandError(
    "failed",
    `No torrent "${name}" there. ` +
      (near === undefined ? "vtorrent status shows what there is" : `Did you mean "${near}"?`),
  );
}

/** The one peer that is meant: that of `--dir`, or the only one that runs in `peer_files/`. */
async function findPeer({ flags, world }: ProgramCall): Promise<RunningPeer> {
  const places = flags.dir === undefined
    ? await storesIn(resolve(world.cwd, "peer_files"))
    : [resolve(world.cwd, flags.dir)];
  const running: RunningPeer[] = [];
  for (const dir of places) {
    const stateDir = join(dir, ".vtorrent");
    const address = await addressIn(stateDir);
    // The secret goes to no one else who has taken the port of a peer that was killed.
    if (address !== undefined && isOpen(stateDir)) running.push({ dir, ...address });
  }
  const [one, ...others] = running;
  if (one === undefined) {
    throw new CommandError(
      "failed",
      flags.dir === undefined
        ? "No peer with a page runs here: start one with vtorrent peer 1 --web-port 0, or name " +
          "its folder with --dir"
        : `No peer with a page runs in ${flags.dir}: start one with --dir ${flags.dir} --web-port 0`,
    );
  }
  if (others.length === 0) return one;
  const names = alternatives(running.map(({ dir }) => basename(dir)));
  throw new CommandError("failed", `Several peers run here: choose one with --dir, ${names}`);
}

async function storesIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.filter(({ name }) => name.startsWith("peer_"))
      .map(({ name }) => join(folder, name)).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Whether a process has the store open. */
function isOpen(stateDir: string): boolean {
  try {
    using _lock = StoreLock.take(stateDir);
    return false;
  } catch (error) {
    if (error instanceof StoreBusyError) return true;
    throw error;
  }
}

async function torrentsOf(peer: RunningPeer): Promise<readonly TorrentSummary[]> {
  return (await ask<{ torrents: TorrentSummary[] }>(peer, "/torrents")).torrents;
}

/** What the peer answers. @throws {CommandError} with its sentence where it refuses */
async function ask<T>(
  { origin, token }: RunningPeer,
  path: string,
  body?: Uint8Array<ArrayBuffer> | Record<string, unknown>,
): Promise<T> {
  const isFile = body instanceof Uint8Array;
  const type = isFile ? "application/x-bittorrent" : "application/json";
  let response: Response;
  try {
    response = await fetch(`${origin}${API}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { "Authorization": `Bearer ${token}`, "Content-Type": type },
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body !== undefined && { body: isFile ? body : JSON.stringify(body) }),
    });
  } catch (error) {
    throw new CommandError("failed", `The peer at ${origin} does not answer`, { cause: error });
  }
  const value = await response.json();
  if (response.ok) return value as T;
  throw new CommandError("failed", String(value.error ?? `${origin} says ${response.status}`));
}

function show({ screen }: ProgramCall, view: View): number {
  return screen.show(view) ? 0 : 1;
}
