/**
 * `vtorrent tracker`: a tracker with a shell.
 *
 * @module
 */
import { startTracker } from "../../tracker/mod.ts";
import { History } from "../history.ts";
import { narrateTracker } from "../narrate_tracker.ts";
import { runShell } from "../repl.ts";
import type { ProgramCall } from "../program_table.ts";

export async function run({ flags, world, screen }: ProgramCall): Promise<number> {
  await using tracker = await startTracker({
    ...(flags.host === undefined ? {} : { host: flags.host }),
    ...(flags.port === undefined ? {} : { port: flags.port }),
    ...(flags["publish-token"] === undefined ? {} : { publishToken: flags["publish-token"] }),
  });
  using _events = tracker.subscribe((event) => screen.event(event, narrateTracker(event)));
  screen.event(
    { event: "started", ...{ role: "tracker", urls: tracker.urls, port: tracker.port } },
    undefined,
  );
  screen.say(`Tracker: ${tracker.urls.join("  ")}`);
  screen.say(
    "Peers on this machine find it by themselves; others take --tracker with that address.",
  );
  screen.say("Type status, list, peerinfo or help.");
  return await runShell({
    session: { role: "tracker", tracker },
    world,
    screen,
    flags,
    prompt: () => "tracker> ",
    history: await History.open(undefined),
  });
}
