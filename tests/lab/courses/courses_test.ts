import { assert } from "../../support/assert.ts";
import courses from "./courses.json" with { type: "json" };
import { playCourses } from "./play_courses.ts";

Deno.test("the built-in scenarios go as it is written down, on every machine", async () => {
  const written: Readonly<Record<string, string>> = courses;
  const played = await playCourses();
  const names = [...new Set([...Object.keys(written), ...Object.keys(played)])];
  const changed = names.filter((name) => written[name] !== played[name])
    .map((name) => `${name}: ${written[name] ?? "not written down"} → ${played[name] ?? "gone"}`);
  assert(
    changed.length === 0,
    "Other courses of events than in tests/lab/courses/courses.json. Where a rule was changed on " +
      "purpose, deno task lab:courses writes them anew, and the commit says which rule it was:\n" +
      changed.join("\n"),
  );
});
