/**
 * What happens in a virtual swarm, before its time is put to it.
 *
 * @module
 */
import type { RunEvent } from "../run/run_record.ts";

type Untimed<Event> = Event extends unknown ? Omit<Event, "t"> : never;

/** An event of the record without its time. */
export type Happening = Untimed<RunEvent>;
