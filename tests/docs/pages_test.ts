/**
 * The documentation, typed into terminals on a host of its own.
 *
 * @module
 */
import { join } from "@std/path";
import { assertEquals } from "../support/assert.ts";
import { runPage, unrunBlocks } from "../support/doc_runner.ts";
import { canMakeHosts, HostNetwork } from "../support/hosts.ts";
import { isInstalled } from "../support/other_clients.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { haveTerminal } from "../support/terminal.ts";
import { VTORRENT } from "../support/vtorrent.ts";

const DOCS = join(import.meta.dirname!, "..", "..", "docs");
/** Page → programs that it needs beside ours, and their packages. */
const PAGES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "tutorial.md": [],
  "teaching.md": [["tshark", "tshark"]],
  "other-clients.md": [["aria2c", "aria2"], ["transmission-cli", "transmission-cli"]],
  "troubleshooting.md": [],
};

const canRun = await haveTerminal() && await canMakeHosts();

for (const [name, programs] of Object.entries(PAGES)) {
  let ignore = !canRun;
  for (const [command, debianPackage] of programs) {
    ignore ||= !await isInstalled(command, debianPackage);
  }
  Deno.test({ name: `docs/${name} is true, command by command`, ignore }, async () => {
    const page = await Deno.readTextFile(join(DOCS, name));
    assertEquals(unrunBlocks(page), [], "blocks without <!-- terminal N -->");
    await using folder = await TempFolder.make();
    await Deno.symlink(VTORRENT, folder.at("vtorrent"));
    await using network = await HostNetwork.start(["laptop"]);
    await runPage(page, { cwd: folder.path, through: network.host("laptop").through });
  });
}
