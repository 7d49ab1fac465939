/**
 * Many seeds in one process, each with a port of its own: the other side of a peer with many
 * connections. Prints their ports, and serves until its input ends.
 *
 *     deno run --allow-all bench/many_seeds.ts TORRENT DIR COUNT
 *
 * @module
 */
import { Engine } from "../peer/mod.ts";

const [torrent, dir, count] = Deno.args;
const bytes = await Deno.readFile(torrent!);
await using stack = new AsyncDisposableStack();
const ports: number[] = [];
for (let i = 0; i < Number(count); i++) {
  const options = { name: `seed-${i}`, host: "127.0.0.1", port: 0, dir: dir! };
  const engine = stack.use(await Engine.start(options));
  await engine.add(bytes, { data: "trust", trackers: [] });
  ports.push(engine.port);
}
Deno.stdout.writeSync(new TextEncoder().encode(`ports ${ports.join(" ")}\n`));
for await (const _ of Deno.stdin.readable);
