import { programOf, runSteps, STEPS } from "../../lab/grade/mod.ts";
import { assertEquals } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("bytes behind Content-Length fail the probe of HTTP, and not that of bencode", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const body = "d8:intervali1800e5:peers0:e";
  const reply = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}\r\n`;
  const serving = (async () => {
    for await (const socket of listener) {
      await socket.read(new Uint8Array(4096));
      await socket.write(new TextEncoder().encode(reply));
      socket.close();
    }
  })();
  await using folder = await TempFolder.make();
  const outcomes = await runSteps(STEPS.tracker, {
    program: programOf([`http://127.0.0.1:${listener.addr.port}/announce`]),
    ...{ seed: 7, folder: folder.path, only: ["T1.1", "T1.2", "T1.3"], slow: false, all: false },
    stop: new AbortController().signal,
  });
  listener.close();
  await serving.catch(() => {});
  assertEquals(outcomes.map(({ probe, verdict }) => `${probe.id} ${verdict}`), [
    ...["T1.1 passed", "T1.2 passed", "T1.3 failed"],
  ]);
});
