/**
 * Reports in a browser: every kind of figure, in light and dark, for everybody to read.
 *
 * @module
 */
import type { Page } from "playwright-core";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { seriousFindings, TestBrowser } from "../../support/browser.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { runLab, small } from "./run_lab.ts";

Deno.test("reports hide nothing from anybody: axe, words cut off, light, dark and print", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using folder = await TempFolder.make();
  await folder.write("small.jsonc", small("60s"));
  const { status, err } = await runLab(folder, ["run", "small.jsonc", "--out", "figures"]);
  assertEquals(status, 0, err);
  const words = await runLab(folder, [
    ...["run", "on-the-wire", "--set", "content.size=64KiB", "--out", "words"],
  ]);
  assertEquals(words.status, 0, words.out + words.err);

  for (const report of ["figures", "words"]) {
    for (const colorScheme of ["light", "dark"] as const) {
      const viewport = { width: 1280, height: 720 };
      const url = `file://${folder.at(report)}/report.html`;
      const page = await browser.open(url, { viewport, colorScheme });
      await page.locator("details").evaluateAll((all) =>
        all.forEach((one) => one.setAttribute("open", ""))
      );
      assertEquals(await seriousFindings(page), [], `${report}, ${colorScheme}`);
      assertEquals(await cutOff(page), [], report);
      await page.emulateMedia({ media: "print" });
      assertEquals(await seriousFindings(page), [], `${report}, ${colorScheme}, printed`);
      await page.context().close();
    }
  }
  assertEquals([browser.problems, browser.foreign], [[], []]);
});

Deno.test("on-the-wire draws what two peers say, in words and bytes, in the order of BEP 3", async () => {
  await using folder = await TempFolder.make();
  const args = ["run", "on-the-wire", "--set", "content.size=64KiB", "--out", "words"];
  const { status, out, err } = await runLab(folder, args);
  assertEquals(status, 0, out + err);
  const rows = (await Deno.readTextFile(folder.at("words/figures/sequence.csv"))).trim()
    .split("\r\n").slice(1).map((row) => row.split(/,(?! )/));
  const said = rows.map(([, , from, , words]) => `${from} ${words!.replaceAll('"', "")}`);
  const order = [
    // Either may call, and so greet first.
    " handshake",
    "leech interested",
    "seed unchoke",
    "leech request piece 0, begin 0, length 16384",
    "seed block of piece 0, begin 0, length 16384",
  ].map((one) => said.findIndex((other) => other.endsWith(one)));
  assert(!order.includes(-1), said.join("\n"));
  assertEquals(order, order.toSorted((a, b) => a - b), said.join("\n"));
  const bytes = rows[said.findIndex((one) => one.includes(" request "))]!;
  assertEquals(bytes.slice(5), ["17", "00 00 00 0d 06 00 00 00 00 00 00 00 00 00 00 40 00"]);
});

Deno.test("beside the packets of a real run lies a text with each message in a sentence", async () => {
  await using folder = await TempFolder.make();
  const args = ["run", "on-the-wire", "--set", "content.size=64KiB", "--out", "words"];
  const { status, out, err } = await runLab(folder, args);
  assertEquals(status, 0, out + err);
  assertStringIncludes(out, `What they said, a line each: ${folder.at("words/wire/1.txt")}`);
  const page = await Deno.readTextFile(folder.at("words/report.html"));
  assertStringIncludes(page, "<code>wire/1.txt</code>");
  const names = (await Array.fromAsync(Deno.readDir(folder.at("words/wire")))).map(({ name }) =>
    name
  );
  assertEquals(names.sort(), ["1.pcap", "1.txt"]);
  const text = await Deno.readTextFile(folder.at("words/wire/1.txt"));
  const said = text.split("\n").flatMap((line) =>
    /^ *[\d.]+ {2}(\w+) +→ (\w+) +(.+)$/.exec(line)?.slice(1) ?? []
  );
  const count = (from: string, what: RegExp) =>
    said.filter((sentence, index) =>
      index % 3 === 2 && said[index - 2] === from && what.test(sentence)
    )
      .length;
  const heard = (await Deno.readTextFile(folder.at("words/events.jsonl"))).trim().split("\n")
    .map((line) => JSON.parse(line)).filter(({ what }) => what === "heard");
  for (const from of ["seed", "leech"]) {
    for (const kind of ["handshake", "request", "piece", "have", "interested", "unchoke"]) {
      const those = heard.filter((event) => event.from === from && event.kind === kind);
      // What has not reached the other end when the run ends was said all the same.
      const lines = count(from, new RegExp(`^${kind}: `));
      assert(
        lines >= those.length,
        `${from}: ${kind}: ${lines} lines, heard ${those.length} times`,
      );
    }
  }
  assertEquals(count("leech", /^request: piece 0, 16\.0 KiB from byte \d+$/), 4, text);
  assertEquals(count("seed", /^piece: piece 0, 16\.0 KiB from byte \d+$/), 4, text);
  assertEquals(count("leech", /^interested: seed has pieces that leech wants$/), 1, text);
});

/** Words of drawings that reach beyond their drawing, or across each other. */
async function cutOff(page: Page): Promise<string[]> {
  return await page.locator("svg").evaluateAll((drawings) =>
    drawings.flatMap((drawing) => {
      const around = drawing.getBoundingClientRect();
      const words = [...drawing.querySelectorAll("text")]
        .map((text) => ({ says: text.textContent, at: text.getBoundingClientRect() }));
      const name = drawing.getAttribute("aria-label");
      return words.flatMap(({ says, at }, index) => {
        const isOut = at.left < around.left - 1 || at.right > around.right + 1 ||
          at.top < around.top - 1 || at.bottom > around.bottom + 1;
        const over = words.slice(index + 1).filter(({ at: other }) =>
          Math.min(at.right, other.right) - Math.max(at.left, other.left) > 1 &&
          Math.min(at.bottom, other.bottom) - Math.max(at.top, other.top) > 6
        );
        return [
          ...(isOut ? [`${name}: "${says}" is cut off`] : []),
          ...over.map((other) => `${name}: "${says}" lies on "${other.says}"`),
        ];
      });
    })
  );
}
