import { AddressQuota, KEY_AGREEMENTS } from "../../../peer/admission/address_quota.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const countOf = (agreements: AddressQuota, address: string, calls: number, now: number) =>
  Array.from({ length: calls }, () => agreements.take(address, now)).filter(Boolean).length;

Deno.test("a classroom behind one address may call encrypted at once; a flood is cut", () => {
  const agreements = new AddressQuota(KEY_AGREEMENTS);
  assertEquals(countOf(agreements, "a", 40, 0), 40);
  assert(countOf(agreements, "a", 10_000, 0) < 40);
  assertEquals(countOf(agreements, "b", 40, 0), 40, "another address has its own");
});

Deno.test("the cost of a flood from many addresses is bounded per second", () => {
  const agreements = new AddressQuota(KEY_AGREEMENTS);
  const flood = (now: number) => {
    let answered = 0;
    for (let n = 0; n < 5000; n++) if (agreements.take(`${n}`, now)) answered++;
    return answered;
  };
  flood(0);
  for (let second = 1; second < 5; second++) assert(flood(second * 1000) <= 100);
});
