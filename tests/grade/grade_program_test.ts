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
    const cases: [string[], RegExp][] = [
      [["peers", "--", "true"], /takes peer, tracker, swarm or list.*Did you mean "peer"/],
      [["peer"], /needs the program after two dashes/],
      [["peer", "--only", "P99", "--", "true"], /There is no step P99/],
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
