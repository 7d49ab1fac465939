import type { PieceStatus, TorrentSnapshot } from "../../../peer/mod.ts";
import { LongPieces, MAX_SHOWN_PIECES, shownPieces } from "../../../shell/view/long_pieces.ts";
import { pieceBar } from "../../../shell/view/piece_bar.ts";
import { jsonLine } from "../../../shell/view/render_view.ts";
import { assert, assertEquals } from "../../support/assert.ts";

/** Owned at first, then asked for, then at nobody. */
function statusOf(piece: number, count: number): PieceStatus {
  return piece < count / 2 ? "have" : piece < 3 * count / 4 ? "active" : "missing";
}

function torrent(pieceCount: number): TorrentSnapshot {
  const pieces = Array.from({ length: pieceCount }, (_, piece) => statusOf(piece, pieceCount));
  return {
    pieceCount,
    pieces: () => pieces,
    span: (from: number, to: number) => {
      const some = pieces.slice(from, to);
      return {
        have: some.filter((status) => status === "have").length,
        isActive: some.includes("active"),
        isMissing: some.includes("missing"),
      };
    },
  } as unknown as TorrentSnapshot;
}

Deno.test("a line of JSON names each piece of a small torrent and none of a large one", () => {
  const line = (count: number) =>
    jsonLine("status", { pieces: shownPieces(torrent(count)), up: 1 });
  assertEquals(JSON.parse(line(4)).pieces, ["have", "have", "active", "missing"]);
  assertEquals(JSON.parse(line(MAX_SHOWN_PIECES)).pieces.length, MAX_SHOWN_PIECES);
  assertEquals(JSON.parse(line(MAX_SHOWN_PIECES + 1)), { event: "status", up: 1 });
});

Deno.test("the bar of a large torrent is that of its pieces one by one", () => {
  const large = torrent(2 * MAX_SHOWN_PIECES);
  const shown = shownPieces(large);
  assert(shown instanceof LongPieces);
  for (const width of [1, 7, 60]) {
    const bar = pieceBar(shown, width, { unicode: true });
    assertEquals(bar, pieceBar(large.pieces(), width, { unicode: true }));
  }
});
