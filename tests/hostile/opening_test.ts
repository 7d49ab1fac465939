/**
 * Torrents of many files or pieces that come to a peer by each way: how long the loop of the real
 * program stands still until they are open, in CPU time of its thread.
 *
 * @module
 */
import { OPENING } from "./opening_rows.ts";
import { testStalls } from "./stall_rows.ts";

testStalls(OPENING);
