/**
 * Chromium without a screen, which reaches nothing but this machine.
 *
 * @module
 */
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import axe from "axe-core";
import { isInstalled } from "./other_clients.ts";

/** A name that leads to this machine, as an attacker's does after DNS rebinding. */
export const FOREIGN_NAME = "evil.example";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  `--host-resolver-rules=MAP ${FOREIGN_NAME} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
];

/** A browser, and what went wrong in its pages. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;
  /** Errors of pages: exceptions, and what their policy forbids. */
  readonly problems: string[] = [];
  /** Addresses that were asked for outside of this machine. */
  readonly foreign: string[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** undefined where it is not installed; see `isInstalled`. */
  static async start(): Promise<TestBrowser | undefined> {
    if (!await isInstalled("chromium", "chromium")) return undefined;
    const executablePath = await pathOf("chromium");
    return new TestBrowser(await chromium.launch({ executablePath, args: ARGS }));
  }

  /** A page with nothing of other pages in it. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext(options);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on("pageerror", (error) => this.problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.problems.push(message.text());
    });
    page.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (protocol.startsWith("http") && hostname !== "127.0.0.1") this.foreign.push(request.url());
    });
    await page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** What axe finds serious or critical in a page, a line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Through the debugger: the page's own policy rightly lets no foreign script in.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run();
    return violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      where: nodes.map(({ html }) => html.slice(0, 160)),
    }));
  });
  return found.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, where }) => `${id}: ${where.join(" | ")}`);
}

async function pathOf(command: string): Promise<string> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = `${folder}/${command}`;
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  }
  throw new Error(`${command} is not in PATH`);
}
