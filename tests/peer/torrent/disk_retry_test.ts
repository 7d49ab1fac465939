import { DiskRetry } from "../../../peer/torrent/disk_retry.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("a full disk is tried again once after 30 s", () => {
  const retry = new DiskRetry();
  assertEquals(retry.isDue(1_000_000), false);
  retry.failed({ kind: "full" }, 1_000_000);
  assertEquals(retry.isDue(1_029_999), false);
  assertEquals(retry.isDue(1_030_000), true);
  assertEquals(retry.isDue(2_000_000), false);
});

Deno.test("missing and changed files are not tried again: they wait for a person", () => {
  const retry = new DiskRetry();
  for (const kind of ["missing", "changed", "other"] as const) {
    retry.failed({ kind: "full" }, 0);
    retry.failed({ kind }, 1000);
    assertEquals(retry.isDue(1e12), false);
  }
  retry.failed({ kind: "full" }, 0);
  retry.cancel();
  assertEquals(retry.isDue(1e12), false);
});
