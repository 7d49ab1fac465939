import { alternativeName, partNames } from "../../../peer/storage/disk_name.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("an unfinished file is called .part", () => {
  assertEquals(partNames(["a.pdf", "x/b"]), ["a.pdf.part", "x/b.part"]);
});

Deno.test("a torrent that has files called .part itself gets other names, whatever their case", () => {
  assertEquals(partNames(["a", "A.PART", "a.1.part"]), [
    "a.2.part",
    "A.PART.part",
    "a.1.part.part",
  ]);
});

Deno.test("alternative names keep folder and extension", () => {
  assertEquals(alternativeName("talk.pdf", 0), "talk.pdf");
  assertEquals(alternativeName("talk.pdf", 1), "talk (1).pdf");
  assertEquals(alternativeName("v1.2/talk", 3), "v1.2/talk (3)");
  assertEquals(alternativeName("x/.profile", 2), "x/.profile (2)");
});
