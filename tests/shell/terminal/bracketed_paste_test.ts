import { assertEquals } from "../../support/assert.ts";
import { PasteFilter, splitPasted } from "../../../shell/terminal/bracketed_paste.ts";

Deno.test("PasteFilter leaves typing alone and takes commands out of pastes", () => {
  const filter = new PasteFilter("⏎");
  assertEquals(filter.push("status\r\x1b[A\t"), "status\r\x1b[A\t");
  assertEquals(
    filter.push("\x1b[200~list\r\n\tsend a\x1b]0;x\x07 b\nexit\r\x1b[201~\r"),
    "list⏎ send a]0;x b⏎exit⏎\r",
  );
  assertEquals(filter.push("x\r"), "x\r");
});

Deno.test("PasteFilter finds its marks wherever the terminal cuts its output", () => {
  const input = "ab\x1b[200~one\ntwo\x1b[201~c\x1b[Dd";
  for (let size = 1; size <= 6; size++) {
    const filter = new PasteFilter(";;");
    let out = "";
    for (let at = 0; at < input.length; at += size) out += filter.push(input.slice(at, at + size));
    // A lone Escape at the end of a chunk is the Escape key: only then marks may be missed.
    if (size > 1 && input.indexOf("\x1b[200~") % size !== size - 1) {
      if (input.indexOf("\x1b[201~") % size !== size - 1) assertEquals(out, "abone;;twoc\x1b[Dd");
    }
  }
});

Deno.test("splitPasted() gives the lines back", () => {
  assertEquals(splitPasted("status", "⏎"), ["status"]);
  assertEquals(splitPasted("status⏎list⏎", "⏎"), ["status", "list"]);
  assertEquals(splitPasted("", "⏎"), [""]);
  const hash = "ab".repeat(20);
  const broken = `download magnet:?xt=urn:btih:${hash}⏎  &dn=a%20b⏎&tr=http://a/⏎status`;
  assertEquals(splitPasted(broken, "⏎"), [
    `download magnet:?xt=urn:btih:${hash}&dn=a%20b&tr=http://a/`,
    "status",
  ]);
  const two = [`magnet:?xt=urn:btih:${hash}&dn=x`, `magnet:?xt=urn:btih:${hash}`];
  assertEquals(splitPasted(two.join("⏎"), "⏎"), two);
});
