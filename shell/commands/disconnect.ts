/**
 * `disconnect`: sends a peer away, in all torrents, until it is let in again or we leave.
 *
 * @module
 */
import { connectedPeers, findPeer, peerInWords } from "../arguments/peer_argument.ts";
import { quoteName } from "../arguments/parse_line.ts";
import type { Verb } from "./verb.ts";

export const disconnect: Verb = {
  name: "disconnect",
  argument: "<PEER>",
  summary: "disconnect a peer, by name or address, and refuse it until reconnect or exit",
  completes: "peers",
  peer: ({ engine }, call) => {
    const text = call.rest.trim();
    const peer = findPeer(connectedPeers(engine), text, `No peer "${text}" is connected`);
    engine.sentAway.add(peer);
    const { label, host, port, peerId } = peer;
    return {
      view: "sentence",
      event: "sent-away",
      text: `${peerInWords(peer)} is disconnected and stays out; reconnect ${
        quoteName(label)
      } ends that`,
      facts: { peer: label, address: host, port, peer_id: peerId },
    };
  },
};
