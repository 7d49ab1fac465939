/**
 * Names of others in a real terminal: whatever they hold, the bytes that reach it are text and our own
 * escape sequences. The same for `--json` and for a log.
 *
 * @module
 */
import { encodeBencode } from "../../protocol/bencode.ts";
import { encodeExtensionHandshake } from "../../protocol/extension_message.ts";
import { visible } from "../../shell/base/format.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { freePort } from "../support/free_port.ts";
import { pick } from "../support/pick.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { haveTerminal, Terminal } from "../support/terminal.ts";
import { VTORRENT, Vtorrent, vtorrent } from "../support/vtorrent.ts";

const ignore = !await haveTerminal() || Deno.build.os !== "linux";

/**
 * Sets the clipboard (OSC 52), conceals what follows, does so again by C1, turns and hides text, moves
 * to a tab stop, and begins a line of its own.
 */
const HOSTILE = "x\x1b]52;c;QQ==\x07\x1b[8m\x9b8m\u202e\u061c\u200b\tT\nFORGED";
/** How that begins where it was made visible. */
const SHOWN = "x\\x1b]52;c;QQ==\\x07\\x1b[8m";

/** What is left of it where a peer calls itself so: there is no true name to be told. */
const LABEL = "x]52;c;QQ==[8m8mTFORGED";

/** Sequences that our editor, menus and colours are made of. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const OURS = /\x1b\[(?!8m)\??[0-9;]*[A-HJKhlm]/g;

/** Fails where a byte came through that acts on a terminal and is not ours. */
function assertHarmless(text: string, what: string): void {
  const rest = text.replace(OURS, "").replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  for (const line of rest.split("\n")) {
    assertEquals(line, visible(line), `${what} lets through what acts on a terminal`);
    assert(!line.startsWith("FORGED"), `${what} lets a name begin a line`);
  }
}

