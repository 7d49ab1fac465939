import {
  encodeKrpcError,
  encodeKrpcQuery,
  encodeKrpcResponse,
  type KrpcQuery,
  type KrpcResponse,
  parseKrpc,
} from "../../protocol/krpc.ts";
import { assert, assertEquals } from "../support/assert.ts";

const ascii = (text: string) => new TextEncoder().encode(text);
const ID = ascii("abcdefghij0123456789");
const OTHER = ascii("mnopqrstuvwxyz123456");
const aa = ascii("aa");

Deno.test("questions are those of BEP 5's examples", () => {
  const ask = (query: Partial<KrpcQuery> & { method: "ping" | "find_node" | "get_peers" }) =>
    new TextDecoder().decode(
      encodeKrpcQuery({ transaction: aa, id: ID, want: [], readOnly: false, ...query }),
    );
  assertEquals(
    ask({ method: "ping" }),
    "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe",
  );
  assertEquals(
    ask({ method: "find_node", target: OTHER }),
    "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e" +
      "1:q9:find_node1:t2:aa1:y1:qe",
  );
  assertEquals(
    ask({ method: "get_peers", target: OTHER, want: [4, 6], readOnly: true }),
    "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz1234564:wantl2:n42:n6ee" +
      "1:q9:get_peers2:roi1e1:t2:aa1:y1:qe",
  );
});

Deno.test("questions and answers are read back, in both families", () => {
  const query = {
    transaction: aa,
    method: "announce_peer" as const,
    id: ID,
    target: OTHER,
    want: [] as const,
    port: 6881,
    token: ascii("aoeusnth"),
    readOnly: false,
  };
  assertEquals(parseKrpc(encodeKrpcQuery(query)), { kind: "query", ...query });
  const implied = parseKrpc(encodeKrpcQuery({ ...query, port: undefined })) as KrpcQuery;
  assertEquals(implied.port, undefined, "where it asks from");

  const response = {
    transaction: aa,
    id: ID,
    nodes: [
      { id: OTHER, host: "198.51.100.1", port: 1 },
      { id: ID, host: "2001:db8::1", port: 65535 },
    ],
    peers: [{ host: "198.51.100.2", port: 6881 }, { host: "2001:db8::2", port: 6882 }],
    token: ascii("t"),
  };
  const asker = { host: "203.0.113.9", port: 7 };
  const read = parseKrpc(encodeKrpcResponse({ ...response, asker, want: [4, 6] })) as KrpcResponse;
  assertEquals(read, { kind: "response", ...response, ip: Uint8Array.of(203, 0, 113, 9) });
  const error = { transaction: aa, code: 203, message: "Bad Token" };
  assertEquals(parseKrpc(encodeKrpcError(error)), { kind: "error", ...error });
});

Deno.test("an invalid datagram is not read", () => {
  const wrong = [
    "",
    "i1e",
    "de",
    "d1:y1:qe",
    "d1:t2:aa1:y1:xe",
    "d1:ad2:id3:abce1:q4:ping1:t2:aa1:y1:qe",
    "d1:rd2:id19:abcdefghij012345678e1:t2:aa1:y1:re",
    `d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t33:${"t".repeat(33)}1:y1:qe`,
  ];
  for (const text of wrong) assertEquals(parseKrpc(ascii(text)), undefined, text);
  assertEquals(parseKrpc(new Uint8Array(5000)), undefined);
  const odd = parseKrpc(
    ascii(
      "d1:rd2:id20:abcdefghij01234567895:nodes27:xxxxxxxxxxxxxxxxxxxx0000006:valuesl3:abcee1:t1:x1:y1:re",
    ),
  );
  assert(odd === undefined || odd.kind === "response");
});
