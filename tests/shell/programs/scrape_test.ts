import { runProgram } from "../../../shell/program.ts";
import { assertEquals } from "../../support/assert.ts";
import { latin1 } from "../../support/bytes.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { TestWorld } from "../../support/test_world.ts";

const COUNTS = `d5:filesd20:${"\xab".repeat(20)}d8:completei3e10:downloadedi2e10:incompletei1eeee`;

Deno.test("scrape asks fifty trackers of a link, four at a time, and names a few that fail", async () => {
  await using folder = await TempFolder.make();
  const fourWait = Promise.withResolvers<void>();
  let [waiting, most, asked] = [0, 0, 0];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async ({ url }) => {
      asked++;
      most = Math.max(most, ++waiting);
      if (waiting === 4) fourWait.resolve();
      await fourWait.promise;
      waiting--;
      const isGood = new URL(url).searchParams.get("key") === "7";
      return new Response(latin1(isGood ? COUNTS : "d14:failure reason4:busye"));
    },
  );
  const trackers = Array.from(
    { length: 60 },
    (_, index) => `&tr=http://127.0.0.1:${server.addr.port}/announce%3Fkey=${index}`,
  );
  const link = `magnet:?xt=urn:btih:${"ab".repeat(20)}${trackers.join("")}`;
  const world = new TestWorld({ args: ["scrape", link], cwd: folder.path });
  assertEquals(await runProgram(world), 0);
  assertEquals([asked, most], [50, 4]);
  assertEquals(world.stdout.text.match(/^seeders\t3$/gm)?.length, 1, world.stdout.text);
  const problems = world.stderr.text.trimEnd().split("\n");
  assertEquals(problems.length, 1 + 4 + 1, world.stderr.text);
  assertEquals(problems[0], "error: Only the first 50 of 60 trackers are asked");
  assertEquals(problems.at(-1), "error: 45 more trackers gave no counts");
});
