/**
 * The verbs' answers as they look in terminals of 80 and 120 columns, without colour.
 *
 * @module
 */
import { assert } from "../support/assert.ts";
import { assertGolden } from "../support/golden.ts";
import { findVerb } from "../../shell/commands/mod.ts";
import { displayWidth } from "../../shell/base/format.ts";
import type { Call, PeerSession } from "../../shell/commands/verb.ts";
import { renderView } from "../../shell/view/render_view.ts";

const HASHES = ["ab", "cd", "ef"].map((byte) => byte.repeat(20));
const PEER = {
  address: "192.168.1.20",
  port: 6881,
  name: "ada",
  client: "vtorrent 0.1.0",
  source: "tracker",
  incoming: false,
  protection: "none",
  amChoking: false,
  amInterested: true,
  peerChoking: true,
  peerInterested: true,
  snubbed: false,
  downloadRate: 1_500_000,
  uploadRate: 20_000,
  downloaded: 9_000_000,
  uploaded: 100_000,
  progress: 0.5,
  requests: 12,
  latency: 41.7,
  chokeReason: "rank 2 of 6 interested by its upload rate to us",
  connectedAt: 0,
};
const OTHER = {
  ...PEER,
  address: "fe80::1c2d",
  name: undefined,
  client: "Evil\x1b[31m Client 1.0",
  snubbed: true,
  latency: undefined,
  chokeReason: "snubs us",
};
const TORRENT = {
  infoHash: HASHES[0],
  name: "Lecture 7: distributed hash tables (with exercises and solutions).pdf",
  dir: "/srv",
  state: "downloading",
  totalSize: 23_000_000,
  wantedSize: 23_000_000,
  progress: 0.41,
  downloadRate: 1_520_000,
  uploadRate: 20_000,
  eta: 9.2,
  downloaded: 9_400_000,
  uploaded: 100_000,
  peers: [PEER, OTHER],
  files: [],
  webSeeds: [],
  pieces: () =>
    Array.from(
      { length: 80 },
      (_, piece) =>
        piece % 7 < 3 ? "have" : piece % 11 === 5 ? "active" : piece > 70 ? "missing" : "available",
    ),
};
const SEEDED = {
  ...TORRENT,
  infoHash: HASHES[1],
  name: "日本語の講義.mp4",
  state: "seeding",
  progress: 1,
  downloadRate: 0,
  eta: undefined,
  peers: [],
  pieces: () => ["have"],
};

const SESSION = {
  role: "peer",
  engine: {
    dir: "/srv",
    snapshot: () => ({ torrents: [TORRENT, SEEDED] }),
  },
  catalogues: {
    trackers: ["http://127.0.0.1:8000/announce"],
    list: () =>
      Promise.resolve({
        entries: [TORRENT, SEEDED, { ...SEEDED, name: "evil\x1b]0;x\x07", infoHash: HASHES[2] }]
          .map(({ name, infoHash, totalSize }, index) => ({
            name,
            infoHash,
            totalSize,
            fileCount: index + 1,
            seeders: 3 - index,
            leechers: index,
            publishedBy: "ada",
          })),
        failures: [],
      }),
  },
} as unknown as PeerSession;
const CALL = { args: [], rest: "", flags: {} } as unknown as Call;

for (const name of ["status", "peerinfo", "list"]) {
  Deno.test(`${name} at 80 and 120 columns`, async () => {
    for (const columns of [80, 120]) {
      const view = await findVerb(name)!.peer!(SESSION, CALL);
      const look = { form: "screen", columns, unicode: true, colour: false } as const;
      const text = renderView(view, look);
      for (const line of text.split("\n")) assert(displayWidth(line) <= columns, line);
      await assertGolden(`${name}_${columns}`, text);
    }
  });
}

Deno.test("peerinfo has the reason of each choke at the width of the lesson", async () => {
  const seeding = {
    ...SEEDED,
    name: "lesson.mp4",
    peers: [
      { reason: "rank 1 of 3 interested by our upload rate to it", name: "bob" },
      { reason: "optimistic turn", name: "eve" },
      { reason: "another takes more", name: "max" },
    ].map(({ reason, name }) => ({ ...PEER, name, amInterested: false, chokeReason: reason })),
  };
  const engine = { snapshot: () => ({ torrents: [seeding] }) };
  const session = { role: "peer", engine } as unknown as PeerSession;
  const view = await findVerb("peerinfo")!.peer!(session, CALL);
  const look = { form: "screen", columns: 100, unicode: true, colour: false } as const;
  const text = renderView(view, look);
  for (const start of ["rank 1 of 3", "optimistic turn", "another takes more"]) {
    assert(text.includes(start), text);
  }
});
