/**
 * `rename`: changes the name that others see.
 *
 * @module
 */
import { formatHostPort } from "../../protocol/mod.ts";
import type { Engine } from "../../peer/mod.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { shorten, visible } from "../base/format.ts";
import type { Verb } from "./verb.ts";

/** What fits into an announce. */
const MAX_BYTES = 64;

/**
 * A new name for this peer, from what a person typed.
 *
 * @throws {UsageError} where no peer can be called so
 * @throws {CommandError} where a connected peer is called so already
 */
export function newName(engine: Engine, text: string): string {
  const name = text.trim();
  if (name === "") throw new UsageError("Rename to what? Type rename <NEW NAME>");
  if (new TextEncoder().encode(name).length > MAX_BYTES || visible(name) !== name) {
    throw new UsageError(
      `"${shorten(name, 40)}" cannot be a peer's name: take one of ${MAX_BYTES} bytes at most, ` +
        "without control characters",
    );
  }
  const torrents = engine.snapshot().torrents;
  const other = torrents.flatMap(({ peers }) => peers).find((peer) => peer.name === name);
  if (other !== undefined) {
    throw new CommandError(
      "failed",
      `A connected peer (${formatHostPort(other.address, other.port)}) is called "${name}" ` +
        "already: choose another name",
    );
  }
  return name;
}

export const rename: Verb = {
  name: "rename",
  argument: "<NEW NAME>",
  summary: "change the name shown to other peers",
  peer: ({ engine }, call) => {
    const name = newName(engine, call.rest);
    const before = engine.name;
    engine.rename(name);
    return {
      view: "sentence",
      event: "renamed",
      text: `Other peers now see this peer as "${name}" (it was "${before}")`,
      facts: { name, before },
    };
  },
};
