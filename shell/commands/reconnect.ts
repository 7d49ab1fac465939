/**
 * `reconnect`: lets a peer come back that `disconnect` has sent away.
 *
 * @module
 */
import { findPeer, peerInWords } from "../arguments/peer_argument.ts";
import type { Verb } from "./verb.ts";

export const reconnect: Verb = {
  name: "reconnect",
  argument: "<PEER>",
  summary: "let a peer that you disconnected come back",
  completes: "sent-away",
  peer: ({ engine }, call) => {
    const text = call.rest.trim();
    const peer = findPeer([...engine.sentAway], text, `No peer "${text}" was sent away`);
    engine.sentAway.readmit(peer);
    const { label, host, port, peerId } = peer;
    return {
      view: "sentence",
      event: "readmitted",
      text: `${peerInWords(peer)} may come back, and we dial it`,
      facts: { peer: label, address: host, port, peer_id: peerId },
    };
  },
};
