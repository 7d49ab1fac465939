/**
 * Large .torrents that are published: how long the loop of a real tracker stands still while they are
 * read, listed and fetched, in CPU time of its thread.
 *
 * @module
 */
import { READING } from "./reading_rows.ts";
import { testStalls } from "./stall_rows.ts";

testStalls(READING);
