/**
 * Open files: lines where they must be, none where they need not, and never too many handles.
 *
 * @module
 */
import { FilePool } from "../../../peer/storage/file_pool.ts";
import { assertEquals } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";

/** Work that goes on until it is let. */
class Held {
  readonly started: string[] = [];
  readonly #ends = new Map<string, () => void>();

  run(name: string): () => Promise<void> {
    return () => {
      this.started.push(name);
      return new Promise((resolve) => this.#ends.set(name, resolve));
    };
  }

  end(name: string): void {
    this.#ends.get(name)!();
  }
}

Deno.test("as many as a file has handles work at once, the next when one is done", async () => {
  await using folder = await TempFolder.make();
  const path = await folder.write("file", "");
  const files = new FilePool({ perFile: 2 });
  let opened = 0;
  const open = () => {
    opened++;
    return Deno.openSync(path, { read: true });
  };
  const held = new Held();
  const all = ["a", "b", "c"].map((name) => files.use("key", open, held.run(name)));
  assertEquals([held.started, opened], [["a", "b"], 2]);
  held.end("a");
  await all[0];
  held.end("b");
  await all[1];
  await new Promise(setImmediate);
  assertEquals(held.started, ["a", "b", "c"]);
  const closed = files.close("key");
  held.end("c");
  await closed;
  assertEquals(opened, 2);
});

Deno.test("one after the other opens one handle, and the longest unused are closed", async () => {
  await using folder = await TempFolder.make();
  const path = await folder.write("file", "");
  const files = new FilePool({ limit: 2, perFile: 4 });
  const opened: string[] = [];
  const use = (key: string) =>
    files.use(key, () => {
      opened.push(key);
      return Deno.openSync(path, { read: true });
    }, () => Promise.resolve());
  for (const key of ["a", "a", "b", "a", "c", "a", "b"]) await use(key);
  assertEquals(opened, ["a", "b", "c", "b"]);
  await files.closeAll();
});
