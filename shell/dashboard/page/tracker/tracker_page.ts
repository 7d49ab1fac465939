/**
 * The page of a tracker: its swarms, who is in them, the catalogue, and the swarm board.
 *
 * @module
 */
/// <reference lib="dom" />
import type {
  BoardChange,
  PublishedTorrent,
  SwarmMember,
  SwarmSummary,
  TrackerRates,
  TrackerStatus,
} from "../api_types.ts";
import { get, listen } from "../api_client.ts";
import { byName } from "../board/board_moment.ts";
import {
  button,
  byId,
  make,
  note,
  setAttribute,
  setText,
  showConnection,
  showTotals,
} from "../dom.ts";
import { KeyedTable } from "../keyed_table.ts";
import { LineChart } from "../line_chart.ts";
import { SwarmBoardView } from "../board/swarm_board.ts";
import { bytes, duration } from "../words.ts";
import { standingsOf } from "../lagging.ts";

/** ms between two points of the chart, and between two looks at who is in a swarm. */
const TICK_MS = 1000;
const MEMBERS_MS = 2000;
const CATALOGUE_MS = 10_000;

let chosen: string | undefined;
/** Whether a person chose it; otherwise the busiest swarm is shown. */
let isPicked = false;
let hangUp: (() => void) | undefined;
/** What the tracker said last; undefined while it does not answer. */
let status: TrackerStatus | undefined;
let wasConnected = false;
let swarms: readonly SwarmSummary[] = [];

const board = new SwarmBoardView();
const chart = new LineChart(
  "Announces per second",
  [{ name: "announces", colour: "down" }],
  (n) => n.toFixed(1),
);

const swarmTable = new KeyedTable<SwarmSummary>({
  label: "Swarms",
  empty: "No peer has announced yet. Give peers --tracker with the address above.",
  key: (swarm) => swarm.info_hash,
  columns: [
    {
      title: "Torrent",
      isHeader: true,
      fill: (swarm, cell) => {
        const shown = cell.firstElementChild as HTMLButtonElement | null ??
          cell.appendChild(button("", () => pick(swarm.info_hash), { class: "name" }));
        setText(shown, swarm.name ?? swarm.info_hash);
        setAttribute(shown, "aria-expanded", String(chosen === swarm.info_hash));
      },
    },
    { title: "Seeders", isNumber: true, text: ({ seeders }) => String(seeders) },
    { title: "Leechers", isNumber: true, text: ({ leechers }) => String(leechers) },
    {
      title: "Completed",
      isNumber: true,
      help: "Completed downloads that peers announced",
      text: ({ completed }) => String(completed),
    },
    {
      title: "On the board",
      isNumber: true,
      help:
        "Peers that report their transfers: those on the tracker's machine do, unless started " +
        "with --no-report, others with --report",
      text: ({ reporting }) => String(reporting),
    },
  ],
});

/** How far each peer of the chosen swarm is beside the others. */
let standingOf = standingsOf([], undefined);

const members = new KeyedTable<SwarmMember>({
  label: "Peers of the swarm",
  empty: "This swarm has no peers now.",
  key: (member) => `${member.peer_id} ${member.address}`,
  columns: [
    { title: "Peer", isHeader: true, text: nameOf },
    { title: "Client", text: ({ client }) => client },
    { title: "Address", text: ({ address }) => address },
    {
      title: "Is",
      help: "A peer lags with less than half of what the peer in the middle has",
      text: (member) => {
        const lags = member.status === "leecher" && standingOf(member).state === "lagging";
        return lags ? "leecher, lags" : member.status;
      },
    },
    { title: "Left", isNumber: true, text: ({ left }) => bytes(left) },
    { title: "Took", isNumber: true, text: ({ downloaded }) => bytes(downloaded) },
    { title: "Gave", isNumber: true, text: ({ uploaded }) => bytes(uploaded) },
    {
      title: "Announced",
      isNumber: true,
      text: (member) => `${duration(Math.max(0, (Date.now() - member.last_seen) / 1000))} ago`,
    },
  ],
});

const catalogue = new KeyedTable<PublishedTorrent>({
  label: "Catalogue",
  empty: "The catalogue is empty. Publish with send at a peer.",
  key: (torrent) => torrent.info_hash,
  columns: [
    { title: "Name", isHeader: true, text: ({ name }) => name },
    { title: "Size", isNumber: true, text: ({ size }) => bytes(size) },
    { title: "Files", isNumber: true, text: ({ files }) => String(files) },
    { title: "From", text: (torrent) => torrent.published_by ?? "–" },
    { title: "Get it", fill: links },
  ],
});

