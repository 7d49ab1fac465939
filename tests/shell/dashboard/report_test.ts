import { UsageError } from "../../../shell/base/errors.ts";
import { MAX_REPORT, parseReport, type Report } from "../../../shell/dashboard/report.ts";
import { reportUrl } from "../../../shell/dashboard/report_url.ts";
import { FreshReports } from "../../../shell/dashboard/fresh_reports.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";

const A = "aa".repeat(20);
const B = "bb".repeat(20);
const SWARM = "cc".repeat(20);

function report(id: string, name: string): Report {
  return {
    "peer_id": id,
    name,
    torrents: [{
      "info_hash": SWARM,
      torrent: "lecture.pdf",
      pieces: 9,
      have: new Uint8Array([0xf0, 0x80]).toBase64(),
      active: [5],
      progress: 0.5,
      size: 9000,
      downloaded: 4500,
      uploaded: 900,
      eta: 450,
      "download_rate": 10,
      "upload_rate": 20,
      links: [{
        to: B,
        name: "b",
        rate: 20,
        given: 40,
        choked: false,
        wanted: true,
        reason: "a slot",
      }],
    }],
  };
}

Deno.test("parseReport() gives back what is as it should be, and nothing else", () => {
  assertEquals(parseReport({ ...report(A, "a"), more: 1 }), report(A, "a"));
  const [torrent] = report(A, "a").torrents;
  const wrong: unknown[] = [
    {},
    { ...report(A, "a"), peer_id: "x" },
    { ...report(A, "a"), name: "x".repeat(101) },
    { ...report(A, "a"), torrents: Array(5).fill(torrent) },
    ...[
      { info_hash: SWARM.slice(1) },
      { pieces: 0 },
      { pieces: 1e12 },
      { have: "" },
      { have: "!!!" },
      { have: new Uint8Array(3).toBase64() },
      { active: [9] },
      { active: ["1"] },
      { active: Array(65).fill(0) },
      { progress: 2 },
      { size: -1 },
      { downloaded: 2 ** 60 },
      { uploaded: "1" },
      { eta: 1e12 },
      { download_rate: -1 },
      { download_rate: null },
      { links: Array(41).fill(torrent!.links[0]) },
      { links: [{ to: "me" }] },
      { links: [{ ...torrent!.links[0], given: null }] },
    ].map((change) => ({ ...report(A, "a"), torrents: [{ ...torrent, ...change }] })),
  ];
  for (const value of wrong) {
    assertThrows(() => parseReport(value as Record<string, unknown>), UsageError);
  }
});

Deno.test("the largest report fits", () => {
  const [torrent] = report(A, "a").torrents;
  const full: Report = {
    "peer_id": A,
    name: "ü".repeat(100),
    torrents: Array(4).fill({
      ...torrent,
      torrent: "ü".repeat(100),
      links: Array(40).fill({
        ...torrent!.links[0],
        name: "\u0001".repeat(100),
        reason: "\u0001".repeat(100),
      }),
    }),
  };
  assert(new TextEncoder().encode(JSON.stringify(full)).length < MAX_REPORT);
});

Deno.test("the board forgets who is silent and hears nobody for another", () => {
  const board = new FreshReports();
  assertEquals(board.take(report(A, "2"), "10.0.0.1", 0), undefined);
  assertEquals(board.take(report(B, "10"), "10.0.0.2", 0), undefined);
  assertEquals(board.seats(SWARM, 1000).map(({ name }) => name), ["2", "10"]);
  assertEquals(board.swarms(1000).get(SWARM), { name: "lecture.pdf", size: 9000, reporting: 2 });
  assertEquals(
    board.take(report(A, "x"), "10.0.0.2", 1000),
    "another address already reports as this peer",
  );
  assertEquals(
    board.take(report(A, "x"), "10.0.0.1", 100),
    "report twice a second, not more often",
  );
  assertEquals(board.take(report(B, "10"), "10.0.0.2", 4000), undefined);
  assertEquals(board.seats(SWARM, 5500).map(({ name }) => name), ["10"]);
  assertEquals(board.take(report(A, "x"), "10.0.0.2", 5500), undefined);
  for (let peer = 0; peer < 300; peer++) {
    board.take(report(peer.toString(16).padStart(40, "0"), "p"), "10.0.0.3", 6000);
  }
  assertEquals(board.seats(SWARM, 6000).length, 256);
  // The address with most seats gives way to whoever has fewer, and not to itself.
  assertEquals(board.take(report("c".repeat(40), "3"), "10.0.0.3", 6000), "the board is full");
  assertEquals(board.take(report("d".repeat(40), "4"), "10.0.0.4", 6000), undefined);
  assertEquals(board.take(report("e".repeat(40), "5"), "127.0.0.1", 6000), undefined);
  const names = board.seats(SWARM, 6000).map(({ name }) => name);
  assertEquals([names.length, names.includes("4"), names.includes("5")], [256, true, true]);
});

Deno.test("a report of an earlier version, without amounts, is taken", () => {
  const { torrents: [torrent], ...rest } = report(A, "a");
  const { size: _size, downloaded: _downloaded, uploaded: _uploaded, eta: _eta, ...old } = torrent!;
  const [read] = parseReport({ ...rest, torrents: [old] }).torrents;
  assertEquals([read!.size, read!.downloaded, read!.uploaded, read!.eta], [0, 0, 0, null]);
});

Deno.test("reportUrl(): this machine and its networks only", () => {
  assertEquals(
    reportUrl("http://127.0.0.1:8000/announce"),
    "http://127.0.0.1:8000/api/v1/reports",
  );
  assertEquals(reportUrl("udp://192.168.1.5:8000"), "http://192.168.1.5:8000/api/v1/reports");
  assertEquals(reportUrl("http://[::1]:8000/announce"), "http://[::1]:8000/api/v1/reports");
  assertEquals(reportUrl("http://tracker.example.org/announce"), undefined);
  assertEquals(reportUrl("http://8.8.8.8:80/announce"), undefined);
  // Where nobody asked for it: this machine alone.
  assertEquals(
    ["127.0.0.1", "[::1]", "localhost", "192.168.1.5", "tracker.example.org"]
      .map((host) => reportUrl(`http://${host}:8000/announce`, "loopback") !== undefined),
    [true, true, true, false, false],
  );
});
