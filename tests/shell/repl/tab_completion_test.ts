import { assertEquals } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { completeLine } from "../../../shell/repl/tab_completion.ts";
import type { PeerSession } from "../../../shell/commands/verb.ts";

/** As much of a session as Tab asks for. */
function session(dir: string, names: readonly string[]): PeerSession {
  return {
    role: "peer",
    engine: {
      dir,
      snapshot: () => ({
        torrents: [{ name: "own film.mkv", peers: [{ peerId: "a", name: "ada" }] }],
      }),
    },
    catalogues: { list: () => Promise.resolve({ entries: names.map((name) => ({ name })) }) },
  } as unknown as PeerSession;
}

Deno.test("Tab offers verbs, flags, words, files and names, and nothing that plays with the terminal", async () => {
  await using folder = await TempFolder.make();
  await folder.write("a b.txt", "");
  await folder.write("album/one.flac", "");
  await folder.write("half.iso.part", "");
  const peer = session(folder.path, ["lecture.pdf", "evil\x1b[2J.pdf", "bi\u202edi.pdf"]);
  const words = async (line: string) => (await completeLine(line, peer)).words;
  assertEquals(await words("sta"), ["status "]);
  assertEquals(await words("torrent -mode sta"), ["status "]);
  assertEquals(await words("tor"), ["torrent -mode "]);
  assertEquals(await words("status --w"), ["--watch "]);
  assertEquals(await words("explain o"), ["on ", "off "]);
  assertEquals(await words("explain d"), ["decisions "]);
  assertEquals(await words("explain decisions a"), ["ada"]);
  assertEquals(await words("send a"), ['"a b.txt"', "album/"]);
  assertEquals(await words("send album/"), ["album/one.flac"]);
  assertEquals(await words("download "), ["lecture.pdf", '"own film.mkv"']);
  assertEquals(await words("pause o"), ['"own film.mkv"']);
  assertEquals(await words("nonsense x"), []);
  // Behind flags with their values, one more of several, and a name with quotes in it.
  assertEquals(await words("send -c note --private al"), ["album/"]);
  assertEquals(await words('send album/one.flac "a'), ['"a b.txt"', "album/"]);
  await folder.write('The "Best" Talk.mp4', "");
  assertEquals(await words('send The "B'), ['"The \\"Best\\" Talk.mp4"']);
});
