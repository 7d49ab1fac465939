/**
 * `clear`: an empty window, as in every shell.
 *
 * @module
 */
import type { Call, Verb } from "./verb.ts";
import type { View } from "../view/view.ts";

export const clear: Verb = {
  name: "clear",
  aliases: ["cls"],
  summary: "empty the window, as Ctrl-L does",
  peer: (_session, call) => empty(call),
  tracker: (_session, call) => empty(call),
};

function empty(call: Call): View {
  call.clear();
  return { view: "several", views: [] };
}