byId("board").append(
  board.element,
  make("div", { class: "board-more" }, make("h3", {}, "Peers of the swarm"), members.element),
);
byId("swarms").append(swarmTable.element);
byId("announces").append(chart.element);
byId("catalogue").append(catalogue.element);
setInterval(() => status !== undefined && chart.add([status.announces_per_second]), TICK_MS);
setInterval(() => void readMembers(), MEMBERS_MS);
setInterval(() => void readCatalogue(), CATALOGUE_MS);
void readCatalogue();
show(undefined);

function pick(infoHash: string): void {
  isPicked = chosen !== infoHash;
  show(isPicked ? infoHash : busiest());
}

/** Shows the board of a swarm. */
function show(infoHash: string | undefined): void {
  chosen = infoHash;
  byId("board").hidden = infoHash === undefined;
  board.open();
  showNames();
  void readMembers();
  hangUp?.();
  hangUp = listen(infoHash === undefined ? "/events" : `/events?swarm=${infoHash}`, {
    event: (name, data) => {
      if (name === "status") showStatus(data as TrackerStatus);
      else if (name === "swarms") showSwarms((data as { swarms: SwarmSummary[] }).swarms);
      else if (name === "board") board.change(data as BoardChange);
    },
    state: (problem) => {
      if (problem !== undefined) status = undefined;
      else if (!wasConnected) void readRates();
      wasConnected = problem === undefined;
      showConnection(problem);
    },
  });
}

function showStatus(now: TrackerStatus): void {
  status = now;
  showTotals([
    ["Swarms", number(now.swarms)],
    ["Seeders", number(now.seeders)],
    ["Leechers", number(now.leechers)],
    ["Announces", `${now.announces_per_second.toFixed(1)} per second`],
  ]);
  const urls = now.urls.join(" ");
  if (byId("urls").dataset["urls"] === urls) return;
  byId("urls").dataset["urls"] = urls;
  byId("urls").replaceChildren(
    "Peers announce to ",
    ...now.urls.flatMap((url) => [make("code", {}, url), " "]),
  );
}

/** A dash while the store cannot be asked. */
function number(count: number | null): string {
  return count === null ? "–" : String(count);
}

function showSwarms(now: readonly SwarmSummary[]): void {
  const isNew = swarms.length !== now.length;
  swarms = now;
  showNames();
  if (isNew) void readCatalogue();
  const best = busiest();
  if (!isPicked && best !== chosen) show(best);
}

function showNames(): void {
  swarmTable.show(swarms);
  const name = swarms.find((swarm) => swarm.info_hash === chosen)?.name ?? chosen ?? "";
  setText(byId("board-title"), `Swarm of ${name}`);
}

/** The swarm that most peers report on, else the largest. */
function busiest(): string | undefined {
  const most = Math.max(0, ...swarms.map(({ reporting }) => reporting));
  return swarms.find(({ reporting }) => reporting === most)?.info_hash;
}

/** What the chart missed. */
async function readRates(): Promise<void> {
  const rates = await get<TrackerRates>("/rates").catch(() => undefined);
  if (rates !== undefined) chart.fill(rates.announces.map((one) => [one]));
}

async function readMembers(): Promise<void> {
  const infoHash = chosen;
  if (infoHash === undefined) return members.show([]);
  const answer = await get<{ peers: SwarmMember[] }>(`/swarms/${infoHash}`).catch(() => undefined);
  if (answer === undefined || infoHash !== chosen) return;
  const size = swarms.find((one) => one.info_hash === infoHash)?.size ?? null;
  standingOf = standingsOf(answer.peers, size ?? undefined);
  const named = answer.peers.map((peer) => ({ peer, id: peer.peer_id, name: nameOf(peer) }));
  members.show(named.sort(byName).map(({ peer }) => peer));
  board.members(answer.peers, size);
}

async function readCatalogue(): Promise<void> {
  try {
    const { torrents } = await get<{ torrents: PublishedTorrent[] }>("/catalogue");
    catalogue.show(torrents);
  } catch (error) {
    note((error as Error).message);
  }
}

/** The ID a peer was started with, else its program. */
function nameOf({ name, client }: SwarmMember): string {
  return name ?? client;
}

function links(torrent: PublishedTorrent, cell: HTMLElement): void {
  if (cell.childElementCount > 0) return;
  cell.append(
    make(
      "a",
      {
        href: torrent.torrent,
        download: `${torrent.info_hash}.torrent`,
        "aria-label": `.torrent of ${torrent.name}`,
      },
      ".torrent",
    ),
    " ",
    make("a", { href: torrent.magnet, "aria-label": `magnet link of ${torrent.name}` }, "magnet"),
  );
}
