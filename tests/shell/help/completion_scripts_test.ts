import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import {
  bashCompletions,
  fishCompletions,
  zshCompletions,
} from "../../../shell/help/completion_scripts.ts";
import { GROUP_KEYS } from "../../../lab/scenario/keys.ts";
import { STRATEGIES } from "../../../lab/scenario/run_plan.ts";
import { typedName } from "../../../shell/flags/flags.ts";
import { isInstalled } from "../../support/other_clients.ts";
import { labVocabulary } from "../../../shell/lab/lab_vocabulary.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { PROGRAMS } from "../../../shell/programs/mod.ts";

const LAB = labVocabulary();
const SCENARIOS = [...LAB.scenarios.keys()];

Deno.test("completions know every program and every flag", () => {
  for (const write of [bashCompletions, zshCompletions, fishCompletions]) {
    const script = write(PROGRAMS, LAB);
    for (const { name, flags } of PROGRAMS) {
      assertStringIncludes(script, name);
      for (const flag of flags) assertStringIncludes(script, typedName(flag));
    }
  }
});

/** All that may be set where these groups are. */
function settable(groups: readonly string[]): string[] {
  return [
    ...LAB.own.map(({ path }) => path),
    ...groups.flatMap((group) => KEYS.map((key) => `peers.${group}.${key}`)),
  ];
}

/** A program that stands for the running peer's torrents. */
const STUB = `#!/bin/sh
test "$1" = status || exit 1
test "$2 $3" = "--dir there" || test $# = 1 || exit 1
printf 'name\\tmy film.mkv\\tstate\\tseeding\\nname\\tother.iso\\tstate\\tpaused\\n'
`;

/** A scenario's file, and in it a group that may be and one that may not. */
const MINE = '{ "peers": [{ "as": "my own", "count": 2 },\n{ "as":"$(touch here)" }] }';
/** What may be set of a group. */
const KEYS = Object.keys(GROUP_KEYS).filter((key) => key !== "as");

Deno.test("bash completes programs, flags, their values, and torrents of a running peer", async () => {
  await using folder = await TempFolder.make();
  await Deno.chmod(await folder.write("stub", STUB), 0o755);
  await folder.write("mine.jsonc", MINE);
  await Deno.mkdir(folder.at("mid"));
  const script = bashCompletions(PROGRAMS, LAB) + `
complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vtorrent; echo "\${COMPREPLY[@]}"; }
complete_words vtorrent pe
complete_words vtorrent peer 1 --tra
complete_words vtorrent completions z
complete_words vtorrent peer 1 --encryption p
complete_words vtorrent peer 1 --port ""
complete_words ./stub pause --dir there my
complete_words vtorrent lab ru
complete_words vtorrent lab run pap
complete_words vtorrent lab run al
complete_words vtorrent lab run mis
complete_words vtorrent lab run --seeds 1-3 min
complete_words vtorrent lab show mi
complete_words vtorrent lab list mi
complete_words vtorrent lab compare mi
complete_words vtorrent lab run --set wor
complete_words vtorrent lab run chokes --set peers.mid
complete_words vtorrent lab run chokes --set peers.middle.str
complete_words vtorrent lab run chokes --set peers.middle.strategy =
complete_words vtorrent lab run chokes --set peers.middle.strategy = fr
complete_words vtorrent lab run chokes --set peers.middle.strategy=pr
complete_words vtorrent lab run chokes --set without = relief,piece
complete_words vtorrent lab run --set tracker.backup = tr
complete_words vtorrent lab run --set peers.leech.up = 2
complete_words vtorrent lab run --set content.si
complete_words vtorrent lab run mine.jsonc --set peers.my
`;
  const { success, stdout, stderr } = await new Deno.Command("bash", {
    args: ["--norc", "-c", script],
    cwd: folder.path,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), [
    "peer",
    "--tracker",
    "zsh",
    "prefer",
    "",
    "my film.mkv",
    "run",
    "paper-2006 paper-2007 paper-tyrant",
    "all",
    "missing-piece",
    "mine.jsonc",
    "missing-piece",
    "",
    "mid",
    "world=",
    KEYS.map((key) => `peers.middle.${key}=`).join(" "),
    "peers.middle.strategy=",
    STRATEGIES.map((one) => one.replaceAll(" ", "\\ ")).join(" "),
    "free\\ rider",
    "peers.middle.strategy=prop\\ share",
    "relief,piece-turns",
    "true",
    "",
    "content.size=",
    KEYS.map((key) => `peers.my\\ own.${key}=`).join(" "),
  ]);
});

