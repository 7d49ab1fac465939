/**
 * `exit`: says goodbye to every tracker, saves and leaves.
 *
 * @module
 */
import type { Call, Verb } from "./verb.ts";
import type { View } from "../view/view.ts";

export const exit: Verb = {
  name: "exit",
  aliases: ["quit", "q"],
  summary: "leave every swarm, save and quit",
  peer: (_session, call) => leave(call),
  tracker: (_session, call) => leave(call),
};

function leave(call: Call): View {
  call.leave();
  return { view: "several", views: [] };
}
