/**
 * Extension handshake (BEP 10): the facts that a peer's handshakes give about it. The first is
 * followed by others at any time, and each tells what it names only: a key that is missing stays as
 * it was.
 *
 * @module
 */
import { clientTold } from "../../protocol/client_name.ts";
import { type ExtensionHandshake, MAX_EXTENSIONS } from "../../protocol/extension_message.ts";
import type { Peer } from "../peers/peer.ts";
import { requestsOf } from "../peers/request_window.ts";

/** What a peer says of itself that a later handshake may change. */
type Told = Pick<
  Peer,
  "extensions" | "client" | "name" | "metadataSize" | "maxRequests" | "uploadOnly"
>;

/** Adds what a handshake says to what the peer said before. */
export function addHandshake(peer: Told, hello: ExtensionHandshake): void {
  peer.extensions = withChanges(peer.extensions, hello.messages);
  if (hello.client !== undefined) peer.client = clientTold(hello.client);
  peer.name = hello.name ?? peer.name;
  peer.metadataSize = hello.metadataSize ?? peer.metadataSize;
  if (hello.reqq !== undefined) peer.maxRequests = requestsOf(hello.reqq);
  peer.uploadOnly = hello.uploadOnly ?? peer.uploadOnly;
}

/** The IDs by extension after a change: 0 switches one off. No more are kept than one message may name. */
function withChanges(
  before: Readonly<Record<string, number>>,
  changes: Readonly<Record<string, number>>,
): Record<string, number> {
  const ids = new Map(Object.entries(before));
  for (const [name, id] of Object.entries(changes)) {
    if (id === 0) ids.delete(name);
    else if (ids.has(name) || ids.size < MAX_EXTENSIONS) ids.set(name, id);
  }
  return Object.fromEntries(ids);
}
