/**
 * Long answers of the shell, page by page in a terminal.
 *
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { haveTerminal, Terminal } from "../support/terminal.ts";
import { VTORRENT } from "../support/vtorrent.ts";

const ignore = !await haveTerminal();

Deno.test({ name: "long answers come page by page, others as they are", ignore }, async (t) => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  for (let n = 0; n < 300; n++) {
    await folder.write(`peer_files/peer_1/many/${String(n).padStart(3, "0")}`, `${n}`);
  }
  const peer = async (env: Record<string, string> = {}) => {
    const where = ["--host", "127.0.0.1", "--port", "0", "--tracker", "127.0.0.1:1", "--no-dht"];
    const terminal = await Terminal.start([VTORRENT, "peer", "1", ...where], { cwd, env });
    await terminal.until(/^peer 1>$/m);
    return terminal;
  };

  await t.step("space, search and q; the page stays above the next prompt", async () => {
    await using terminal = await peer();
    await terminal.enter("send many");
    await terminal.until(/is seeded but not[^]*peer 1>$/);
    await terminal.enter("fileinfo many");
    await terminal.until(/^name +many\n[^]*\n1 to 23 of \d+: space on, b back/);
    await terminal.press("Space");
    await terminal.until(/^22 to 44 of /m);
    await terminal.type("//250");
    await terminal.until(/^\/\/250$/m);
    await terminal.press("Enter");
    await terminal.until(/^251 +many\/250 /);
    await terminal.resize(60, 12);
    await terminal.until((lines) => lines.length === 12 && /^\d+ to \d+ of/.test(lines.at(-1)!));
    await terminal.type("G");
    await terminal.until(/No peers at the moment\.\n.*\(end\)/);
    await terminal.type("q");
    await terminal.until(/No peers at the moment\.\npeer 1>$/);
    // What was typed there is no line of the shell.
    await terminal.press("Up");
    await terminal.until(/peer 1> fileinfo many$/);
    await terminal.press("C-c");
    await terminal.enter("status");
    await terminal.until(/^many +seeding[^]*peer 1>$/m);
  });

  await t.step("Ctrl-C leaves it; what happened meanwhile is told then", async () => {
    await using terminal = await peer();
    await terminal.enter("help");
    await terminal.until(/^1 to 23 of /m);
    await terminal.press("C-c");
    await terminal.until(/^peer 1>$/m);
    await terminal.enter("exit");
    await terminal.until(/\[ended 0\]/);
  });

  await t.step("PAGER=cat prints all of it", async () => {
    await using terminal = await peer({ PAGER: "cat" });
    await terminal.enter("fileinfo many");
    const lines = await terminal.untilHistory(
      // What the start still has to tell may come between the answer and the prompt.
      (lines) => /No peers at the moment\.\n(.+\n)*peer 1>$/.test(lines.join("\n")),
      "the whole answer",
    );
    assertEquals(lines.filter((line) => /^\d+ +many\//.test(line)).length, 300);
  });
});
