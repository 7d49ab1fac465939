import { join } from "@std/path";
import { runProgram } from "../../shell/program.ts";
import { schemaProblem } from "../../shell/help/event_schema.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { TestWorld } from "../support/test_world.ts";

const ignore = Deno.build.os === "windows";

/** Runs `vtorrent grade …` in a folder. */
async function grade(cwd: string, args: readonly string[]) {
  const world = new TestWorld({ args: ["grade", ...args], cwd });
  const status = await runProgram(world);
  return { status, out: world.stdout.text, err: world.stderr.text };
}

Deno.test(
  { name: "a program that only chats fails the first probe, told whole", ignore },
  async () => {
    await using folder = await TempFolder.make();
    await folder.write("chat.sh", 'echo "hello $1"; printf "\\033[2Joops\\n" >&2; exit 4\n');
    const { status, out } = await grade(folder.path, [
      ...["peer", "--only", "P1", "--seed", "41", "--", "sh", "chat.sh"],
    ]);
    assertEquals(status, 1);
    assertMatch(out, /P1\.1 .* 0 of 4/);
    assertMatch(out, /expected +"\w{5}" for 5:\w{5}/);
    assertMatch(out, /seen +printed: hello decode, and it ended with status 4/);
    assertMatch(out, /exit status 4/);
    // What it prints does nothing to the terminal.
    assert(!out.includes("\x1b"));
    assertMatch(out, /\\x1b\[2Joops/);
    assertMatch(out, /again +vtorrent grade peer --only P1\.1 --seed 41 -- sh \S+chat\.sh/);
    assertMatch(out, /P1\.2 to P1\.6: not reached, the plain case of P1 comes first +0 of 10/);
  },
);

Deno.test({ name: "grading tells its events as documented", ignore }, async () => {
  await using folder = await TempFolder.make();
  const { out } = await grade(folder.path, ["peer", "--json", "--only", "P1.1", "--", "true"]);
  const lines = out.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(schemaProblem).filter((problem) => problem !== undefined), []);
  assertEquals(lines.find(({ event }) => event === "probe").verdict, "failed");
});

Deno.test(
  { name: "a program that cannot be graded is reported before anything is started", ignore },
  async () => {
    await using folder = await TempFolder.make();
    await folder.write("peer.jsonc", '{"subject": "peer", "command": ["true"]}');
    const cases: [string[], RegExp][] = [
      [["peers", "--", "true"], /takes peer, tracker, swarm or list.*Did you mean "peer"/],
      [["peer"], /needs the program after two dashes/],
      [["peer", "--only", "P99", "--", "true"], /There is no step P99/],
      [["tracker", "--rubric", "peer.jsonc"], /a rubric for a peer: vtorrent grade peer --rubric/],
      [["peer", "--watch", "gone", "--", "true"], /--watch is "gone": there is no such file/],
      [["peer", "--", "./nothing-here"], /There is no program \.\/nothing-here/],
    ];
    for (const [args, sentence] of cases) {
      const { status, err } = await grade(folder.path, args);
      assertEquals(status, 28, args.join(" "));
      assertMatch(err, sentence);
    }
  },
);

Deno.test({ name: "--out keeps a packet capture of each probe", ignore }, async () => {
  await using folder = await TempFolder.make();
  await grade(folder.path, ["peer", "--only", "P3.1", "--out", "kept", "--", "true"]);
  const header = await Deno.readFile(join(folder.path, "kept", "P3.1.pcap"));
  assertEquals(header.slice(0, 4).toHex(), "d4c3b2a1");
});

Deno.test(
  { name: "what a rubric names with a reason counts for no other status", ignore },
  async () => {
    await using folder = await TempFolder.make();
    // It refuses everything. The rubric is elsewhere, and so is the program that it names.
    await folder.write("course/refuse.sh", "exit 1\n");
    const rubric = {
      command: ["sh", "refuse.sh"],
      without: { "P1.2": "texts are short there", "P1.3": "texts are short there" },
      known: { "P1.1": "it refuses everything", "P1.6": "it refuses nothing" },
    };
    await folder.write("course/rubric.jsonc", JSON.stringify(rubric));
    const args = ["peer", "--rubric", "course/rubric.jsonc"];
    const { status, out } = await grade(folder.path, [...args, "--only", "P1.1,P1.2,P1.3,P1.6"]);
    assertMatch(out, /P1\.1 .* 0 of 4/);
    assertMatch(out, /known +it refuses everything/);
    assertMatch(out, /P1\.2 to P1\.3: left out, texts are short there +0 of 0/);
    // What it leaves out does not end the step, what it knows to fail does.
    assertMatch(out, /P1\.6: not reached/);
    assertMatch(out, /Known by the rubric to fail: P1\.1\nPoints +0 of 6/);
    assertEquals(status, 5);
    const whole = await grade(folder.path, [...args, "--only", "P1.1", "--json"]);
    assertEquals(whole.status, 0);
    const told = whole.out.split("\n").filter((line) => line.includes('"probe"'));
    assertMatch(told.join("\n"), /"verdict":"failed".*"reason":"it refuses everything"/);
    const { out: passed } = await grade(folder.path, [...args, "--only", "P1.6"]);
    assertMatch(passed, /remark: it passes; the rubric says that it fails: it refuses nothing/);
  },
);

Deno.test(
  { name: "Ctrl-C while it waits for a change ends it with the last marks", ignore },
  async () => {
    await using folder = await TempFolder.make();
    const stop = new AbortController();
    const world = new TestWorld({
      args: ["grade", "peer", "--only", "P1.1", "--watch", ".", "--", "true"],
      ...{ cwd: folder.path, stop: stop.signal },
    });
    const running = runProgram(world);
    const told = () => world.stdout.text + world.stderr.text;
    while (!told().includes("Waiting until . changes")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    stop.abort(new Error("Ctrl-C"));
    assertEquals(await running, 1);
    assert(!told().includes("error"), told());
  },
);

Deno.test({ name: "a handout asks nothing that the rubric leaves out", ignore }, async () => {
  await using folder = await TempFolder.make();
  const rubric =
    '{"without": {"P1": "no text"}, "commands": {"peers": null}, "points": {"P1": 5, "P2": 5}}';
  await folder.write("rubric.jsonc", rubric);
  const { out } = await grade(folder.path, [
    "list",
    "peer",
    "--markdown",
    "--rubric",
    "rubric.jsonc",
  ]);
  assertMatch(out, /\| P2\.1 \|/);
  assert(!/P1\.|P3\.|P4\.|your-program peers/.test(out), out);
});

Deno.test({ name: "a log line that the rubric requires has to be there", ignore }, async () => {
  await using folder = await TempFolder.make();
  // It refuses everything, so that P1.6 is right; what it logs is not.
  await folder.write("refuse.sh", "echo refused > peer.log; exit 1\n");
  await folder.write("rubric.jsonc", '{"log": {"P1.6": ["^refused$", "^because"]}}');
  const { status, out } = await grade(folder.path, [
    ...["peer", "--only", "P1.6", "--rubric", "rubric.jsonc", "--", "sh", "refuse.sh"],
  ]);
  assertEquals(status, 1);
  assertMatch(out, /expected +a log line that matches \^because/);
  assertMatch(out, /seen +printed.*refused/);
});
