/**
 * Reports in a browser: every kind of figure, in light and dark, for everybody to read.
 *
 * @module
 */
import type { Page } from "playwright-core";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { seriousFindings, TestBrowser } from "../../support/browser.ts";
import { isInstalled } from "../../support/other_clients.ts";
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
      for (const width of [viewport.width, A4.width]) {
        await page.setViewportSize({ width, height: A4.height });
        assertEquals(await cutOff(page), [], `${report}, printed ${width} pixels wide`);
      }
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

Deno.test({
  name: "each word of a printed report lies on its sheet",
  ignore: !await isInstalled("pdftotext", "poppler-utils"),
  fn: async () => {
    await using browser = await TestBrowser.start();
    if (browser === undefined) return;
    await using folder = await TempFolder.make();
    await folder.write("small.jsonc", small("60s"));
    const one = await runLab(folder, ["run", "small.jsonc", "--out", "one"]);
    assertEquals(one.status, 0, one.err);
    const other = await runLab(folder, [
      ...["run", "small.jsonc", "--set", "peers.seed.up=50k", "--out", "a-report-with-a-long-name"],
    ]);
    assert(other.status < 2, other.err);
    const both = await runLab(folder, [
      ...["compare", "one", "a-report-with-a-long-name", "--out", "both"],
    ]);
    assertEquals(both.status, 0, both.err);
    for (const name of ["one/report", "both/compare"]) {
      const page = await browser.open(`file://${folder.at(name)}.html`);
      const path = folder.at("print.pdf");
      await page.pdf({ format: "A4", margin: MARGINS, path });
      assertEquals(await cutOff(page), [], name);
      await page.context().close();
      const { stdout } = await new Deno.Command("pdftotext", { args: ["-bbox", path, "-"] })
        .output();
      const words = [...new TextDecoder().decode(stdout).matchAll(WORD)]
        .map(([, left, , right, , says]) => ({ left: Number(left), right: Number(right), says }));
      assert(words.length > 300, `${name}: ${words.length} words`);
      const outside = words.filter(({ left, right }) =>
        left < POINTS.left - 1 || right > POINTS.right + 1
      );
      assertEquals(outside, [], name);
    }
  },
});

/** What A4 leaves between margins of 15 mm: pixels of CSS; and from the sheet's edge in points. */
const MARGINS = { top: "15mm", bottom: "15mm", left: "15mm", right: "15mm" };
const A4 = { width: 680, height: 1009 };
const POINTS = { left: 42.5, right: 595.3 - 42.5 };
/** A word in what `pdftotext -bbox` says. */
const WORD = /<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)</g;

/** Words of drawings that reach beyond their drawing, or across each other; tables that are cut. */
async function cutOff(page: Page): Promise<string[]> {
  const tables = await page.locator(".scroll:not([tabindex])").evaluateAll((all) =>
    all.flatMap((one) =>
      one.scrollWidth > one.clientWidth + 1
        ? [`${one.scrollWidth} > ${one.clientWidth}: "${one.textContent?.slice(0, 80)}"`]
        : []
    )
  );
  return [...tables, ...await parted(page), ...await wordsCutOff(page)];
}

/** Numbers that stand on another line than their unit, and flags than their value. */
async function parted(page: Page): Promise<string[]> {
  return await page.locator("main").evaluate((main) => {
    const document = main.ownerDocument;
    const textNodes = 4;
    const walker = document.createTreeWalker(main, textNodes);
    const found: string[] = [];
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = node.textContent ?? "";
      for (const one of text.matchAll(/\d\s(?:%|k?B|[MG]B|s)(?![\w])|--[a-z]+(?: \S+=\S+)?/g)) {
        const range = document.createRange();
        range.setStart(node, one.index);
        range.setEnd(node, one.index + one[0].length);
        const tops = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
        if (tops.size > 1) found.push(`"${one[0]}" is on two lines`);
      }
    }
    return found;
  });
}

async function wordsCutOff(page: Page): Promise<string[]> {
  return await page.locator("svg").evaluateAll((drawings) =>
    drawings.flatMap((drawing) => {
      const around = drawing.getBoundingClientRect();
      // Lines of words may come near each other: by a third of their height.
      const near = 6 * around.width / 1200;
      const words = [...drawing.querySelectorAll("text")]
        .map((text) => ({ says: text.textContent, at: text.getBoundingClientRect() }));
      const name = drawing.getAttribute("aria-label");
      return words.flatMap(({ says, at }, index) => {
        const isOut = at.left < around.left - 1 || at.right > around.right + 1 ||
          at.top < around.top - 1 || at.bottom > around.bottom + 1;
        const over = words.slice(index + 1).filter(({ at: other }) =>
          Math.min(at.right, other.right) - Math.max(at.left, other.left) > 1 &&
          Math.min(at.bottom, other.bottom) - Math.max(at.top, other.top) > near
        );
        return [
          ...(isOut ? [`${name}: "${says}" is cut off`] : []),
          ...over.map((other) => `${name}: "${says}" lies on "${other.says}"`),
        ];
      });
    })
  );
}
