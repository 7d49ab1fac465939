/**
 * The client of npm's bittorrent-tracker at our tracker, over HTTP and over UDP.
 *
 * @module
 */
import { join } from "@std/path";
import { assertEquals } from "../support/assert.ts";
import { freePort } from "../support/free_port.ts";
import { TestProcess } from "../support/process.ts";
import { Vtorrent } from "../support/vtorrent.ts";

const INFO_HASH = "ab".repeat(20);

/** The client in a process of its own. */
class NpmClient extends TestProcess {
  readonly port: number;
  readonly #seen = new Map<string, number>();

  constructor(url: string, number: number) {
    const program = join(import.meta.dirname!, "..", "support", "npm_client.ts");
    const port = freePort();
    const peerId = new TextEncoder().encode(`-XX0001-${String(number).padStart(12, "0")}`).toHex();
    const args = ["run", "--quiet", "--allow-all", program, url, INFO_HASH, peerId, String(port)];
    super(Deno.execPath(), args, { typing: true });
    this.port = port;
  }

  /** Says a word, and the bytes it lacks; the answer's counts. */
  async say(word: string, left: number): Promise<[complete: unknown, incomplete: unknown]> {
    const event = word === "scrape" ? "scrape" : "update";
    await this.type(`${word} ${left}`);
    const { complete, incomplete } = await this.next(event);
    return [complete, incomplete];
  }

  /** The next event of that name. */
  async next(event: string): Promise<Record<string, unknown>> {
    const seen = this.#seen.get(event) ?? 0;
    this.#seen.set(event, seen + 1);
    return await this.until(() => {
      const events = this.stdout.map((line): Record<string, unknown> => JSON.parse(line));
      return events.filter((one) => one.event === event)[seen];
    }, `the ${event} ${seen + 1}`);
  }
}

for (const protocol of ["http", "udp"]) {
  Deno.test(`npm's client starts, updates, completes, scrapes and stops over ${protocol}`, async () => {
    const { tracker, url } = await Vtorrent.tracker({ args: ["--no-port-check"] });
    await using _tracker = tracker;
    const announce = url.replace("http:", `${protocol}:`);
    await using first = new NpmClient(announce, 1);
    await using second = new NpmClient(announce, 2);
    assertEquals(await first.say("start", 5), [0, 1]);
    assertEquals(await second.say("start", 5), [0, 2]);
    assertEquals((await second.next("peer")).peer, `127.0.0.1:${first.port}`);
    assertEquals(await first.say("update", 3), [0, 2]);
    assertEquals((await first.next("peer")).peer, `127.0.0.1:${second.port}`);
    assertEquals(await first.say("complete", 0), [1, 1]);
    assertEquals(await second.say("scrape", 3), [1, 1]);
    assertEquals(await first.say("stop", 0), [0, 1]);
    await second.type("scrape 3");
    const { complete, incomplete, downloaded } = await second.next("scrape");
    assertEquals([complete, incomplete, downloaded], [0, 1, 1]);
    const said = [...first.stdout, ...second.stdout].map((line) => JSON.parse(line).event);
    assertEquals(said.filter((event) => event === "warning" || event === "error"), []);
    assertEquals(
      tracker.events.filter(({ event }) => event === "announce").map(({ kind }) => kind),
      ["started", "started", "regular", "completed", "stopped"],
    );
  });
}

Deno.test("npm's client reads the warning that nobody can connect to it", async () => {
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  await using client = new NpmClient(url, 1);
  await client.say("start", 5);
  await tracker.event("unreachable");
  await client.say("update", 5);
  const { text } = await client.next("warning");
  assertEquals(text, `port ${client.port} is not reachable from the tracker`);
});
