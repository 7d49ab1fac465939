/**
 * `open`: the page of this peer or tracker in the browser.
 *
 * @module
 */
import type { Verb } from "./verb.ts";
import type { View } from "../view/view.ts";

export const open: Verb = {
  name: "open",
  aliases: ["page"],
  summary: "open the web page in a browser (Ctrl-O)",
  peer: async ({ page }) => opened(await page.open()),
  tracker: async ({ page }) => opened(await page.open()),
};

function opened(url: string): View {
  return {
    view: "sentence",
    event: "opened",
    text: `The browser shows ${url}`,
    facts: { url },
  };
}
