import { type Way, waysAfter, waysTo } from "../../../peer/logic/ways.ts";
import { assertEquals } from "../../support/assert.ts";

const words = (ways: readonly Way[]) => ways.map((way) => `${way.transport} ${way.opening}`);

Deno.test("TCP in clear comes first, unless something else is wanted or has worked", () => {
  const ways = (encryption: "allow" | "require" | "off", utp: "allow" | "prefer" | "off") =>
    words(waysTo({ encryption, utp }, undefined));
  assertEquals(ways("allow", "allow"), [
    "tcp plain",
    "tcp encrypted",
    "utp plain",
    "utp encrypted",
  ]);
  assertEquals(ways("off", "prefer"), ["utp plain", "tcp plain"]);
  assertEquals(ways("require", "off"), ["tcp encrypted"]);
  const known = { transport: "utp", opening: "encrypted" } as const;
  assertEquals(words(waysTo({ encryption: "allow", utp: "allow" }, known))[0], "utp encrypted");
  // Settings may have changed since.
  assertEquals(words(waysTo({ encryption: "off", utp: "off" }, known)), ["tcp plain"]);
});

Deno.test("what is tried next depends on what came of the last", () => {
  const [first, ...rest] = waysTo({ encryption: "allow", utp: "allow" }, undefined);
  assertEquals(words(waysAfter(first!, "hung up", rest)), ["tcp encrypted"]);
  assertEquals(words(waysAfter(first!, "no answer", rest)), ["utp plain", "utp encrypted"]);
  assertEquals(waysAfter(first!, "refused", rest), []);
  assertEquals(waysAfter(first!, "unfit", rest), []);
});