Deno.test({
  name: "zsh completes what follows the words of the lab",
  ignore: !await isInstalled("zsh", "zsh"),
  fn: async () => {
    await using folder = await TempFolder.make();
    const mine = await folder.write("mine.jsonc", MINE);
    // What zsh's own completion would be asked for, said instead.
    const script = `compdef() { }
compadd() { print -r -- "$@" }
_files() { print -r -- files "$@" }
${zshCompletions(PROGRAMS, LAB)}
for word in run show list compare; do words=(lab $word ""); _vtorrent_after_lab; done
compset() { [[ "$typed" == \${~2}* ]] || return 1; IPREFIX="\${typed%=*}="; typed=""; }
compadd() { local name="\${@[-1]}"; print -r -- "\${(@P)name}"; }
IPREFIX="" typed="" words=(lab run chokes --set ""); _vtorrent_settings
IPREFIX="" typed="" words=(lab run ${mine} --set ""); _vtorrent_settings
IPREFIX="" typed="peers.slow.strategy=" words=(lab run --set $typed); _vtorrent_settings
IPREFIX="" typed="limit=" words=(lab run --set $typed); _vtorrent_settings
`;
    const { success, stdout, stderr } = await new Deno.Command("zsh", {
      args: ["-f", "-c", script],
    })
      .output();
    assert(success, new TextDecoder().decode(stderr));
    assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), [
      `-- ${SCENARIOS.join(" ")} all`,
      "files",
      `-- ${SCENARIOS.join(" ")}`,
      "-- measures figures",
      "files -/",
      settable(["seed", "slow", "middle", "fast"]).join(" "),
      settable(["my own"]).join(" "),
      STRATEGIES.join(" "),
    ]);
  },
});

for (const [shell, write] of [["zsh", zshCompletions], ["fish", fishCompletions]] as const) {
  Deno.test({
    name: `${shell} can read its completions`,
    ignore: !await isInstalled(shell, shell),
    fn: async () => {
      await using folder = await TempFolder.make();
      const path = await folder.write("completions", write(PROGRAMS, LAB));
      const { success, stderr } = await new Deno.Command(shell, { args: ["-n", path] })
        .output();
      assert(success, new TextDecoder().decode(stderr));
    },
  });
}

Deno.test({
  name: "fish completes programs, flags and values",
  ignore: !await isInstalled("fish", "fish"),
  fn: async () => {
    await using folder = await TempFolder.make();
    const path = await folder.write("vtorrent.fish", fishCompletions(PROGRAMS, LAB));
    const complete = async (line: string): Promise<string[]> => {
      const { stdout } = await new Deno.Command("fish", {
        args: ["--no-config", "-c", `source ${path}; complete -C "${line}"`],
        env: { HOME: folder.path, PATH: `${folder.path}:${Deno.env.get("PATH")}` },
      }).output();
      return new TextDecoder().decode(stdout).trim().split("\n")
        .map((text) => text.split("\t")[0]!);
    };
    assertEquals(await complete("vtorrent pe"), ["peer"]);
    assertEquals(await complete("vtorrent peer 1 --trac"), ["--tracker"]);
    assertEquals(await complete("vtorrent completions z"), ["zsh"]);
    assertEquals(await complete("vtorrent peer 1 --encryption pr"), ["prefer"]);
    assertEquals(await complete("vtorrent lab sh"), ["show"]);
    assertEquals(await complete("vtorrent lab run pap"), [
      "paper-2006",
      "paper-2007",
      "paper-tyrant",
    ]);
    assertEquals(await complete("vtorrent lab run --seeds 1-3 al"), ["all"]);
    assertEquals(await complete("vtorrent lab show miss"), ["missing-piece"]);
    assertEquals(await complete(`vtorrent lab show ${folder.path}/`), [""]);
    assertEquals(await complete("vtorrent lab list miss"), [""]);
    assertEquals(await complete(`vtorrent lab run ${folder.path}/v`), [`${path}`]);
    const mine = await folder.write("mine.jsonc", MINE);
    const after = async (line: string) => await complete(`vtorrent lab run ${line}`);
    assertEquals(await after("--set wor"), ["world="]);
    const ofMiddle = KEYS.map((key) => `peers.middle.${key}=`);
    assertEquals((await after("chokes --set peers.mid")).sort(), ofMiddle.sort());
    assertEquals(await after("--set peers.leech.strategy=fr"), ["peers.leech.strategy=free rider"]);
    assertEquals(await after("--set without=relief,piece"), ["without=relief,piece-turns"]);
    assertEquals(await after("--set peers.leech.up=2"), [""]);
    const ofMine = KEYS.map((key) => `peers.my own.${key}=`);
    assertEquals((await after(`${mine} --set peers.`)).sort(), ofMine.sort());
    await Deno.chmod(await folder.write("vtorrent", STUB), 0o755);
    assertEquals(await complete("vtorrent remove ot"), ["other.iso"]);
  },
});
