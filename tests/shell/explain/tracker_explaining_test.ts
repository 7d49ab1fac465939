import { Screen } from "../../../shell/terminal/screen.ts";
import { TrackerExplaining } from "../../../shell/explain/tracker_explaining.ts";
import { startTracker, type Tracker } from "../../../tracker/mod.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { TestWorld } from "../../support/test_world.ts";

async function join(tracker: Tracker, port: number): Promise<void> {
  const query = `info_hash=${"h".repeat(20)}&peer_id=-TR3000-${"p".repeat(12)}&port=${port}&left=0`;
  const response = await fetch(`http://127.0.0.1:${tracker.port}/announce?${query}&event=started`);
  await response.body?.cancel();
}

Deno.test("a tracker tells who joins, a quiet one does not, and explains when asked to", async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const world = new TestWorld({ args: [], cwd: "/" });
  const quietWorld = new TestWorld({ args: [], cwd: "/" });
  using _telling = new TrackerExplaining(tracker, new Screen(world, {}), false);
  using quiet = new TrackerExplaining(tracker, new Screen(quietWorld, { quiet: true }), false);
  await join(tracker, 7001);
  assertMatch(world.stderr.text, /^Transmission 3\.00 \(127\.0\.0\.1:7001\) joins .*1 seeder, 0 /);
  assertEquals(quietWorld.stderr.text, "");
  quiet.on = true;
  await join(tracker, 7002);
  assertMatch(quietWorld.stderr.text, /7002/);
  quiet.on = false;
  const before = quietWorld.stderr.text;
  await join(tracker, 7003);
  assertEquals(quietWorld.stderr.text, before);
});
