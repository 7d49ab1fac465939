/**
 * The pages' own files, inside the program. Browser modules are TypeScript like everything else:
 * their types are taken off, which leaves every line where it was, when they are first asked for.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { stripTypeScriptTypes } from "node:module";
import { type HttpReply, refusal, type Route } from "../../tracker/mod.ts";
import { type Guard, SAFE_HEADERS, turnAway, withSafeHeaders } from "./guard.ts";
import apiClient from "./page/api_client.ts" with { type: "text" };
import byteUnits from "./page/byte_units.ts" with { type: "text" };
import dialogs from "./page/dialogs.ts" with { type: "text" };
import dom from "./page/dom.ts" with { type: "text" };
import icon from "./page/icon.svg" with { type: "text" };
import keyedTable from "./page/keyed_table.ts" with { type: "text" };
import lagging from "./page/lagging.ts" with { type: "text" };
import lineChart from "./page/line_chart.ts" with { type: "text" };
import css from "./page/page.css" with { type: "text" };
import remedyWords from "./page/remedy_words.ts" with { type: "text" };
import rowWindow from "./page/row_window.ts" with { type: "text" };
import tabs from "./page/tabs.ts" with { type: "text" };
import tips from "./page/tips.ts" with { type: "text" };
import viewsCss from "./page/views.css" with { type: "text" };
import virtualRows from "./page/virtual_rows.ts" with { type: "text" };
import words from "./page/words.ts" with { type: "text" };
import announcedRates from "./page/board/announced_rates.ts" with { type: "text" };
import boardCss from "./page/board/board.css" with { type: "text" };
import boardControls from "./page/board/board_controls.ts" with { type: "text" };
import boardDecisions from "./page/board/board_decisions.ts" with { type: "text" };
import boardHeadline from "./page/board/board_headline.ts" with { type: "text" };
import boardMoment from "./page/board/board_moment.ts" with { type: "text" };
import boardReplay from "./page/board/board_replay.ts" with { type: "text" };
import boardWords from "./page/board/board_words.ts" with { type: "text" };
import decisionTicker from "./page/board/decision_ticker.ts" with { type: "text" };
import graphDrawing from "./page/board/graph_drawing.ts" with { type: "text" };
import graphLayout from "./page/board/graph_layout.ts" with { type: "text" };
import matrixLayout from "./page/board/matrix_layout.ts" with { type: "text" };
import presentation from "./page/board/presentation.ts" with { type: "text" };
import swarmBoard from "./page/board/swarm_board.ts" with { type: "text" };
import swarmGraph from "./page/board/swarm_graph.ts" with { type: "text" };
import swarmMatrix from "./page/board/swarm_matrix.ts" with { type: "text" };
import transferGroups from "./page/board/transfer_groups.ts" with { type: "text" };
import transferTable from "./page/board/transfer_table.ts" with { type: "text" };
import addDialog from "./page/peer/add_dialog.ts" with { type: "text" };
import addForm from "./page/peer/add_form.ts" with { type: "text" };
import catalogueDialog from "./page/peer/catalogue_dialog.ts" with { type: "text" };
import detailTables from "./page/peer/detail_tables.ts" with { type: "text" };
import dropZone from "./page/peer/drop_zone.ts" with { type: "text" };
import dropped from "./page/peer/dropped.ts" with { type: "text" };
import eventLog from "./page/peer/event_log.ts" with { type: "text" };
import fileTree from "./page/peer/file_tree.ts" with { type: "text" };
import fileTreeView from "./page/peer/file_tree_view.ts" with { type: "text" };
import listToolbar from "./page/peer/list_toolbar.ts" with { type: "text" };
import peerCss from "./page/peer/peer.css" with { type: "text" };
import peerHtml from "./page/peer/peer.html" with { type: "text" };
import peerPage from "./page/peer/peer_page.ts" with { type: "text" };
import pieceMap from "./page/peer/piece_map.ts" with { type: "text" };
import rowSelection from "./page/peer/row_selection.ts" with { type: "text" };
import settingsDialog from "./page/peer/settings_dialog.ts" with { type: "text" };
import shortcuts from "./page/peer/shortcuts.ts" with { type: "text" };
import storeDialog from "./page/peer/store_dialog.ts" with { type: "text" };
import torrentActions from "./page/peer/torrent_actions.ts" with { type: "text" };
import torrentDetail from "./page/peer/torrent_detail.ts" with { type: "text" };
import torrentList from "./page/peer/torrent_list.ts" with { type: "text" };
import torrentOrder from "./page/peer/torrent_order.ts" with { type: "text" };
import trackerHtml from "./page/tracker/tracker.html" with { type: "text" };
import trackerPage from "./page/tracker/tracker_page.ts" with { type: "text" };

/** Browser modules by the path at which they are served, and from which they import each other. */
const MODULES: Readonly<Record<string, string>> = {
  "api_client.ts": apiClient,
  "byte_units.ts": byteUnits,
  "dialogs.ts": dialogs,
  "dom.ts": dom,
  "keyed_table.ts": keyedTable,
  "lagging.ts": lagging,
  "line_chart.ts": lineChart,
  "remedy_words.ts": remedyWords,
  "row_window.ts": rowWindow,
  "tabs.ts": tabs,
  "tips.ts": tips,
  "virtual_rows.ts": virtualRows,
  "words.ts": words,
  "board/announced_rates.ts": announcedRates,
  "board/board_controls.ts": boardControls,
  "board/board_decisions.ts": boardDecisions,
  "board/board_headline.ts": boardHeadline,
  "board/board_moment.ts": boardMoment,
  "board/board_replay.ts": boardReplay,
  "board/board_words.ts": boardWords,
  "board/decision_ticker.ts": decisionTicker,
  "board/graph_drawing.ts": graphDrawing,
  "board/graph_layout.ts": graphLayout,
  "board/matrix_layout.ts": matrixLayout,
  "board/presentation.ts": presentation,
  "board/swarm_board.ts": swarmBoard,
  "board/swarm_graph.ts": swarmGraph,
  "board/swarm_matrix.ts": swarmMatrix,
  "board/transfer_groups.ts": transferGroups,
  "board/transfer_table.ts": transferTable,
  "peer/add_dialog.ts": addDialog,
  "peer/add_form.ts": addForm,
  "peer/catalogue_dialog.ts": catalogueDialog,
  "peer/detail_tables.ts": detailTables,
  "peer/drop_zone.ts": dropZone,
  "peer/dropped.ts": dropped,
  "peer/event_log.ts": eventLog,
  "peer/file_tree.ts": fileTree,
  "peer/file_tree_view.ts": fileTreeView,
  "peer/list_toolbar.ts": listToolbar,
  "peer/peer_page.ts": peerPage,
  "peer/piece_map.ts": pieceMap,
  "peer/row_selection.ts": rowSelection,
  "peer/settings_dialog.ts": settingsDialog,
  "peer/shortcuts.ts": shortcuts,
  "peer/store_dialog.ts": storeDialog,
  "peer/torrent_actions.ts": torrentActions,
  "peer/torrent_detail.ts": torrentDetail,
  "peer/torrent_list.ts": torrentList,
  "peer/torrent_order.ts": torrentOrder,
  "tracker/tracker_page.ts": trackerPage,
};

