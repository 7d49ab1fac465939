import { PoolHasher } from "../../../peer/hashing/hasher.ts";
import { assertEquals } from "../../support/assert.ts";

for (const isFast of [true, false]) {
  const way = isFast ? "on the spot" : "beside the JS thread, also more than may be in flight";
  Deno.test(`digests ${way} are SHA-1`, async () => {
    const hasher = new PoolHasher(2, isFast);
    const digests = await Promise.all(
      ["abc", "", "abc", "a".repeat(100_000), "abc"].map((text) =>
        hasher.sha1(new TextEncoder().encode(text))
      ),
    );
    const abc = "a9993e364706816aba3e25717850c26c9cd0d89d";
    assertEquals(digests.map((digest) => digest.toHex()), [
      abc,
      "da39a3ee5e6b4b0d3255bfef95601890afd80709",
      abc,
      "c4d4b30851182fc4eb8675494d42fd7f17e29c93",
      abc,
    ]);
  });
}
