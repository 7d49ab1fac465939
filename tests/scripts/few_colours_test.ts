import { join } from "@std/path";
import { withPalette } from "../../scripts/few_colours.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { TestBrowser } from "../support/browser.ts";
import { TempFolder } from "../support/temp_folder.ts";

const IMAGES = join(import.meta.dirname!, "..", "..", "docs", "images");

Deno.test("a picture with a palette shows the same pixels to a browser", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using folder = await TempFolder.make();
  const page = await browser.open("about:blank", { viewport: { width: 300, height: 200 } });
  await page.setContent(
    `<body style="margin:0;background:linear-gradient(90deg,#000,#fff 250px)"><p>words</p>`,
  );
  const picture = await page.screenshot();
  const small = withPalette(picture);
  await folder.write("small.html", `<body style="margin:0">${image(small)}</body>`);
  await page.goto(`file://${folder.at("small.html")}`);
  // Greys: no more of them than the palette has.
  assertEquals(withPalette(await page.screenshot()), small);
});

Deno.test("pictures of reports are small, and there is one of each in print", async () => {
  const pictures: string[] = [];
  for await (const { name } of Deno.readDir(IMAGES)) {
    if (!name.startsWith("lab-")) continue;
    pictures.push(name);
    const { size } = await Deno.stat(join(IMAGES, name));
    assert(size < 150_000, `${name}: ${size} bytes`);
  }
  const scenarios = [
    ...new Set(pictures.map((name) => name.replace(/-(light|dark|print)\.png$/, ""))),
  ];
  const ways = ["light", "dark", "print"];
  assertEquals(
    pictures.sort(),
    scenarios.flatMap((name) => ways.map((way) => `${name}-${way}.png`)).sort(),
  );
});

function image(png: Uint8Array): string {
  return `<img style="display:block" src="data:image/png;base64,${png.toBase64()}">`;
}
