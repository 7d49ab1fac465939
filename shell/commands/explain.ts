/**
 * `explain`: narrate every message and decision as it happens.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import type { ExplainTargets } from "../explain/explain_mode.ts";
import { didYouMean } from "../base/did_you_mean.ts";
import type { Verb } from "./verb.ts";
import type { View } from "../view/view.ts";

export const explain: Verb = {
  name: "explain",
  argument: "[on|off]",
  summary: "narrate every message and decision as it happens",
  flags: ["explain-file", "pcap"],
  completes: ["on", "off"],
  peer: ({ explaining }, call) => {
    const [word, ...more] = call.args;
    const { "explain-file": file, pcap } = call.flags;
    const isTarget = file !== undefined || pcap !== undefined;
    if (more.length > 0 || (word !== undefined && word !== "on" && word !== "off")) {
      const hint = didYouMean(word ?? "", ["on", "off"]);
      throw new UsageError(`explain takes on or off, not "${call.rest}".${hint}`);
    }
    if (word === "off") explaining.set({});
    else if (isTarget) explaining.set({ screen: word === "on", file, pcap });
    else if (word === "on") explaining.set({ ...explaining.targets, screen: true });
    return answer(explaining.targets);
  },
  tracker: ({ explaining }, call) => {
    const [word] = call.args;
    const hasFiles = call.flags["explain-file"] !== undefined || call.flags.pcap !== undefined;
    if (hasFiles) {
      throw new UsageError("Only a peer writes explanations to a file: type explain on");
    }
    if (word !== undefined && word !== "on" && word !== "off") {
      throw new UsageError(`explain takes on or off, not "${call.rest}"`);
    }
    if (word !== undefined) explaining.on = word === "on";
    return answer({ screen: explaining.on });
  },
};

function answer(targets: ExplainTargets | undefined): View {
  const { screen = false, file, pcap } = targets ?? {};
  const places = [
    ...(screen ? ["on the screen"] : []),
    ...(file === undefined ? [] : [`in ${file}`]),
    ...(pcap === undefined ? [] : [`as packets in ${pcap}`]),
  ];
  return {
    view: "sentence",
    event: "explaining",
    text: places.length === 0
      ? "Nothing is explained. Type explain on"
      : `Every message and decision is explained ${places.join(", ")}. explain off ends it`,
    facts: { screen, file, pcap },
  };
}
