/**
 * Writes down how the built-in scenarios go in virtual time, after a rule was changed on purpose:
 * `deno task lab:courses`.
 *
 * @module
 */
import { playCourses } from "../tests/lab/courses/play_courses.ts";

const path = new URL("../tests/lab/courses/courses.json", import.meta.url);
await Deno.writeTextFile(path, JSON.stringify(await playCourses(), undefined, 2) + "\n");
