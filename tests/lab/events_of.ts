/**
 * Events of one kind in a record.
 *
 * @module
 */
import type { RunEvent, RunRecord } from "../../lab/run/run_record.ts";

/** An event of a kind; some kinds share a shape. */
export type EventOf<What extends RunEvent["what"], Event = RunEvent> = Event extends
  { readonly what: infer Own } ? What extends Own ? Event & { readonly what: What } : never : never;

/** Those of a kind, in their order. */
export function eventsOf<What extends RunEvent["what"]>(
  { events }: RunRecord,
  what: What,
): EventOf<What>[] {
  return events.filter(({ what: own }) => own === what) as EventOf<What>[];
}