const made = new Map<string, HttpReply>();

/** The routes of a page and of what it is made of. */
export function assetRoutes(page: "peer" | "tracker", guard: Guard): readonly Route[] {
  const whole = page === "peer"
    ? pageReply(peerHtml, "peer/peer_page.ts", `${css}\n${viewsCss}\n${peerCss}`)
    : pageReply(trackerHtml, "tracker/tracker_page.ts", `${css}\n${viewsCss}\n${boardCss}`);
  const serve = (reply: HttpReply): HttpReply => withSafeHeaders(reply);
  return [
    {
      method: "GET",
      path: "/",
      respond: (request) => turnAway(request, "page", guard) ?? serve(whole),
    },
    {
      method: "GET",
      path: "/assets/*",
      respond: (request) =>
        turnAway(request, "page", guard) ??
          serve(asset(request.head.path.slice("/assets/".length))),
    },
  ];
}

/**
 * The page with its style in it: the first paint waits for nothing else. Of all styles within a page
 * the policy lets this one in, by its hash. All modules that `script` needs are named at once, so that
 * the browser asks for none only after it has read another.
 */
function pageReply(html: string, script: string, style: string): HttpReply {
  const scripts = [
    ...modulesOf(script).map((path) => `<link rel="modulepreload" href="/assets/${path}">`),
    `<script type="module" src="/assets/${script}"></script>`,
  ];
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = SAFE_HEADERS["Content-Security-Policy"]!
    .replace("style-src 'none'", `style-src 'sha256-${hash}'`);
  return {
    ...reply(
      "text/html; charset=utf-8",
      html.replace("<style></style>", () => `<style>${style}</style>\n${scripts.join("\n")}`),
    ),
    headers: { "Content-Security-Policy": policy },
  };
}

/** What a module imports, directly or not, types left out. */
function modulesOf(path: string, found: Set<string> = new Set()): readonly string[] {
  for (
    const [, target] of MODULES[path]!.matchAll(
      /^(?:import|export) (?!type)[^;]*? from "(\.[^"]+)"/gm,
    )
  ) {
    const module = new URL(target!, `file:///${path}`).pathname.slice(1);
    if (found.has(module)) continue;
    found.add(module);
    modulesOf(module, found);
  }
  return [...found];
}

function asset(name: string): HttpReply {
  let found = made.get(name);
  if (found === undefined) {
    found = makeAsset(name);
    if (found.status === 200) made.set(name, found);
  }
  return found;
}

function makeAsset(name: string): HttpReply {
  if (name === "icon.svg") return reply("image/svg+xml", icon);
  const source = Object.hasOwn(MODULES, name) ? MODULES[name] : undefined;
  if (source === undefined) return refusal(404, "no such file");
  return reply("text/javascript; charset=utf-8", stripTypeScriptTypes(source));
}

function reply(type: string, text: string): HttpReply {
  return { status: 200, type, body: [new TextEncoder().encode(text)] };
}
