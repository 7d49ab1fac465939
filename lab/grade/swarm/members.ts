/**
 * Members: which hosts share and fetch a file, known from the beginning, for programs that read a list
 * of all of them, such as `PeerInfo.cfg`.
 *
 * @module
 */
import { fill, type Values } from "./placeholders.ts";

/** Hosts that take part in one file. */
export interface Members {
  /** They have it at first. */
  readonly share: readonly number[];
  readonly fetch: readonly number[];
}

/** `{members:…}`: what stands in it is written once for each member, with its own values. */
const LIST = /\{members:((?:[^{}]|\{\w+\})*)\}/g;

/** Whether a text has a list of members in it. */
export function namesMembers(text: string): boolean {
  return text.search(LIST) >= 0;
}

/**
 * `text` with its lists of members written out, by the numbers of the hosts.
 *
 * @param valuesOf values of a host's own placeholders
 * @throws {UnfilledError}
 */
export function fillMembers(
  text: string,
  members: Members,
  valuesOf: (host: number) => Values,
): string {
  const hosts = [...new Set([...members.share, ...members.fetch])].sort((a, b) => a - b);
  return text.replace(
    LIST,
    (_, each: string) =>
      hosts.map((host) =>
        // What it becomes is filled again with the rest of the text.
        fill(each, { ...valuesOf(host), seed: members.share.includes(host) ? 1 : 0 })
          .replaceAll("{", "{{")
      ).join(""),
  );
}
