import { parseExtensionHandshake } from "../../protocol/extension_message.ts";
import { assertEquals } from "../support/assert.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { someBytes, TestEngine } from "../support/swarm.ts";

Deno.test("connected peers hear a new name (BEP 10)", async () => {
  await using seed = await TestEngine.start();
  await seed.put("a", someBytes(20_000));
  const { infoHash } = await seed.engine.share(`${seed.dir}/a`);
  using peer = await FakePeer.connect(seed.engine.port);
  await peer.handshake(Uint8Array.fromHex(infoHash), { extended: true });
  const name = async () => {
    for (let message; (message = await peer.hearUntil("extended")) !== undefined;) {
      if (message.type !== "extended" || message.id !== 0) continue;
      return parseExtensionHandshake(message.payload).name;
    }
  };
  assertEquals(await name(), seed.engine.name);
  seed.engine.rename("ada");
  assertEquals(await name(), "ada");
});
