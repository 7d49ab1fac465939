import { type DialMethod, dialMethods, dialMethodsAfter } from "../../../peer/peers/dial_order.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const words = (ways: readonly DialMethod[]) => ways.map((way) => `${way.transport} ${way.opening}`);

Deno.test("TCP in clear comes first, unless something else is wanted or has worked", () => {
  const ways = (encryption: "allow" | "require" | "off", utp: "allow" | "prefer" | "off") =>
    words(dialMethods({ encryption, utp }, undefined));
  assertEquals(ways("allow", "allow"), [
    "tcp plain",
    "tcp encrypted",
    "utp plain",
    "utp encrypted",
  ]);
  assertEquals(ways("off", "prefer"), ["utp plain", "tcp plain"]);
  assertEquals(ways("require", "off"), ["tcp encrypted"]);
  const known = { transport: "utp", opening: "encrypted" } as const;
  assertEquals(
    words(dialMethods({ encryption: "allow", utp: "allow" }, known))[0],
    "utp encrypted",
  );
  // Settings may have changed since.
  assertEquals(words(dialMethods({ encryption: "off", utp: "off" }, known)), ["tcp plain"]);
});

Deno.test("the next attempt depends on the outcome of the last", () => {
  const [first, ...rest] = dialMethods({ encryption: "allow", utp: "allow" }, undefined);
  const others = ["tcp encrypted", "utp plain", "utp encrypted"];
  assertEquals(words(dialMethodsAfter(first!, "hung up", rest)), others);
  assertEquals(words(dialMethodsAfter(first!, "silent", rest)), others);
  assertEquals(words(dialMethodsAfter(first!, "no answer", rest)), ["utp plain", "utp encrypted"]);
  assertEquals(words(dialMethodsAfter(first!, "refused", rest)), ["utp plain", "utp encrypted"]);
  assertEquals(dialMethodsAfter(first!, "unfit", rest), []);
});

Deno.test("whichever way alone a peer speaks, one call comes to it", () => {
  for (const utp of ["allow", "prefer"] as const) {
    const all = dialMethods({ encryption: "allow", utp }, undefined);
    for (const spoken of all) {
      for (const outcome of ["hung up", "silent"] as const) {
        let ways = all;
        let calls = 1;
        for (; ways[0] !== spoken; calls++) {
          ways = dialMethodsAfter(ways[0]!, outcome, ways.slice(1));
        }
        assert(calls <= all.length);
      }
    }
  }
});
