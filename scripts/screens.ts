/**
 * Makes the pictures in docs/images/ from the real program in a real terminal (tmux):
 *
 *     deno task screens
 *
 * @module
 */
import { join } from "@std/path";
import { screenToSvg } from "./screen_svg.ts";
import { Terminal } from "../tests/support/terminal.ts";

const ROOT = join(import.meta.dirname!, "..");
const IMAGES = join(ROOT, "docs", "images");
const VTORRENT = join(ROOT, "vtorrent");
const LOCAL = ["--host", "127.0.0.1"];
const ENV = { NO_COLOR: "", COLORTERM: "truecolor" };

/** Photographs a terminal. */
async function take(terminal: Terminal, name: string, size: { columns: number; rows: number }) {
  const svg = screenToSvg(await terminal.colours(), size);
  await Deno.writeTextFile(join(IMAGES, `${name}.svg`), svg);
}

async function main(): Promise<void> {
  await Deno.mkdir(IMAGES, { recursive: true });
  // A path that says nothing of the machine it was made on.
  const cwd = "/tmp/classroom";
  await Deno.mkdir(cwd);
  try {
    await play(cwd);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

async function play(cwd: string): Promise<void> {
  const size = { columns: 96, rows: 22 };
  const start = (...args: string[]) =>
    Terminal.start([VTORRENT, ...args], { cwd, ...size, rows: 40, env: ENV });
  const folder = join(cwd, "peer_files", "peer_1");
  await Deno.mkdir(folder, { recursive: true });
  const noise = crypto.getRandomValues.bind(crypto);
  for (const [name, blocks] of [["lecture.pdf", 120], ["slides.zip", 60]] as const) {
    using file = await Deno.open(join(folder, name), { write: true, create: true });
    for (let block = 0; block < blocks; block++) await file.write(noise(new Uint8Array(65536)));
  }
  await using tracker = await start("tracker", ...LOCAL, "--port", "0", "--no-db");
  const [, port] = /127\.0\.0\.1:(\d+)/.exec((await tracker.until(/^tracker>$/m)).join("\n"))!;
  const peer = (id: string, ...more: string[]) =>
    start("peer", id, ...LOCAL, "--port", "0", "--tracker", `127.0.0.1:${port}`, ...more);

  await using one = await peer("1", "--upload-limit", "1200k");
  await one.until(/^peer 1>$/m);
  for (const name of ["lecture.pdf", "slides.zip"]) {
    await one.enter(`send ${name}`);
    await one.until(new RegExp(`${name}[^]*in catalogue +yes[^]*peer 1>$`));
  }

  await using two = await peer("2");
  await two.until(/^peer 2>$/m);
  await two.enter("list");
  await two.until(/slides\.zip/);
  await two.enter("torrent -mode download lecture.pdf");
  await two.type("statu");
  await two.until(/^lecture\.pdf.*% .*left$/m);
  await take(two, "repl", size);
  await two.press("C-c");

  await two.enter("download slides.zip");
  await two.enter("status --watch");
  await two.until(/slides\.zip.*[▁-▇][^]*any other key ends this/);
  await take(two, "live", size);
  await two.press("q");

  // So small that the whole conversation fits.
  await Deno.writeFile(join(folder, "notes.txt"), noise(new Uint8Array(40_000)));
  await one.enter("send notes.txt");
  await one.until(/notes\.txt[^]*in catalogue +yes[^]*peer 1>$/);
  await using three = await peer("3");
  await three.until(/^peer 3>$/m);
  await three.enter("explain on");
  await three.enter("download notes.txt");
  await three.until(/is complete/);
  await take(three, "explain", { ...size, rows: 40 });

  await two.until((lines) => lines.at(-1) === "peer 2>");
  await two.enter("menu");
  await two.until(/❯ Download something/);
  await two.press("Down", "Down");
  await two.until(/❯ Watch/);
  await take(two, "menu", size);
  await two.press("C-c");
}

if (import.meta.main) await main();
