/**
 * `explain`: narrate every message and decision as it happens.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { EXPLAINED_KINDS, type ExplainFilter, filteredPeer } from "../explain/explain_filter.ts";
import type { Engine } from "../../peer/mod.ts";
import type { ExplainTargets } from "../explain/explain_mode.ts";
import { connectedPeers, findPeer } from "../arguments/peer_argument.ts";
import { didYouMean } from "../base/did_you_mean.ts";
import type { Call, Verb } from "./verb.ts";
import type { View } from "../view/view.ts";

const WORDS = ["on", "off", ...EXPLAINED_KINDS];

export const explain: Verb = {
  name: "explain",
  argument: "[WHAT]...",
  summary: "narrate what happens: on, off, decisions, messages, or a peer's name",
  flags: ["explain-file", "pcap"],
  completes: { words: ["on", "off"], names: "explained" },
  peer: ({ engine, explaining }, call) => {
    const { "explain-file": file, pcap } = call.flags;
    const isTarget = file !== undefined || pcap !== undefined;
    const [word] = call.args;
    if (word === "off" && call.args.length === 1) {
      explaining.set({});
    } else if (word !== undefined) {
      const filter = word === "on" && call.args.length === 1 ? {} : filterOf(engine, call);
      const files = isTarget ? { file, pcap } : explaining.targets;
      explaining.set({ file: files?.file, pcap: files?.pcap, screen: true, filter });
    } else if (isTarget) explaining.set({ screen: false, file, pcap });
    return answer(explaining.targets);
  },
  tracker: ({ explaining }, call) => {
    const [word] = call.args;
    const hasFiles = call.flags["explain-file"] !== undefined || call.flags.pcap !== undefined;
    if (hasFiles) {
      throw new UsageError("Only a peer writes explanations to a file: type explain on");
    }
    if (word !== undefined && word !== "on" && word !== "off") {
      throw new UsageError(`explain takes on or off at a tracker, not "${call.rest}"`);
    }
    if (word !== undefined) explaining.on = word === "on";
    return answer({ screen: explaining.on });
  },
};

/** `decisions`, `messages`, a connected peer, or both. */
function filterOf(engine: Engine, { args, rest }: Call): ExplainFilter {
  const only = EXPLAINED_KINDS.find((kind) => kind === args[0]);
  const named = only === undefined ? rest.trim() : args.slice(1).join(" ");
  if (named === "") return { only };
  const connected = connectedPeers(engine);
  // As the lines call it.
  const name = named.replace(/^peer +/i, "");
  const isName = connected.some(({ label }) => label.toLowerCase() === name.toLowerCase());
  const typed = isName ? name : named;
  const hint = args.length === 1 ? didYouMean(typed, WORDS) : "";
  if (hint !== "") {
    throw new UsageError(
      `explain takes ${WORDS.join(", ")} or a connected peer, not "${named}".${hint}`,
    );
  }
  const peer = findPeer(connected, typed, `No peer "${typed}" is connected to be explained`);
  return { only, peer: filteredPeer(peer, typed) };
}

function answer(targets: ExplainTargets | undefined): View {
  const { screen = false, filter = {}, file, pcap } = targets ?? {};
  const { only, peer } = filter;
  const hasFilter = screen && (only !== undefined || peer !== undefined);
  const files = [
    ...(file === undefined ? [] : [`in ${file}`]),
    ...(pcap === undefined ? [] : [`as packets in ${pcap}`]),
  ];
  const places = [...(screen && !hasFilter ? ["on the screen"] : []), ...files];
  const what = only === undefined
    ? "Messages and decisions"
    : only === "decisions"
    ? "Decisions"
    : "Messages";
  const some = `${what}${peer === undefined ? "" : ` with ${peer.label}`} are on the screen`;
  const all = `Every message and decision is explained ${places.join(", ")}`;
  const end = hasFilter ? "explain on shows all, explain off ends it" : "explain off ends it";
  const text = [...(hasFilter ? [some] : []), ...(places.length > 0 ? [all] : []), end].join(". ");
  return {
    view: "sentence",
    event: "explaining",
    text: screen || files.length > 0 ? text : "Nothing is explained. Type explain on",
    facts: { screen, only, peer: peer?.label, file, pcap },
  };
}
