/**
 * Peers that are called the same: both are told, and one changes.
 *
 * @module
 */
import { TestProcess } from "../support/process.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { VTORRENT, Vtorrent } from "../support/vtorrent.ts";

Deno.test("two peers with one ID are both told; a name that is taken or none is refused", async () => {
  await using folder = await TempFolder.make();
  await folder.write("here/lecture.pdf", patternBytes(500_000));
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  const peer = (id: string, dir: string, ...more: string[]) => {
    const where = ["--host", "127.0.0.1", "--port", "0", "--tracker", url, "--dir", dir];
    return new TestProcess(VTORRENT, ["peer", id, ...where, ...more], {
      cwd: folder.path,
      typing: true,
    });
  };
  await using seed = peer("1", "here", "--upload-limit", "100k");
  await seed.type("send lecture.pdf");
  await seed.line(/^name: lecture\.pdf/);
  await using twin = peer("1", "there");
  await twin.type("download lecture.pdf");
  const told =
    /^Another peer \(127\.0\.0\.1:\d+\) is called "1", too: rename <NEW NAME> tells the two apart$/;
  await seed.line(told);
  await twin.line(told);
  await using bob = peer("bob", "elsewhere");
  await bob.type("download lecture.pdf");
  await seed.line(/^"lecture\.pdf": peer bob connected/);
  await seed.type("rename bob");
  await seed.line(/^error: A connected peer \(127\.0\.0\.1:\d+\) is called "bob" already: choose/);
  await seed.type(`rename ${"long".repeat(20)}`);
  await seed.line(/^error: "long.*" cannot be a peer's name: take one of 64 bytes at most/);
  await seed.type("rename ada");
  await seed.line(/^Other peers now see this peer as "ada"/);
});
