import { StorageError } from "../../../peer/ports.ts";
import { StoreLock } from "../../../peer/resume/store_lock.ts";
import { DataFolder } from "../../../peer/storage/data_folder.ts";
import { DownloadLock } from "../../../peer/storage/download_lock.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const NAME = `.${"ab".repeat(20)}.lock`;

const lockIn = ({ path }: TempFolder) => new DownloadLock(new DataFolder(path), NAME);

Deno.test("a person's own file under the lock's name keeps its bytes, and the download says so", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at(NAME);
  for (const own of ["what I must not forget\n", "12 eggs", "1".repeat(40), "\n"]) {
    await Deno.writeTextFile(path, own);
    const lock = lockIn(folder);
    const wanted = `Cannot lock ${path}: it is no lock of vtorrent's: move it away`;
    for (const begin of [() => lock.requireFree(), () => lock.take()]) {
      const { message, remedy } = assertThrows(begin, StorageError);
      assertEquals([message, remedy], [wanted, { kind: "again" }]);
    }
    lock.release();
    assertEquals(await Deno.readTextFile(path), own);
  }
  await Deno.remove(path);
  const lock = lockIn(folder);
  lock.take();
  assertEquals(await Deno.readTextFile(path), `${Deno.pid}\n`);
  lock.release();
  assertEquals([...Deno.readDirSync(folder.path)], []);
});

Deno.test("the lock of a program that was killed is taken over, whether it was signed or not", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at(NAME);
  for (const left of ["4194304123\n", ""]) {
    await Deno.writeTextFile(path, left);
    const lock = lockIn(folder);
    lock.take();
    assertEquals(await Deno.readTextFile(path), `${Deno.pid}\n`);
    lock.release();
  }
});

Deno.test("a person's own file under the name of a store's lock keeps its bytes", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at("peer.lock");
  await Deno.writeTextFile(path, "mine");
  const { message } = assertThrows(() => StoreLock.take(folder.path), StorageError);
  assertEquals(message, `Cannot lock ${path}: it is no lock of vtorrent's: move it away`);
  assertEquals(await Deno.readTextFile(path), "mine");
});
