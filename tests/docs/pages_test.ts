/**
 * The documentation, typed into terminals on a host of its own.
 *
 * @module
 */
import { join } from "@std/path";
import { assert, assertEquals } from "../support/assert.ts";
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
  "http-api.md": [["curl", "curl"], ["jq", "jq"], ["python3", "python3"]],
  "events.md": [["jq", "jq"]],
  "worksheet.md": [],
  "room.md": [["jq", "jq"], ["nft", "nftables"]],
  "lab.md": [["python3", "python3"]],
};
/** What a page needs in its folder, beside the program: name → file. */
const FILES: Readonly<Record<string, string>> = {
  "peer.py": join(import.meta.dirname!, "..", "lab", "real", "small_peer.py"),
};
/** Experiments take their time, on a slow machine more of it (ms). */
const PATIENCE = 120_000;
/** Pages with terminals on several hosts, which share a folder: a terminal is on that of its name. */
const HOSTS: Readonly<Record<string, readonly string[]>> = {
  "room.md": ["admin", "pc-1", "pc-2", "pc-3", "pc-4"],
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
    for (const [file, path] of Object.entries(FILES)) await Deno.copyFile(path, folder.at(file));
    const hosts = HOSTS[name] ?? ["laptop"];
    await using network = await HostNetwork.start(hosts);
    // admin-2 is a second terminal of the first host.
    const through = (terminal: string) =>
      network.host(hosts.includes(terminal) ? terminal : hosts[0]!).through;
    await runPage(page, { cwd: folder.path, through, patience: PATIENCE });
  });
}

Deno.test("docs/lab-worksheet.md asks for nothing that docs/lab.md does not try", async () => {
  const [sheet, page] = await Promise.all(
    ["lab-worksheet.md", "lab.md"].map((name) => Deno.readTextFile(join(DOCS, name))),
  );
  const typed = (text: string): string[] => [...text.matchAll(/^\$ .*$/gm)].map(([line]) => line);
  assertEquals(typed(sheet!).filter((line) => !typed(page!).includes(line)), []);
  assert(typed(sheet!).length >= 16, "two commands for each of eight experiments");
});
