import { assert, assertEquals } from "../../support/assert.ts";
import { patternBytes, TempFolder } from "../../support/temp_folder.ts";
import { WRITE_SIZE, writeAll, writeAllSync } from "../../../peer/storage/write_all.ts";

/** A real file that takes at most `most` bytes a call, as files on full or remote disks may. */
class Reluctant {
  readonly sizes: number[] = [];

  constructor(readonly file: Deno.FsFile, readonly most: number) {}

  write(bytes: Uint8Array): Promise<number> {
    this.sizes.push(bytes.length);
    return this.file.write(bytes.subarray(0, this.most));
  }

  writeSync(bytes: Uint8Array): number {
    this.sizes.push(bytes.length);
    return this.file.writeSync(bytes.subarray(0, this.most));
  }
}

for (const length of [0, 1, WRITE_SIZE, WRITE_SIZE + 1, 4 * WRITE_SIZE, 1_234_567]) {
  Deno.test(`${length} bytes arrive whole, in calls of at most ${WRITE_SIZE}`, async () => {
    await using folder = await TempFolder.make();
    const bytes = patternBytes(length);
    for (const most of [Infinity, 100_000]) {
      using one = await Deno.open(folder.at("one"), { write: true, create: true, truncate: true });
      using two = await Deno.open(folder.at("two"), { write: true, create: true, truncate: true });
      const [later, now] = [new Reluctant(one, most), new Reluctant(two, most)];
      await writeAll(later, bytes);
      writeAllSync(now, bytes);
      assertEquals(await folder.read("one"), bytes);
      assertEquals(await folder.read("two"), bytes);
      for (const size of [...later.sizes, ...now.sizes]) assert(size <= WRITE_SIZE, `${size}`);
    }
  });
}
