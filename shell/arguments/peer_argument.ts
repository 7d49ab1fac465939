/**
 * The connected peer that a word means, and those that were sent away.
 *
 * @module
 */
import type { Engine, PeerSnapshot, UserBan } from "../../peer/mod.ts";
import { formatHostPort } from "../../protocol/mod.ts";
import { alternatives } from "../base/alternatives.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { nearest } from "../base/did_you_mean.ts";

/** Every connected peer once, in however many torrents it is. */
export function connectedPeers(engine: Engine): UserBan[] {
  const peers = new Map<string, PeerSnapshot>();
  for (const torrent of engine.snapshot().torrents) {
    for (const peer of torrent.peers) peers.set(peer.peerId, peer);
  }
  return [...peers.values()].map(({ peerId, address, port, name, client }) => ({
    peerId,
    host: address,
    port,
    label: name ?? client,
  }));
}

/** `2 (127.0.0.1:6882)` */
export function peerInWords({ label, host, port }: UserBan): string {
  return `${label} (${formatHostPort(host, port)})`;
}

/**
 * The one of `peers` that is called so, has this address or this peer ID.
 *
 * @param absent the sentence for nobody, without a full stop
 * @throws {CommandError} where it is nobody, or several
 */
export function findPeer(
  peers: readonly UserBan[],
  text: string,
  absent: string,
): UserBan {
  if (text === "") {
    throw new UsageError("Which peer? Type its name or address; peerinfo shows both");
  }
  const wanted = text.toLowerCase();
  const choices = [
    peers.filter(({ host, port }) => formatHostPort(host, port) === text),
    peers.filter(({ peerId }) => peerId === wanted),
    peers.filter(({ label }) => label.toLowerCase() === wanted),
    peers.filter(({ host }) => host === text),
  ].find((found) => found.length > 0) ?? [];
  if (choices.length === 1) return choices[0]!;
  if (choices.length > 1) {
    throw new CommandError(
      "failed",
      `${choices.length} peers are "${text}": name one by its address, ` +
        alternatives(choices.map(({ host, port }) => formatHostPort(host, port))),
    );
  }
  const near = nearest(text, peers.map(({ label }) => label));
  throw new CommandError(
    "failed",
    `${absent}. ` +
      (near === undefined ? "Type peerinfo to see the connected peers" : `Did you mean "${near}"?`),
  );
}
