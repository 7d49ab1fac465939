import { decodeBencode, encodeBencode, rawValue } from "../protocol/bencode.ts";

/** A .torrent of 10,000 pieces and 4,000 files. */
const metainfo = {
  announce: "http://127.0.0.1:8000/announce",
  info: {
    name: "many files",
    "piece length": 1 << 18,
    pieces: new Uint8Array(20 * 10_000).map((_, i) => i),
    files: Array.from({ length: 4000 }, (_, i) => ({
      length: 100_000 + i,
      path: [`folder ${Math.floor(i / 100)}`, `file ${i}.bin`],
    })),
  },
};
const torrent = encodeBencode(metainfo);
/** What nearly all values of a tracker are: its answer with 50 peers. */
const reply = { complete: 12, incomplete: 38, interval: 1800, peers: new Uint8Array(300) };
const answer = encodeBencode(reply);

// JSON does a comparable job in native code.
const asJson = JSON.stringify({ ...metainfo, info: { ...metainfo.info, pieces: "" } });

Deno.bench(
  ".torrent of 4,000 files: JSON.parse",
  { group: "bencode: decode", baseline: true },
  () => {
    JSON.parse(asJson);
  },
);
Deno.bench(".torrent of 4,000 files: decode", { group: "bencode: decode" }, () => {
  decodeBencode(torrent);
});
Deno.bench(".torrent of 4,000 files: raw info", { group: "bencode: decode" }, () => {
  rawValue(torrent, ["info"]);
});

Deno.bench(
  ".torrent of 4,000 files: JSON.stringify",
  { group: "bencode: encode", baseline: true },
  () => {
    JSON.stringify({ ...metainfo, info: { ...metainfo.info, pieces: "" } });
  },
);
Deno.bench(".torrent of 4,000 files: encode", { group: "bencode: encode" }, () => {
  encodeBencode(metainfo);
});

Deno.bench("announce reply: bytes copied", { group: "bencode: announce", baseline: true }, () => {
  answer.slice();
});
Deno.bench("announce reply: encode", { group: "bencode: announce" }, () => {
  encodeBencode(reply);
});
Deno.bench("announce reply: decode", { group: "bencode: announce" }, () => {
  decodeBencode(answer);
});
