/**
 * Peers that a reply of a student's tracker has to name, and those that it may not.
 *
 * @module
 */
import { Failure, type Finding } from "./finding.ts";
import {
  type ListedPeer,
  type ListedPeers,
  listedPeers,
  placeInBody,
  type TrackerReply,
} from "./tracker_reply.ts";
import type { Announcer } from "./tracker_request.ts";

/** What has to be and what may not be among the peers of a reply. */
export interface PeersWanted {
  readonly has?: readonly Announcer[];
  readonly hasNot?: readonly Announcer[];
  /** How the peers of `has` and `hasNot` are called in the report. */
  readonly as?: string;
  readonly why: string;
  readonly key?: "peers" | "peers6";
  /** Where they have to be; default 127.0.0.1. */
  readonly host?: string;
}

/** Judges the peers of a reply; gives them. @throws {Failure} */
export function expectPeers(reply: TrackerReply, wanted: PeersWanted): ListedPeers {
  const { has = [], hasNot = [], why, key = "peers", host = "127.0.0.1", as = "a peer" } = wanted;
  const listed = listedPeers(reply, key);
  const { peers, place } = listed;
  const names = () => {
    const all = peers.slice(0, 8).map(({ host, port }) => `${host}:${port}`);
    return `${all.join(", ")}${peers.length > 8 ? " …" : ""}`;
  };
  for (const { port } of has) {
    const expected = `${as} at ${host}:${port} among the peers`;
    if (peers.some((peer) => peer.host === host && peer.port === port)) continue;
    const near = peers.find((peer) => isNear(peer, host, port));
    if (near !== undefined) {
      throw new Failure({ expected, why, ...nearFinding(reply, near, listed.form, host, port) });
    }
    throw new Failure({
      expected,
      seen: peers.length === 0 ? "no peers" : `only ${names()}`,
      why,
      ...placeInBody(reply.http, place),
    });
  }
  for (const { port } of hasNot) {
    const found = peers.find((peer) => peer.host === host && peer.port === port);
    if (found === undefined) continue;
    throw new Failure({
      expected: `${as} at ${host}:${port} not among the peers`,
      seen: `it is there: ${names()}`,
      why,
      ...placeInBody(reply.http, found.place),
    });
  }
  return listed;
}

/** The same port at another address, the bytes of the port the other way round, or the like. */
function isNear(peer: ListedPeer, host: string, port: number): boolean {
  return peer.port === port || (peer.host === host && peer.port === swapped(port)) ||
    (peer.host === reversed(host) && peer.port === swapped(port));
}

function nearFinding(
  { http }: TrackerReply,
  peer: ListedPeer,
  form: "compact" | "list",
  host: string,
  port: number,
): Omit<Finding, "expected" | "why"> {
  const seen = `${peer.host}:${peer.port}`;
  const [from, to] = peer.place;
  const portPlace = form === "compact" ? [to - 2, to] as const : peer.place;
  const addressPlace = form === "compact" ? [from, to - 2] as const : peer.place;
  if (peer.port === port) {
    return {
      seen: peer.host === reversed(host) ? `${seen} (its bytes stand in reverse order)` : seen,
      ...placeInBody(http, addressPlace),
    };
  }
  return {
    seen: `${seen} (the port's two bytes stand in reverse order: ${hexPort(port)} became ` +
      `${hexPort(peer.port)})`,
    ...placeInBody(http, peer.host === host ? portPlace : peer.place),
  };
}

function swapped(port: number): number {
  return (port & 0xff) * 256 + (port >> 8);
}

function hexPort(port: number): string {
  return `0x${port.toString(16).padStart(4, "0")}`;
}

function reversed(host: string): string {
  return host.split(".").reverse().join(".");
}
