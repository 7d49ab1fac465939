/**
 * Replies of trackers, addresses, datagrams, uploads and scrapes: how long the loop of the real program
 * stands still meanwhile, in CPU time of its thread. `bench/stalls.ts` says ten times as much.
 *
 * @module
 */
import { heardRows } from "./heard_rows.ts";
import { testStalls } from "./stall_rows.ts";

testStalls(heardRows(0.1));
