import { assertEquals } from "../../support/assert.ts";
import type { PieceStatus } from "../../../peer/mod.ts";
import { pieceBar, shareBar } from "../../../shell/view/piece_bar.ts";

const SIGNS: Record<string, PieceStatus> = {
  h: "have",
  a: "active",
  v: "available",
  m: "missing",
};
const pieces = (text: string) => [...text].map((sign) => SIGNS[sign]!);

Deno.test("pieceBar() shows what is here, coming, elsewhere and nowhere", () => {
  assertEquals(pieceBar(pieces("hhavvm"), 6, { unicode: false }), "##*--.");
  assertEquals(pieceBar(pieces("hhavvm"), 6, { unicode: true }), "██▒░░·");
});

Deno.test("pieceBar() sums several pieces up in a cell", () => {
  assertEquals(pieceBar(pieces("hhhvvaavvmhm"), 6, { unicode: false }), "#5**.5");
  assertEquals(pieceBar(pieces("hvvvvhhhhvhhhhh"), 3, { unicode: false }), "28#");
  assertEquals(pieceBar(pieces("hvvvvhhhhvhhhhh"), 3, { unicode: true }), "▂▆█");
});

Deno.test("pieceBar() stretches a few pieces over many cells", () => {
  assertEquals(pieceBar(pieces("hv"), 6, { unicode: false }), "###---");
  assertEquals(pieceBar([], 4, { unicode: false }), "####");
});

Deno.test("shareBar() is full only for all", () => {
  assertEquals(shareBar(0.5, 10, { unicode: false }), "#####-----");
  assertEquals(shareBar(0.999, 10, { unicode: false }), "#########-");
  assertEquals(shareBar(1, 10, { unicode: true }), "██████████");
});
