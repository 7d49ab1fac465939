import { PlacesToCall } from "../../../peer/connections/places_to_call.ts";
import { assertEquals } from "../../support/assert.ts";

const since = (...times: number[]) => times.map((connectedAt) => ({ connectedAt }));

Deno.test("a download to which nobody gives a block for half a minute calls on", () => {
  const places = new PlacesToCall(80);
  assertEquals(places.most([], true, 100_000), 40, "nobody is there who could");
  assertEquals(places.most(since(75_000, 80_000), true, 100_000), 40, "nobody had the time");
  assertEquals(places.most(since(70_000, 80_000), true, 100_000), 60);
  assertEquals(places.most(since(70_000, 80_000), false, 100_000), 40, "nothing is to be fetched");
  places.fed(100_000);
  assertEquals(places.most(since(0, 0), true, 129_999), 40);
  assertEquals(places.most(since(0, 0), true, 130_000), 60);
});

Deno.test("without the rule it calls until all places are taken", () => {
  assertEquals(new PlacesToCall(80, false).most(since(100_000), true, 100_000), 80);
});

Deno.test("it says once that it calls nobody else, and again when the number changes", () => {
  const places = new PlacesToCall(80);
  const told: string[] = [];
  places.onDecision = (called, of) => told.push(`${called} of ${of}`);
  for (const most of [40, 40, 60, 60, 40]) places.stopped(most);
  assertEquals(told, ["40 of 80", "60 of 80", "40 of 80"]);
});
