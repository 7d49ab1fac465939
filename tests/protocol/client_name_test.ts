import fc from "fast-check";
import { clientName, clientTold } from "../../protocol/client_name.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { latin1 } from "../support/bytes.ts";

const VECTORS: [peerId: string, name: string][] = [
  ["-VT0100-abcdefghijkl", "vtorrent 0.1.0"],
  ["-VT0110-abcdefghijkl", "vtorrent 0.1.1"],
  ["-VT0001-abcdefghijkl", "-VT0001-"],
  ["-VT12a0-abcdefghijkl", "-VT12a0-"],
  ["-TR3000-abcdefghijkl", "Transmission 3.00"],
  ["-TR2940-abcdefghijkl", "Transmission 2.94"],
  ["-TR4060-abcdefghijkl", "Transmission 4.0.6"],
  ["-qB4650-abcdefghijkl", "qBittorrent 4.6.5"],
  ["-qB5120-abcdefghijkl", "qBittorrent 5.1.2"],
  ["-LT20A0-abcdefghijkl", "libtorrent 2.0.10"],
  ["-DE211s-abcdefghijkl", "Deluge 2.1.1"],
  ["-lt0D80-abcdefghijkl", "rTorrent (libTorrent) 0.13.8"],
  ["-TS0008-abcdefghijkl", "torrent-stream 0.0.0.8"],
  ["-WW0215-abcdefghijkl", "WebTorrent 2.15"],
  ["-AZ2060-abcdefghijkl", "Vuze 2.0.6.0"],
  ["-XX1234-abcdefghijkl", "XX 1.2.3.4"],
  ["A2-1-37-0-abcdefghij", "aria2 1.37.0"],
  ["-RN1.12.13-abcdefghi", "Rain 1.12.13"],
  ["M4-3-6--abcdefghijkl", "Mainline 4.3.6"],
  ["M7-10-5-abcdefghijkl", "Mainline 7.10.5"],
  ["S58B-----abcdefghijk", "Shadow 5.8.11"],
  ["T03I-----abcdefghijk", "BitTornado 0.3.18"],
  ["randomish\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a", "randomish"],
  ["\x1b]0;x\x07aaaaaaaaaaaaaa", "unknown client"],
  ["\0".repeat(20), "unknown client"],
  ["-\xff\xfe1234-abcdefghijkl", "-"],
];

for (const [peerId, name] of VECTORS) {
  Deno.test(`clientName(${JSON.stringify(peerId)}) is ${name}`, () => {
    assertEquals(clientName(latin1(peerId)), name);
  });
}

Deno.test("clientName() always gives something to print", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (id) => {
      const name = clientName(new Uint8Array(id));
      assert(/^[\x20-\x7eµ]+$/.test(name), name);
    }),
    { seed: 20, numRuns: 2000 },
  );
});

Deno.test("a client has one name, from its peer ID and from what it says", () => {
  assertEquals(clientTold("libTorrent 0.13.8"), clientName(latin1("-lt0D80-abcdefghijkl")));
  assertEquals(clientTold("libtorrent/2.0.8.0"), "libtorrent/2.0.8.0");
  assertEquals(clientTold("qBittorrent/4.5.2"), "qBittorrent/4.5.2");
});
