/**
 * `-` where a .torrent is expected: programs in a pipe.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../support/assert.ts";
import { runToEnd } from "../support/process.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { VTORRENT } from "../support/vtorrent.ts";

Deno.test("- is standard input and output, from create to download", async () => {
  await using folder = await TempFolder.make();
  await folder.write("a.bin", patternBytes(100_000));
  const pipe = async (line: string): Promise<string> => {
    const command = line.replaceAll("vtorrent", VTORRENT);
    const { code, stdout, stderr } = await runToEnd(
      "bash",
      ["-o", "pipefail", "-c", command],
      { cwd: folder.path },
    );
    assertEquals(code, 0, `${line}: ${stderr}`);
    return stdout;
  };
  assertMatch(await pipe("vtorrent create a.bin -o - | vtorrent link -"), /^magnet:\?xt=urn:btih:/);
  const shown = await pipe(
    "vtorrent create a.bin -o - | vtorrent edit - --comment hi | vtorrent show - --json",
  );
  assertEquals(JSON.parse(shown).comment, "hi");
  assertMatch(await pipe("vtorrent create a.bin -o - | vtorrent verify -"), /^complete\tyes$/m);
  assertMatch(
    await pipe(
      "vtorrent create a.bin -o - | vtorrent download - --host 127.0.0.1 --port 0 --no-discovery",
    ),
    /"a\.bin" is complete/,
  );
});
