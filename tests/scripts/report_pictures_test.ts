import { join } from "@std/path";
import { assertEquals } from "../support/assert.ts";

const IMAGES = join(import.meta.dirname!, "..", "..", "docs", "images");

Deno.test("each report that has a picture has one in light, in dark and in print", async () => {
  const pictures: string[] = [];
  for await (const { name } of Deno.readDir(IMAGES)) {
    if (name.startsWith("lab-")) pictures.push(name);
  }
  const scenarios = [
    ...new Set(pictures.map((name) => name.replace(/-(light|dark|print)\.png$/, ""))),
  ];
  const ways = ["light", "dark", "print"];
  assertEquals(
    pictures.sort(),
    scenarios.flatMap((name) => ways.map((way) => `${name}-${way}.png`)).sort(),
  );
});
