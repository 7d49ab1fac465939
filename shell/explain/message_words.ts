/**
 * Protocol messages in words. Pure.
 *
 * @module
 */
import {
  Bitfield,
  clientName,
  decodeHandshake,
  formatHostPort,
  formatIp,
  type Message,
  parseExtensionHandshake,
  parseMetadataMessage,
  parsePex,
  ProtocolError,
} from "../../protocol/mod.ts";
import { formatBytes, formatCount } from "../base/format.ts";
import { type BarLook, pieceBar } from "../view/piece_bar.ts";

/** Which way a message goes, as we see it. */
export type Direction = "sent" | "received";

/** A message in a sentence, and as facts with the protocol's own names. */
export interface Words {
  readonly message: string;
  readonly text: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A message as it is told: of a block, how long it is. */
export type ToldMessage =
  | Exclude<Message, { readonly type: "piece" | HashMessage }>
  | {
    readonly type: "piece";
    readonly piece: number;
    readonly begin: number;
    /** bytes of the block */
    readonly length: number;
  }
  | { readonly type: HashMessage };

/** BEP 52's messages, told as far as their reader has kept them. */
type HashMessage = "hashes" | "hash-request" | "hash-reject";

/** One side of a message in its sentence. */
interface Party {
  readonly name: string;
  /** As the object of a sentence; undefined where it goes without saying. */
  readonly object: string | undefined;
  readonly isPlural: boolean;
}

/** How a message's sides are called in its sentence. */
export interface Voice {
  readonly speaker: Party;
  readonly hearer: Party;
  /** What is said of a message that no decoder knows. */
  readonly unknown: string;
}

const WE: Party = { name: "we", object: "us", isPlural: true };
const IT: Party = { name: "it", object: undefined, isPlural: false };
const unknown = "which we do not know: ignored";

/** As one side of the connection tells it. */
export const OUR_VOICE: Readonly<Record<Direction, Voice>> = {
  sent: { speaker: WE, hearer: IT, unknown },
  received: { speaker: IT, hearer: WE, unknown },
};

/** As a third party tells it, who calls both by their names. */
export function namingVoice(speaker: string, hearer: string): Voice {
  const party = (name: string): Party => ({ name, object: name, isPlural: false });
  return {
    ...{ speaker: party(speaker), hearer: party(hearer) },
    unknown: "which vtorrent does not know",
  };
}

/** What has to be known of a connection to read its messages. */
export interface LinkFacts {
  /** 0 while it is not known. */
  readonly pieceCount: number;
  /** Extension names by the ID that this direction's messages carry (BEP 10). */
  readonly extensions: ReadonlyMap<number, string>;
}

/** Bits of the eight reserved bytes that anybody uses: byte, mask, meaning. */
const RESERVED: readonly (readonly [number, number, string])[] = [
  [0, 0x80, "Azureus messaging"],
  [5, 0x10, "extension protocol (BEP 10)"],
  [7, 0x01, "DHT (BEP 5)"],
  [7, 0x02, "XBT peer exchange"],
  [7, 0x04, "fast extension (BEP 6)"],
  [7, 0x08, "NAT traversal"],
  [7, 0x10, "v2 upgrade (BEP 52)"],
];

const BAR_CELLS = 32;

/** The 68 bytes that a connection begins with. */
export function handshakeWords(bytes: Uint8Array): Words {
  const { infoHash, peerId } = decodeHandshake(bytes);
  const reserved = bytes.subarray(20, 28);
  const promises = RESERVED.filter(([at, mask]) => (reserved[at]! & mask) !== 0)
    .map(([, , meaning]) => meaning);
  const client = clientName(peerId);
  const bits = [...reserved].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return {
    message: "handshake",
    text: `handshake: "BitTorrent protocol", reserved bytes ${bits} ` +
      `(${promises.length === 0 ? "no extensions" : promises.join(", ")}), ` +
      `info hash ${infoHash.toHex()}, peer ID ${printable(peerId)} (${client})`,
    facts: {
      reserved: reserved.toHex(),
      extensions: promises,
      info_hash: infoHash.toHex(),
      peer_id: peerId.toHex(),
      client,
    },
  };
}

/** Any message after the handshake. */
export function messageWords(
  message: ToldMessage,
  { speaker, hearer, unknown }: Voice,
  link: LinkFacts,
  look: BarLook,
): Words {
  const plain = (text: string, facts: Words["facts"] = {}): Words => ({
    message: message.type,
    text,
    facts,
  });
  switch (message.type) {
    case "keep-alive":
      return plain("keep-alive: nothing to send, but still here");
    case "choke":
      return plain(`choke: ${does(speaker, "answers", "answer")} no requests for now`);
    case "unchoke": {
      const whom = speaker.object === undefined ? "" : ` ${speaker.object}`;
      return plain(`unchoke: ${hearer.name} may ask${whom} for blocks`);
    }
    case "interested":
      return plain(
        `interested: ${has(hearer)} pieces that ${does(speaker, "wants", "want")}`,
      );
    case "not-interested":
      return plain(
        `not interested: ${has(hearer)} nothing that ${does(speaker, "wants", "want")}`,
      );
    case "have":
      return plain(`have: ${has(speaker)} piece ${message.piece}`, { piece: message.piece });
    case "have-all":
      return plain(`have all: ${does(speaker, "is", "are")} a seed`);
    case "have-none":
      return plain(`have none: ${has(speaker)} no piece yet`);
    case "bitfield":
      return bitfieldWords(message.bytes, speaker, link, look);
    case "suggest":
      return plain(`suggest: piece ${message.piece} would be a good one to request`, {
        piece: message.piece,
      });
    case "allowed-fast":
      return plain(`allowed fast: piece ${message.piece} may be requested even while choked`, {
        piece: message.piece,
      });
    case "request":
    case "cancel":
    case "reject": {
      const { piece, begin, length } = message;
      return plain(`${message.type}: ${blockText(piece, begin, length)}`, { piece, begin, length });
    }
    case "piece": {
      const { piece, begin, length } = message;
      return plain(`piece: ${blockText(piece, begin, length)}`, { piece, begin, length });
    }
    case "port":
      return plain(`port: its DHT node listens on UDP port ${message.port}`, {
        port: message.port,
      });
    case "extended":
      return extendedWords(message.id, message.payload, link);
    case "unknown":
      return plain(`message ${message.id}, ${unknown}`, { id: message.id });
    default: {
      const { type, ...facts } = message;
      return { message: type, text: type.replaceAll("-", " "), facts: plainFacts(facts) };
    }
  }
}

function does({ name, isPlural }: Party, one: string, many: string): string {
  return `${name} ${isPlural ? many : one}`;
}

function has(party: Party): string {
  return does(party, "has", "have");
}

function blockText(piece: number, begin: number, length: number): string {
  return `piece ${piece}, ${formatBytes(length)} from byte ${begin}`;
}

function bitfieldWords(
  bytes: Uint8Array,
  speaker: Party,
  { pieceCount }: LinkFacts,
  look: BarLook,
): Words {
  let field: Bitfield;
  try {
    field = Bitfield.parse(bytes, pieceCount);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const text = `bitfield: ${formatCount(bytes.length, "byte")}`;
    return { message: "bitfield", text, facts: { bytes: bytes.toHex() } };
  }
  const pieces = Array.from(
    { length: pieceCount },
    (_, piece) => field.has(piece) ? "have" as const : "available" as const,
  );
  const bar = pieceBar(pieces, Math.min(BAR_CELLS, pieceCount), { unicode: look.unicode });
  return {
    message: "bitfield",
    text: `bitfield: ${has(speaker)} ${field.count} of ` +
      `${formatCount(pieceCount, "piece")}  ${bar}`,
    facts: { have: field.count, pieces: pieceCount, bytes: bytes.toHex() },
  };
}

function extendedWords(id: number, payload: Uint8Array, { extensions }: LinkFacts): Words {
  const name = id === 0 ? "extension handshake" : extensions.get(id);
  const unread = (what: string): Words => ({
    message: id === 0 ? "extended-handshake" : "extended",
    text: `${what}: ${formatBytes(payload.length)}`,
    facts: { id, extension: name, length: payload.length },
  });
  try {
    if (id === 0) return extensionHandshakeWords(payload);
    if (name === "ut_pex") return pexWords(payload);
    if (name === "ut_metadata") return metadataWords(payload) ?? unread("ut_metadata (BEP 9)");
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return unread(`${name}, which cannot be read (${error.message})`);
  }
  return unread(`extended message ${id}${name === undefined ? "" : ` (${name})`}`);
}

function extensionHandshakeWords(payload: Uint8Array): Words {
  const { messages, client, port, reqq, metadataSize, yourIp, uploadOnly, name } =
    parseExtensionHandshake(payload);
  const named = Object.entries(messages);
  const spoken = named.filter(([, id]) => id > 0).map(([word, id]) => `${word} as ${id}`);
  const switchedOff = named.filter(([, id]) => id === 0).map(([word]) => word);
  const parts = [
    named.length === 0 && "names no extensions",
    spoken.length > 0 && `extensions ${spoken.join(", ")}`,
    switchedOff.length > 0 && `without ${switchedOff.join(", ")}`,
    client !== undefined && `client "${client}"`,
    name !== undefined && `known as "${name}"`,
    port !== undefined && `listens on port ${port}`,
    reqq !== undefined && `queues up to ${formatCount(reqq, "request")}`,
    metadataSize !== undefined && `metadata of ${formatBytes(metadataSize)}`,
    yourIp !== undefined && `sees the other side at ${formatIp(yourIp)}`,
    uploadOnly === true && "only uploads (BEP 21)",
  ];
  return {
    message: "extended-handshake",
    text: `extension handshake (BEP 10): ${parts.filter((part) => part !== false).join("; ")}`,
    facts: plainFacts({
      extensions: messages,
      client,
      name,
      port,
      reqq,
      "metadata_size": metadataSize,
      "your_ip": yourIp === undefined ? undefined : formatIp(yourIp),
      "upload_only": uploadOnly,
    }),
  };
}

function pexWords(payload: Uint8Array): Words {
  const { added, dropped } = parsePex(payload);
  const list = (peers: readonly { host: string; port: number }[]): string[] =>
    peers.map(({ host, port }) => formatHostPort(host, port));
  const text = [
    added.length > 0 && `knows ${list(added).join(", ")}`,
    dropped.length > 0 && `no longer ${list(dropped).join(", ")}`,
  ].filter((part) => part !== false).join("; ");
  return {
    message: "ut_pex",
    text: `peer exchange (BEP 11): ${text || "nothing new"}`,
    facts: { added: list(added), dropped: list(dropped) },
  };
}

function metadataWords(payload: Uint8Array): Words | undefined {
  const message = parseMetadataMessage(payload);
  if (message === undefined) return undefined;
  const { type, piece } = message;
  return {
    message: "ut_metadata",
    text: `metadata (BEP 9): ${type} of part ${piece}` +
      (message.type === "data"
        ? `, ${formatBytes(message.data.length)} of ${formatBytes(message.totalSize)}`
        : ""),
    facts: { type, piece },
  };
}

/** A peer ID as text where it is some. */
function printable(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes).replace(/[^\x21-\x7e]/g, ".");
}

/** Without what is not known; byte arrays as hex. */
function plainFacts(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, value instanceof Uint8Array ? value.toHex() : value]),
  );
}
