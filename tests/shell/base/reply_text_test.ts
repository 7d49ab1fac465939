import { replyText } from "../../../shell/base/reply_text.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

Deno.test("a reply is read up to its bound, and cancelled beyond it", async () => {
  assertEquals(await replyText(new Response("grüße"), 7), "grüße");
  assertEquals(await replyText(new Response(null), 0), "");
  let isCancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (to) => to.enqueue(new Uint8Array(1000)),
    cancel: () => void (isCancelled = true),
  });
  await assertRejects(() => replyText(new Response(endless), 5000), RangeError);
  assertEquals(isCancelled, true);
});

Deno.test("a character that is cut between two chunks is whole", async () => {
  const bytes = new TextEncoder().encode("€");
  const cut = new ReadableStream<Uint8Array>({
    start: (to) => {
      for (const byte of bytes) to.enqueue(Uint8Array.of(byte));
      to.close();
    },
  });
  assertEquals(await replyText(new Response(cut), 3), "€");
});
