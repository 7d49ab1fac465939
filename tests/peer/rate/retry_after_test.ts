import { parseRetryAfter } from "../../../peer/rate/retry_after.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("Retry-After is read as seconds or as a date, never beyond a day (RFC 9110)", () => {
  const now = Date.UTC(2030, 0, 1, 12, 0, 0);
  const cases: [string | null, number | undefined][] = [
    [null, undefined],
    ["0", 0],
    ["120", 120],
    ["99999999999999999999", 86_400],
    ["Tue, 01 Jan 2030 12:01:30 GMT", 90],
    ["Tue, 01 Jan 2030 11:00:00 GMT", 0],
    ["Fri, 01 Jan 2100 00:00:00 GMT", 86_400],
    ["-1", undefined],
    ["1e3", undefined],
    ["soon", undefined],
    ["", undefined],
  ];
  for (const [text, seconds] of cases) assertEquals(parseRetryAfter(text, now), seconds, `${text}`);
});
