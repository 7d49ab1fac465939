import { assertEquals } from "@std/assert";
import { WriteBack } from "../../../peer/storage/write_back.ts";

/** A `WriteBack` of 100 bytes a time, and what it began. */
function watched() {
  const begun: { file: number; sync: PromiseWithResolvers<void> }[] = [];
  const writeBack = new WriteBack((file) => {
    const sync = Promise.withResolvers<void>();
    begun.push({ file, sync });
    return sync.promise;
  }, 100);
  const files = () => begun.map(({ file }) => file);
  const end = async (index: number, error?: Error) => {
    if (error === undefined) begun[index]!.sync.resolve();
    else begun[index]!.sync.reject(error);
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { writeBack, files, end };
}

Deno.test("a file is synced each time that enough of it was written", async () => {
  const { writeBack, files, end } = watched();
  writeBack.wrote(1, 99);
  assertEquals(files(), []);
  writeBack.wrote(1, 1);
  assertEquals(files(), [1]);
  await end(0);
  writeBack.wrote(1, 99);
  writeBack.wrote(2, 99);
  assertEquals(files(), [1]);
  writeBack.wrote(2, 1);
  assertEquals(files(), [1, 2]);
});

Deno.test("one file at a time: the next piece after it begins what came meanwhile", async () => {
  const { writeBack, files, end } = watched();
  writeBack.wrote(1, 100);
  writeBack.wrote(1, 500);
  writeBack.wrote(2, 500);
  assertEquals(files(), [1]);
  await end(0);
  writeBack.wrote(2, 1);
  assertEquals(files(), [1, 2]);
});

Deno.test("what was synced by another counts no more, and a failure stops nothing", async () => {
  const { writeBack, files, end } = watched();
  writeBack.wrote(1, 99);
  writeBack.forget(1);
  writeBack.wrote(1, 99);
  assertEquals(files(), []);
  writeBack.wrote(1, 1);
  await end(0, new Error("the disk is broken"));
  writeBack.wrote(1, 100);
  assertEquals(files(), [1, 1]);
});