/** A tracker that answers every announce with words. */
class TalkingTracker implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/fail/announce") {
        return new Response(encodeBencode({ "failure reason": HOSTILE }));
      }
      if (pathname === "/warn/announce") {
        const reply = { interval: 1800, peers: "", "warning message": HOSTILE };
        return new Response(encodeBencode(reply));
      }
      return new Response(HOSTILE, { status: 500 });
    });
  }

  url(kind: "fail" | "warn"): string {
    return `http://127.0.0.1:${this.#server.addr.port}/${kind}/announce`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test({ name: "names of others do nothing to a terminal", ignore }, async (t) => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write(`source/${HOSTILE}/${HOSTILE}.txt`, "one");
  await folder.write(`source/${HOSTILE}/${HOSTILE}/two.txt`, "two");
  await folder.write(`peer_files/peer_ada/${HOSTILE}.pdf`, "own");
  await folder.write("peer_files/peer_ada/plain.pdf", "plain");
  const { tracker, url } = await Vtorrent.tracker({
    args: ["--log-file", folder.at("tracker.log")],
  });
  await using _tracker = tracker;
  await using talking = new TalkingTracker();
  const host = ["--host", "127.0.0.1"];
  await using seed = new Vtorrent([
    ...["seed", folder.at(`source/${HOSTILE}`), "--tracker", url, ...host, "--port", "0"],
    ...["--id", "plain"],
  ], { cwd });
  const { port: seedPort } = await seed.event("started");
  const { info_hash: infoHash } = await seed.event("seeding");
  const hash = String(infoHash);

  await t.step("a session: first lines, verbs, Tab, menus, questions, explanations", async () => {
    const port = freePort();
    const trackers = [url, talking.url("fail"), talking.url("warn")];
    const raw = folder.at("session.raw");
    const command = [
      ...["env", "-u", "NO_COLOR", "TERM=xterm-256color", VTORRENT, "peer", "ada", ...host],
      ...["--port", String(port), "--log-file", folder.at("ada.log")],
      ...trackers.flatMap((one) => ["--tracker", one]),
      ...["--peer", `127.0.0.1:${seedPort}`],
    ];
    {
      const options = { cwd, raw, columns: 200, rows: 50 };
      await using ada = await Terminal.start(command, options);
      await ada.until(/^peer ada>$/m);
      // What is told for sure by the time that its answer is there.
      const ask = async (line: string, shown: RegExp | string): Promise<void> => {
        await ada.enter(line);
        const has = (lines: string[]) => {
          const at = lines.findLastIndex((text) => text.includes(`> ${line}`));
          const answer = lines.slice(at + 1).join("\n");
          return at >= 0 &&
            (typeof shown === "string" ? answer.includes(shown) : shown.test(answer));
        };
        await ada.untilHistory(has, `the answer to ${line}`);
      };
      await ask("list", SHOWN);
      await ask("explain on", /explain/i);
      await ask(`download ${hash}`, "is complete");
      await ask("explain off", /explain/i);
      using fake = await FakePeer.connect(port);
      await fake.handshake(Uint8Array.fromHex(hash), { extended: true });
      const hello = { messages: { "ut_metadata": 1 }, client: HOSTILE, name: HOSTILE };
      fake.say.extended(0, encodeExtensionHandshake(hello));
      await fake.flush();
      await ada.untilHistory(
        (lines) => lines.some((line) => line.includes(`peer ${LABEL} connected (${LABEL}, `)),
        "the peer's arrival",
      );
      await ask("peerinfo", LABEL);
      await ask("status", SHOWN);
      await ask(`fileinfo ${hash}`, SHOWN);
      await ask(`verify ${hash}`, SHOWN);
      await ask(`pause ${hash}`, SHOWN);
      await ask(`resume ${hash}`, SHOWN);
      await ask(`select ${hash} 1`, /./);
      await ask("scrape", /./);
      await ask(`download ${SHOWN}`, "No torrent");
      await ask("send plain.pdf --nonsense", /./);

      await ada.enter("status --watch");
      await ada.until((lines) => lines.some((line) => /any other key ends this/.test(line)));
      await ada.until((lines) => lines.some((line) => line.includes(SHOWN)));
      await ada.press("q");
      for (const line of ["download ", "send ", "remove "]) {
        await ada.until((lines) => /^peer ada>$/.test(lines.at(-1)!));
        await ada.type(line);
        await ada.press("Tab");
        // A plain name is offered where there is one; the others cannot be typed as they are.
        const offered = line === "send " ? /^peer ada> send +plain\.pdf$/ : /^peer ada> [a-z]+$/;
        await ada.until((lines) => offered.test(lines.at(-1)!.trimEnd()));
        await ada.press("C-c");
      }

      await ada.enter("menu");
      await pick(ada, "What next?", "My torrents");
      await pick(ada, "Which torrent?", SHOWN);
      await ada.until((lines) => lines.some((line) => line.includes(`What about "${SHOWN}`)));
      await ada.press("C-c");
      await ada.until(/What next\?/);
      await ada.press("C-c");
      await ada.until((lines) => /^peer ada>$/.test(lines.at(-1)!));

      await ada.enter(`remove ${hash} --data`);
      await ada.until((lines) => lines.at(-1)!.includes("[y/N]"));
      await ada.enter("n");
      await ask("exit", /\[ended 0\]/);
    }
    const bytes = await Deno.readTextFile(raw);
    assert(bytes.includes("files in"), "the first lines are not in what was kept");
    for (const told of ["connected", "is complete", "Next: ", "[y/N]"]) {
      assert(bytes.includes(told), `"${told}" is not in what was kept`);
    }
    assertHarmless(bytes, "the session");
    const log = await Deno.readTextFile(folder.at("ada.log"));
    assert(log.includes("x\\\\x1b]52") || log.includes("x\\x1b]52"), log);
    assertHarmless(log, "the log");
  });

  await t.step("programs: pipes, --json, the tracker's log", async () => {
    const task = ["download", hash, "--tracker", url, ...host, "--port", "0"];
    const plain = await vtorrent([...task, "--dir", "plain"], { cwd });
    assertEquals(plain.code, 0, plain.stderr);
    assert(plain.stdout.includes(SHOWN), plain.stdout);
    assertHarmless(plain.stdout + plain.stderr, "a pipe");
    const json = await vtorrent([...task, "--dir", "json", "--json"], { cwd });
    assert(json.stdout.includes('"x\\u001b]52;c;QQ==\\u0007'), json.stdout);
    assertHarmless(json.stdout, "--json");
    const names = json.stdout.trimEnd().split("\n").map((line) => JSON.parse(line).name);
    assert(names.includes(HOSTILE), "--json has no longer the name as it is");
    const log = await Deno.readTextFile(folder.at("tracker.log"));
    assert(log.includes("]52;c;QQ=="), log);
    assertHarmless(log, "the tracker's log");
  });
});
