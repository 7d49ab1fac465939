/**
 * The datagrams of the DHT (BEP 5), for both address families (BEP 32), with the sender's view of our
 * address (BEP 42) and read-only nodes (BEP 43).
 *
 * @module
 */
import {
  anyText,
  type BencodeDict,
  type BencodeInput,
  type BencodeValue,
  decodeBencode,
  encodeBencode,
  getBytes,
  getDict,
  getInteger,
  getList,
} from "./bencode.ts";
import {
  COMPACT4_LENGTH,
  COMPACT6_LENGTH,
  decodePeers,
  encodePeers,
  type PeerAddress,
} from "./compact.ts";
import { concatBytes } from "./concat_bytes.ts";
import { BencodeError } from "./errors.ts";

/** Bytes of a node ID and of an info hash. */
export const NODE_ID_LENGTH = 20;
/** Longest datagram that is read. */
export const MAX_KRPC_LENGTH = 4096;
/** Longest transaction ID that is echoed, and longest token that is kept. */
const MAX_TRANSACTION = 32;
const MAX_TOKEN = 64;

/** Where a node of the DHT is. */
export interface DhtNodeInfo extends PeerAddress {
  readonly id: Uint8Array;
}

export type KrpcMethod = "ping" | "find_node" | "get_peers" | "announce_peer";

/** A question. */
export interface KrpcQuery {
  readonly kind: "query";
  readonly transaction: Uint8Array;
  readonly method: KrpcMethod | "unknown";
  readonly id: Uint8Array;
  /** What `find_node` looks for, and the info hash of the other two. */
  readonly target?: Uint8Array | undefined;
  /** Families of the nodes that are wanted; none: that of the datagram. */
  readonly want: readonly (4 | 6)[];
  /** `announce_peer`: where the asker listens (undefined: where it asks from), and its proof. */
  readonly port?: number | undefined;
  readonly token?: Uint8Array | undefined;
  /** BEP 43: it answers nothing and is not to be told of. */
  readonly readOnly: boolean;
}

/** An answer. */
export interface KrpcResponse {
  readonly kind: "response";
  readonly transaction: Uint8Array;
  readonly id: Uint8Array;
  readonly nodes: readonly DhtNodeInfo[];
  readonly peers: readonly PeerAddress[];
  readonly token?: Uint8Array | undefined;
  /** BEP 42: our address as it sees it, 4 or 16 bytes. */
  readonly ip?: Uint8Array | undefined;
}

/** A refusal. */
export interface KrpcError {
  readonly kind: "error";
  readonly transaction: Uint8Array;
  readonly code: number;
  readonly message: string;
}

export type KrpcMessage = KrpcQuery | KrpcResponse | KrpcError;

/** A question's bytes. */
export function encodeKrpcQuery(
  query: Omit<KrpcQuery, "kind" | "method"> & { readonly method: KrpcMethod },
): Uint8Array<ArrayBuffer> {
  const { method, target, port, token, want } = query;
  const names = want.map((family) => `n${family}`);
  return encodeBencodeDict(query.transaction, "q", {
    q: method,
    a: {
      id: query.id,
      target: method === "find_node" ? target : undefined,
      "info_hash": method === "find_node" ? undefined : target,
      want: names.length > 0 ? names : undefined,
      token,
      port: method === "announce_peer" ? port ?? 0 : undefined,
      "implied_port": method === "announce_peer" ? Number(port === undefined) : undefined,
    },
    ro: query.readOnly ? 1 : undefined,
  });
}

/** An answer's bytes. `ip` and `port` are the asker's, as we see it. */
export function encodeKrpcResponse(
  response: Omit<KrpcResponse, "kind" | "ip"> & {
    readonly asker?: PeerAddress | undefined;
    /** Whether the answer is about nodes at all, even where none is known. */
    readonly want: readonly (4 | 6)[];
  },
): Uint8Array<ArrayBuffer> {
  const { nodes, peers, asker, want } = response;
  const compact = (ipLength: number) =>
    concatBytes(nodes.flatMap((node) => {
      const packed = packAddress(node);
      return packed.length === ipLength + 2 ? [node.id, packed] : [];
    }));
  return encodeBencodeDict(response.transaction, "r", {
    r: {
      id: response.id,
      nodes: want.includes(4) ? compact(4) : undefined,
      nodes6: want.includes(6) ? compact(16) : undefined,
      token: response.token,
      values: peers.length > 0 ? peers.map(packAddress) : undefined,
    },
    ip: asker === undefined ? undefined : packAddress(asker),
  });
}

/** A refusal's bytes. */
export function encodeKrpcError(error: Omit<KrpcError, "kind">): Uint8Array<ArrayBuffer> {
  return encodeBencodeDict(error.transaction, "e", { e: [error.code, error.message] });
}

