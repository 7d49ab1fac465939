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
import addForm from "./page/add_form.ts" with { type: "text" };
import byteUnits from "./page/byte_units.ts" with { type: "text" };
import announcedRates from "./page/announced_rates.ts" with { type: "text" };
import boardControls from "./page/board_controls.ts" with { type: "text" };
import boardDecisions from "./page/board_decisions.ts" with { type: "text" };
import boardHeadline from "./page/board_headline.ts" with { type: "text" };
import boardMoment from "./page/board_moment.ts" with { type: "text" };
import boardReplay from "./page/board_replay.ts" with { type: "text" };
import decisionTicker from "./page/decision_ticker.ts" with { type: "text" };
import matrixLayout from "./page/matrix_layout.ts" with { type: "text" };
import presentation from "./page/presentation.ts" with { type: "text" };
import transferGroups from "./page/transfer_groups.ts" with { type: "text" };
import transferTable from "./page/transfer_table.ts" with { type: "text" };
import boardWords from "./page/board_words.ts" with { type: "text" };
import graphDrawing from "./page/graph_drawing.ts" with { type: "text" };
import graphLayout from "./page/graph_layout.ts" with { type: "text" };
import tips from "./page/tips.ts" with { type: "text" };
import addDialog from "./page/add_dialog.ts" with { type: "text" };
import catalogueDialog from "./page/catalogue_dialog.ts" with { type: "text" };
import detailTables from "./page/detail_tables.ts" with { type: "text" };
import dialogs from "./page/dialogs.ts" with { type: "text" };
import dropZone from "./page/drop_zone.ts" with { type: "text" };
import dropped from "./page/dropped.ts" with { type: "text" };
import eventLog from "./page/event_log.ts" with { type: "text" };
import fileTree from "./page/file_tree.ts" with { type: "text" };
import fileTreeView from "./page/file_tree_view.ts" with { type: "text" };
import listToolbar from "./page/list_toolbar.ts" with { type: "text" };
import rowSelection from "./page/row_selection.ts" with { type: "text" };
import rowWindow from "./page/row_window.ts" with { type: "text" };
import settingsDialog from "./page/settings_dialog.ts" with { type: "text" };
import shortcuts from "./page/shortcuts.ts" with { type: "text" };
import storeDialog from "./page/store_dialog.ts" with { type: "text" };
import tabs from "./page/tabs.ts" with { type: "text" };
import torrentActions from "./page/torrent_actions.ts" with { type: "text" };
import torrentOrder from "./page/torrent_order.ts" with { type: "text" };
import virtualRows from "./page/virtual_rows.ts" with { type: "text" };
import apiClient from "./page/api_client.ts" with { type: "text" };
import css from "./page/page.css" with { type: "text" };
import dom from "./page/dom.ts" with { type: "text" };
import icon from "./page/icon.svg" with { type: "text" };
import keyedTable from "./page/keyed_table.ts" with { type: "text" };
import peerHtml from "./page/peer.html" with { type: "text" };
import peerPage from "./page/peer_page.ts" with { type: "text" };
import pieceMap from "./page/piece_map.ts" with { type: "text" };
import lineChart from "./page/line_chart.ts" with { type: "text" };
import torrentDetail from "./page/torrent_detail.ts" with { type: "text" };
import torrentList from "./page/torrent_list.ts" with { type: "text" };
import swarmGraph from "./page/swarm_graph.ts" with { type: "text" };
import swarmMatrix from "./page/swarm_matrix.ts" with { type: "text" };
import swarmBoard from "./page/swarm_board.ts" with { type: "text" };
import trackerHtml from "./page/tracker.html" with { type: "text" };
import trackerPage from "./page/tracker_page.ts" with { type: "text" };
import peerCss from "./page/peer.css" with { type: "text" };
import viewsCss from "./page/views.css" with { type: "text" };
import boardCss from "./page/board.css" with { type: "text" };
import words from "./page/words.ts" with { type: "text" };

const MODULES: Readonly<Record<string, string>> = {
  "add_dialog": addDialog,
  "add_form": addForm,
  "api_client": apiClient,
  "announced_rates": announcedRates,
  "board_controls": boardControls,
  "board_decisions": boardDecisions,
  "board_headline": boardHeadline,
  "board_moment": boardMoment,
  "board_replay": boardReplay,
  "decision_ticker": decisionTicker,
  "matrix_layout": matrixLayout,
  "presentation": presentation,
  "transfer_groups": transferGroups,
  "transfer_table": transferTable,
  "board_words": boardWords,
  "byte_units": byteUnits,
  "catalogue_dialog": catalogueDialog,
  "detail_tables": detailTables,
  "dialogs": dialogs,
  "dom": dom,
  "drop_zone": dropZone,
  "dropped": dropped,
  "event_log": eventLog,
  "file_tree": fileTree,
  "file_tree_view": fileTreeView,
  "graph_drawing": graphDrawing,
  "graph_layout": graphLayout,
  "keyed_table": keyedTable,
  "line_chart": lineChart,
  "list_toolbar": listToolbar,
  "peer_page": peerPage,
  "piece_map": pieceMap,
  "row_selection": rowSelection,
  "row_window": rowWindow,
  "settings_dialog": settingsDialog,
  "shortcuts": shortcuts,
  "store_dialog": storeDialog,
  "swarm_board": swarmBoard,
  "swarm_graph": swarmGraph,
  "swarm_matrix": swarmMatrix,
  "tabs": tabs,
  "tips": tips,
  "torrent_actions": torrentActions,
  "torrent_detail": torrentDetail,
  "torrent_list": torrentList,
  "torrent_order": torrentOrder,
  "tracker_page": trackerPage,
  "virtual_rows": virtualRows,
  "words": words,
};

const made = new Map<string, HttpReply>();

/** The routes of a page and of what it is made of. */
export function assetRoutes(page: "peer" | "tracker", guard: Guard): readonly Route[] {
  const whole = page === "peer"
    ? pageReply(peerHtml, `${css}\n${viewsCss}\n${peerCss}`)
    : pageReply(trackerHtml, `${css}\n${viewsCss}\n${boardCss}`);
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
 * the policy lets this one in, by its hash.
 */
function pageReply(html: string, style: string): HttpReply {
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = SAFE_HEADERS["Content-Security-Policy"]!
    .replace("style-src 'none'", `style-src 'sha256-${hash}'`);
  return {
    ...reply(
      "text/html; charset=utf-8",
      html.replace("<style></style>", () => `<style>${style}</style>`),
    ),
    headers: { "Content-Security-Policy": policy },
  };
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
  const module = /^([a-z_]+)\.ts$/.exec(name)?.[1];
  const source = module !== undefined && Object.hasOwn(MODULES, module)
    ? MODULES[module]
    : undefined;
  if (source === undefined) return refusal(404, "no such file");
  return reply("text/javascript; charset=utf-8", stripTypeScriptTypes(source));
}

function reply(type: string, text: string): HttpReply {
  return { status: 200, type, body: [new TextEncoder().encode(text)] };
}
