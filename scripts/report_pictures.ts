/**
 * Makes the pictures of the lab's reports in docs/images/ from runs of the built program: of each in
 * light and dark the top of the page, with its first figure, and the first sheet as it is printed
 * (needs pdftoppm, of poppler-utils).
 *
 *     deno task pages
 *
 * @module
 */
import { join } from "@std/path";
import { TestBrowser } from "../tests/support/browser.ts";
import { TempFolder } from "../tests/support/temp_folder.ts";
import { VTORRENT } from "../tests/support/vtorrent.ts";

const IMAGES = join(import.meta.dirname!, "..", "docs", "images");
/** Scenario → the figure down to whose end the page is shown. */
const SHOWN = {
  "on-the-wire": "sequence",
  board: "board-40",
  "rarest-first": "copies-rarest",
  scaling: "scaling",
  chokes: "chokes-fast-seed",
};
const PAPER = {
  format: "A4",
  margin: { top: "15mm", bottom: "15mm", left: "15mm", right: "15mm" },
};
/** Pixels below the figure. */
const MARGIN = 10;

await using browser = await TestBrowser.start();
if (browser === undefined) Deno.exit(1);
await using folder = await TempFolder.make();

/** A picture of the first sheet. */
async function pictureOfPrint(url: string, picture: string): Promise<void> {
  const page = await browser!.open(url);
  const path = folder.at("print.pdf");
  await page.pdf({ ...PAPER, path });
  await page.context().close();
  const { success, stderr } = await new Deno.Command("pdftoppm", {
    args: ["-png", "-singlefile", "-f", "1", "-r", "96", path, picture],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

for (const [name, figure] of Object.entries(SHOWN)) {
  const { success, stdout } = await new Deno.Command(VTORRENT, {
    args: ["lab", "run", name, "--out", name],
    cwd: folder.path,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stdout));
  for (const colorScheme of ["light", "dark"] as const) {
    const viewport = { width: 1280, height: 720 };
    const url = `file://${folder.at(name)}/report.html`;
    const page = await browser.open(url, { viewport, colorScheme });
    const { y, height } = (await page.locator(`#${figure} svg`).boundingBox())!;
    const path = join(IMAGES, `lab-${name}-${colorScheme}.png`);
    await page.screenshot({
      path,
      fullPage: true,
      clip: { x: 0, y: 0, width: viewport.width, height: Math.ceil(y + height + MARGIN) },
    });
    await page.context().close();
  }
  await pictureOfPrint(
    `file://${folder.at(name)}/report.html`,
    join(IMAGES, `lab-${name}-print`),
  );
}