function encodeBencodeDict(
  transaction: Uint8Array,
  kind: string,
  more: { readonly [key: string]: BencodeInput | undefined },
): Uint8Array<ArrayBuffer> {
  return encodeBencode({ ...more, t: transaction, y: kind });
}

function packAddress(address: PeerAddress): Uint8Array {
  const { peers, peers6 } = encodePeers([address]);
  return peers.length > 0 ? peers : peers6;
}

/** Reads a datagram; undefined for one that makes no sense. */
export function parseKrpc(bytes: Uint8Array): KrpcMessage | undefined {
  const root = readDict(bytes);
  const transaction = root && getBytes(root, "t");
  if (root === undefined || transaction === undefined || transaction.length > MAX_TRANSACTION) {
    return undefined;
  }
  const own = transaction.slice();
  switch (anyText(root.get("y"))) {
    case "q":
      return readQuery(root, own);
    case "r":
      return readResponse(root, own);
    case "e": {
      const [code, message] = getList(root, "e") ?? [];
      return {
        kind: "error",
        transaction: own,
        code: typeof code === "number" ? code : 0,
        message: (anyText(message) ?? "").slice(0, 200),
      };
    }
    default:
      return undefined;
  }
}

function readQuery(root: BencodeDict, transaction: Uint8Array): KrpcQuery | undefined {
  const dict = getDict(root, "a");
  const id = dict && readId(dict, "id");
  if (dict === undefined || id === undefined) return undefined;
  const method = METHODS.find((name) => name === anyText(root.get("q"))) ?? "unknown";
  const port = getInteger(dict, "port");
  const token = getBytes(dict, "token");
  return {
    kind: "query",
    transaction,
    method,
    id,
    target: readId(dict, method === "find_node" ? "target" : "info_hash"),
    want: readWant(getList(dict, "want") ?? []),
    port: getInteger(dict, "implied_port") === 1 || port === undefined || port < 1 || port > 65535
      ? undefined
      : port,
    token: token !== undefined && token.length <= MAX_TOKEN ? token.slice() : undefined,
    readOnly: getInteger(root, "ro") === 1,
  };
}

/** Each family once, however often it is named: an answer is no longer for it. */
function readWant(names: readonly BencodeValue[]): (4 | 6)[] {
  const texts = new Set(names.map(anyText));
  return ([4, 6] as const).filter((family) => texts.has(`n${family}`));
}

const METHODS = ["ping", "find_node", "get_peers", "announce_peer"] as const;

function readResponse(root: BencodeDict, transaction: Uint8Array): KrpcResponse | undefined {
  const dict = getDict(root, "r");
  const id = dict && readId(dict, "id");
  if (dict === undefined || id === undefined) return undefined;
  const token = getBytes(dict, "token");
  const ip = getBytes(root, "ip");
  const ipLength = ip?.length === 6 ? 4 : ip?.length === 18 ? 16 : 0;
  return {
    kind: "response",
    transaction,
    id,
    nodes: [
      ...readNodes(getBytes(dict, "nodes"), COMPACT4_LENGTH),
      ...readNodes(getBytes(dict, "nodes6"), COMPACT6_LENGTH),
    ],
    peers: (getList(dict, "values") ?? []).flatMap((value) =>
      value instanceof Uint8Array &&
        (value.length === COMPACT4_LENGTH || value.length === COMPACT6_LENGTH)
        ? decodePeers(value, value.length)
        : []
    ),
    token: token !== undefined && token.length <= MAX_TOKEN ? token.slice() : undefined,
    ip: ipLength > 0 ? ip!.slice(0, ipLength) : undefined,
  };
}

function readNodes(bytes: Uint8Array | undefined, addressLength: 6 | 18): DhtNodeInfo[] {
  const nodes: DhtNodeInfo[] = [];
  const length = NODE_ID_LENGTH + addressLength;
  for (let at = 0; bytes !== undefined && at + length <= bytes.length; at += length) {
    const packed = bytes.subarray(at + NODE_ID_LENGTH, at + length);
    const [address] = decodePeers(packed, addressLength);
    if (address === undefined) continue;
    nodes.push({ id: bytes.slice(at, at + NODE_ID_LENGTH), ...address });
  }
  return nodes;
}

function readId(dict: BencodeDict, key: string): Uint8Array | undefined {
  const id = getBytes(dict, key);
  return id?.length === NODE_ID_LENGTH ? id.slice() : undefined;
}

function readDict(bytes: Uint8Array): BencodeDict | undefined {
  if (bytes.length > MAX_KRPC_LENGTH) return undefined;
  try {
    const root = decodeBencode(bytes, { lenient: true, maxDepth: 10, maxTokens: 1000 });
    return root instanceof Map ? root : undefined;
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error;
    return undefined;
  }
}
