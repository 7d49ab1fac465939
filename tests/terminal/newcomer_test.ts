/**
 * Somebody who has never seen it: `./vtorrent`, and then only what the screen says, leads to a
 * finished transfer.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { canMakeHosts, HostNetwork } from "../support/hosts.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { haveTerminal, Terminal } from "../support/terminal.ts";
import { VTORRENT } from "../support/vtorrent.ts";

const ignore = !await haveTerminal() || !await canMakeHosts();

Deno.test({ name: "./vtorrent leads to a finished transfer", ignore }, async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await Deno.symlink(VTORRENT, folder.at("vtorrent"));
  // The commands are typed as they stand, with their usual ports: on a host of their own.
  await using network = await HostNetwork.start(["laptop"]);
  const { through } = network.host("laptop");
  const open = async () => {
    const shell = [...through, "sh"];
    const terminal = await Terminal.start(shell, { cwd, columns: 100, env: { PS1: "$ " } });
    await terminal.until(/^[$#]$/m);
    return terminal;
  };
  await using first = await open();
  await using second = await open();
  await using third = await open();

  await first.enter("./vtorrent");
  const welcome = (await first.until(/--help\n/)).join("\n");
  const commands = [...welcome.matchAll(/^ {2}\d\. {2}(.*)$/gm)].map((match) => match[1]!);
  const [folderOfOne] = /peer_files\/\S+\//.exec(welcome)!;
  assertEquals(commands.length, 3);

  await first.enter(commands[0]!);
  await first.until(/^tracker>$/m);
  // "Put a file into …"
  await folder.write(`${folderOfOne}holiday film.mp4`, patternBytes(700_000));
  const next = async (terminal: Terminal): Promise<string> => {
    const lines = await terminal.until(/^Next: [^.]*/m);
    return /^Next: (.*?)(?:, or list|\. help)/m.exec(lines.join("\n"))![1]!;
  };
  await second.enter(commands[1]!);
  const send = await next(second);
  await second.enter(send);
  await second.until(/in catalogue +yes/);
  await third.enter(commands[2]!);
  const download = await next(third);
  await third.enter(download);
  await third.until(/"holiday film\.mp4" is complete/);
  assertEquals(
    await folder.read("peer_files/peer_2/holiday film.mp4"),
    await folder.read("peer_files/peer_1/holiday film.mp4"),
  );
  assert(send.includes("torrent -mode send"), send);
  assert(download.includes("torrent -mode download"), download);
  for (const terminal of [third, second, first]) {
    await terminal.enter("exit");
    await terminal.until((lines) => /^[$#]$/.test(lines.at(-1)!));
  }
});
