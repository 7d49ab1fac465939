import { assertEquals } from "../../support/assert.ts";
import { didYouMean, nearest } from "../../../shell/base/did_you_mean.ts";

const VERBS = ["send", "download", "scrape", "list", "status", "stop", "pause", "peerinfo", "exit"];

Deno.test("nearest() finds what was meant", () => {
  const cases: [string, string][] = [
    ["donwload", "download"],
    ["downlod", "download"],
    ["lst", "list"],
    ["sned", "send"],
    ["stat", "status"],
    ["SCRAP", "scrape"],
    ["exti", "exit"],
    ["peer", "peerinfo"],
  ];
  for (const [typed, meant] of cases) assertEquals(nearest(typed, VERBS), meant, typed);
});

Deno.test("nearest() guesses nothing where nothing is near", () => {
  assertEquals(nearest("frobnicate", VERBS), undefined);
  assertEquals(nearest("xy", VERBS), undefined);
  assertEquals(didYouMean("xy", VERBS), "");
  assertEquals(didYouMean("sned", VERBS), ' Did you mean "send"?');
});

Deno.test("several that may be meant are named, the nearest first", () => {
  const near = ["peer", "seeds", "peers", "pees2"];
  assertEquals(didYouMean("pees", near, 3), ' Did you mean "pees2", "peer" or "peers"?');
  assertEquals(didYouMean("pees", near, 2), ' Did you mean "pees2" or "peer"?');
});
