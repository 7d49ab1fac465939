/**
 * `rename`: changes the name that others see.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { visible } from "../base/format.ts";
import type { Verb } from "./verb.ts";

/** What fits into an announce. */
const MAX_BYTES = 64;

/** A name for a peer, from what a person typed. @throws {UsageError} */
export function peerName(text: string): string {
  const name = text.trim();
  if (name === "") throw new UsageError("Rename to what? Type rename <NEW NAME>");
  if (new TextEncoder().encode(name).length > MAX_BYTES || visible(name) !== name) {
    throw new UsageError(`A name has ${MAX_BYTES} bytes at most and no control characters`);
  }
  return name;
}

export const rename: Verb = {
  name: "rename",
  argument: "<NEW NAME>",
  summary: "change the name shown to other peers",
  peer: ({ engine }, call) => {
    const name = peerName(call.rest);
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
