/**
 * `remove` at a tracker: one torrent, or all that a pattern or an address stands for.
 *
 * @module
 */
import type { CatalogueEntry, Tracker } from "../../tracker/mod.ts";
import { CommandError } from "../base/errors.ts";
import { formatCount } from "../base/format.ts";
import { findSwarm } from "../arguments/swarm_argument.ts";
import type { View } from "../view/view.ts";

/** Torrents taken out between two turns of the event loop. */
const AT_ONCE = 50;

/**
 * Takes out of the catalogue what `text` means: a name or info hash; names with `*` in them; or the
 * address that torrents were published from.
 *
 * @param agreed asks whether to go on
 * @throws {CommandError} where there is no such torrent
 */
export async function unpublish(
  tracker: Tracker,
  text: string,
  agreed: (question: string) => Promise<boolean>,
): Promise<View> {
  const all = tracker.catalogue.list();
  const several = all.some(({ name }) => name === text) ? [] : all.filter(meant(text));
  if (several.length > 0) return await removeAll(tracker, text, several, agreed);
  const { name, infoHash } = await findSwarm(tracker, text);
  if (!(await agreed(`Take "${name}" out of the catalogue?`))) {
    return { view: "sentence", event: "kept", text: `"${name}" stays`, facts: { name } };
  }
  if (!await tracker.unpublish(infoHash)) {
    throw new CommandError("failed", `"${name}" is not in the catalogue`);
  }
  return {
    view: "sentence",
    event: "removed",
    text: `"${name}" is out of the catalogue; its swarm continues`,
    facts: { name, info_hash: infoHash },
  };
}

async function removeAll(
  tracker: Tracker,
  text: string,
  entries: readonly CatalogueEntry[],
  agreed: (question: string) => Promise<boolean>,
): Promise<View> {
  const count = formatCount(entries.length, "torrent");
  if (!(await agreed(`Take ${count} (${text}) out of the catalogue?`))) {
    const facts = { meant: text, count: 0 };
    return { view: "sentence", event: "removed-several", text: `${count} stay`, facts };
  }
  let removed = 0;
  for (const [i, { infoHash }] of entries.entries()) {
    if (await tracker.unpublish(infoHash)) removed++;
    if (i % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve));
  }
  return {
    view: "sentence",
    event: "removed-several",
    text: `${
      formatCount(removed, "torrent")
    } (${text}) out of the catalogue; their swarms continue`,
    facts: { meant: text, count: removed },
  };
}

function meant(text: string): (entry: CatalogueEntry) => boolean {
  if (!text.includes("*")) return ({ host }) => host !== undefined && host === text;
  return ({ name }) => matches(name, text);
}

/** Whether a name is what a pattern says: each `*` stands for anything. */
export function matches(name: string, pattern: string): boolean {
  const [first = "", ...parts] = pattern.toLowerCase().split("*");
  const last = parts.pop();
  const text = name.toLowerCase();
  if (last === undefined) return text === first;
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
