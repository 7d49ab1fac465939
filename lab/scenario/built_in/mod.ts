/**
 * The scenarios that come with the program: THE table that `lab list` and completions follow.
 *
 * @module
 */
import chokes from "./chokes.jsonc" with { type: "text" };
import demo from "./demo.jsonc" with { type: "text" };
import flashCrowd from "./flash_crowd.jsonc" with { type: "text" };
import missingPiece from "./missing_piece.jsonc" with { type: "text" };
import magnet from "./magnet.jsonc" with { type: "text" };
import paper2006 from "./paper_2006.jsonc" with { type: "text" };
import paper2007 from "./paper_2007.jsonc" with { type: "text" };
import paperTyrant from "./paper_tyrant.jsonc" with { type: "text" };
import poisoner from "./poisoner.jsonc" with { type: "text" };
import rarestFirst from "./rarest_first.jsonc" with { type: "text" };
import scaling from "./scaling.jsonc" with { type: "text" };
import scaling1000 from "./scaling_1000.jsonc" with { type: "text" };
import strategies from "./strategies.jsonc" with { type: "text" };
import restart from "./restart.jsonc" with { type: "text" };
import trackerDies from "./tracker_dies.jsonc" with { type: "text" };
import trackerDiesPex from "./tracker_dies_pex.jsonc" with { type: "text" };
import trackerDiesWays from "./tracker_dies_ways.jsonc" with { type: "text" };
import twoWorlds from "./two_worlds.jsonc" with { type: "text" };
import board from "./board.jsonc" with { type: "text" };
import churn from "./churn.jsonc" with { type: "text" };
import onTheWire from "./on_the_wire.jsonc" with { type: "text" };
import withMyClient from "./with_my_client.jsonc" with { type: "text" };

/** Name → the file as it is shown, in the order of a course. */
export const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ["scaling", scaling],
  ["scaling-1000", scaling1000],
  ["rarest-first", rarestFirst],
  ["chokes", chokes],
  ["strategies", strategies],
  ["flash-crowd", flashCrowd],
  ["poisoner", poisoner],
  ["missing-piece", missingPiece],
  ["tracker-dies", trackerDies],
  ["tracker-dies-pex", trackerDiesPex],
  ["tracker-dies-ways", trackerDiesWays],
  ["magnet", magnet],
  ["restart", restart],
  ["paper-2006", paper2006],
  ["paper-2007", paper2007],
  ["paper-tyrant", paperTyrant],
  ["board", board],
  ["demo", demo],
  ["churn", churn],
  ["on-the-wire", onTheWire],
  ["with-my-client", withMyClient],
  ["two-worlds", twoWorlds],
]);

/** Those that `lab run all` leaves out, since each takes minutes and gigabytes. */
export const LONG: ReadonlySet<string> = new Set(["scaling-1000"]);
