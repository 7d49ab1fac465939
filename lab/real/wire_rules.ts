/**
 * The rules of the peer protocol that a wire can see broken: a table, from which the reference is made.
 *
 * @module
 */

/** One rule. */
export interface WireRule {
  /** The BEP that it stands in. */
  readonly bep: number;
  /** What is asked, a sentence. */
  readonly sentence: string;
  /** What is let pass all the same, a sentence. */
  readonly tolerance?: string;
  /**
   * A habit of well-known clients, or something that costs nobody anything: it is told and does not
   * count as a broken rule.
   */
  readonly isRemark?: true;
}

const LATENESS = "What the other side has said within the last second, and what the peer's own " +
  "uplink holds back, may not have reached it yet.";

/** Every rule by its name. */
export const WIRE_RULES = {
  "info hash": {
    bep: 3,
    sentence: "The handshake names the torrent's info hash.",
  },
  "peer id": {
    bep: 3,
    sentence: "The peer ID of the handshake is the one that the tracker was told.",
    isRemark: true,
  },
  "message form": {
    bep: 3,
    sentence: "Every message has the length that its kind needs.",
  },
  "bitfield first": {
    bep: 3,
    sentence: "A bitfield, or HAVE ALL in its place, is the first message or does not come at all.",
    tolerance: "An extension handshake (BEP 10) may come before it.",
    isRemark: true,
  },
  "bitfield length": {
    bep: 3,
    sentence: "A bitfield has one bit for each piece, and the spare bits at its end are zero.",
  },
  "bitfield true": {
    bep: 3,
    sentence: "A bitfield claims only pieces that the peer has.",
  },
  "have range": {
    bep: 3,
    sentence: "HAVE names a piece of the torrent.",
  },
  "have true": {
    bep: 3,
    sentence: "HAVE is said of a piece once it is whole and its hash is right.",
  },
  "have again": {
    bep: 3,
    sentence: "A piece that was announced on a connection is not announced there again.",
    isRemark: true,
  },
  "request range": {
    bep: 3,
    sentence: "A request lies within a piece of the torrent; the last piece may be shorter.",
  },
  "request length": {
    bep: 3,
    sentence: "A request asks for 1 to 16,384 bytes.",
  },
  "request choked": {
    bep: 3,
    sentence: "Nothing is requested from a peer that chokes.",
    tolerance: `${LATENESS} Pieces that were allowed by BEP 6 may be requested.`,
  },
  "request uninterested": {
    bep: 3,
    sentence: "Whoever requests has said that it is interested.",
  },
  "request lacking": {
    bep: 3,
    sentence: "A piece is requested from a peer that has announced it.",
  },
  "request own": {
    bep: 3,
    sentence: "A piece that the peer itself has announced is not requested.",
    isRemark: true,
  },
  "request again": {
    bep: 3,
    sentence: "A block that is still to come from a peer is not requested from it again.",
    isRemark: true,
  },
  "request queue": {
    bep: 10,
    sentence: "No more requests wait at a peer than it takes (`reqq`; 250 where it says nothing).",
    isRemark: true,
  },
  "block unrequested": {
    bep: 3,
    sentence: "A block is sent when it was requested, once.",
    tolerance: "It may still be sent when the request was cancelled.",
  },
  "block length": {
    bep: 3,
    sentence: "A block has the length that was requested.",
  },
  "block choked": {
    bep: 3,
    sentence: "Nothing is sent to a peer that is choked.",
    tolerance:
      "What lay in the sender's queue may follow within a second. With BEP 6 a block that " +
      "was requested before may be sent instead of being rejected.",
  },
  "block lacking": {
    bep: 3,
    sentence: "A block is sent of a piece that the sender has announced.",
  },
  "block true": {
    bep: 3,
    sentence: "A block has the bytes of the torrent.",
  },
  "cancel unrequested": {
    bep: 3,
    sentence: "CANCEL takes back a request.",
    tolerance: "The block may have been on its way.",
    isRemark: true,
  },
  "state again": {
    bep: 3,
    sentence: "Choke, unchoke, interested and not interested are said when they change something.",
    isRemark: true,
  },
  "unknown message": {
    bep: 3,
    sentence: "Every message has an ID that a BEP defines.",
    isRemark: true,
  },
  "port bit": {
    bep: 5,
    sentence: "PORT is said to a peer that takes part in the DHT.",
    isRemark: true,
  },
  "fast bit": {
    bep: 6,
    sentence: "The messages of the fast extension are said where both handshakes have its bit.",
  },
  "fast first": {
    bep: 6,
    sentence: "With the fast extension the first message is HAVE ALL, HAVE NONE or a bitfield.",
    tolerance: "An extension handshake (BEP 10) may come before it.",
  },
  "reject unrequested": {
    bep: 6,
    sentence: "Only a request that waits is rejected.",
  },
  "extension bit": {
    bep: 10,
    sentence: "Extension messages are said to a peer whose handshake has the bit.",
  },
  "extension handshake": {
    bep: 10,
    sentence: "The extension handshake is a bencoded dictionary.",
  },
  "extension id": {
    bep: 10,
    sentence: "An extension message has the ID that its receiver has named.",
  },
  "private exchange": {
    bep: 27,
    sentence: "Peers of a private torrent come from its tracker: none are exchanged (BEP 11).",
  },
} as const satisfies Readonly<Record<string, WireRule>>;

/** The name of a rule. */
export type RuleName = keyof typeof WIRE_RULES;
