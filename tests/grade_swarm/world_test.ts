/**
 * Hosts out of namespaces: what a program sees of them, and what it cannot do.
 *
 * @module
 */
import { Guardian } from "../../lab/programs/guardian.ts";
import { makeLinuxWorld, probeLinux } from "../../lab/grade/swarm/world_linux.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { canMakeSwarmHosts, planFor } from "./marked.ts";

const ignore = !await canMakeSwarmHosts();

const start = (command: string) => ({ command, env: {}, pty: false });

Deno.test({ name: "a host has its own name and address, and no way out", ignore }, async () => {
  await using guardian = await Guardian.start();
  await using world = await makeLinuxWorld(planFor(guardian), await probeLinux());
  const running = await world.start(
    2,
    start(
      "hostname; getent hosts h1 h2 | tr -s ' '; pwd; ip -o -4 addr show eth0 | grep -o '10[^/]*' | head -1; " +
        "ip route get 9.9.9.9 >/dev/null 2>&1; exec 3<>/dev/tcp/9.9.9.9/53; echo after",
    ),
  );
  await running.ended;
  const text = running.screen.text;
  assertMatch(text, /^h2\n10\.77\.0\.1 h1\n10\.77\.0\.2 h2\n/);
  assert(text.includes(`\n${world.folder(2)}\n10.77.0.2\n`), text);
});

Deno.test({
  name: "nothing outside the run's folder and the temporary ones can be written",
  ignore,
}, async () => {
  await using guardian = await Guardian.start();
  await using world = await makeLinuxWorld(planFor(guardian), await probeLinux());
  const outside = await Deno.makeTempFile({ prefix: "vtorrent_test_" });
  try {
    const running = await world.start(
      1,
      start(
        `for at in / /etc /usr /var /home /opt "$PWD" /tmp; do ` +
          `touch "$at/.vtorrent-write-test" 2>/dev/null && echo "can $at"; done; ` +
          `(echo changed > ${outside}) 2>/dev/null; rm -f /tmp/.vtorrent-write-test`,
      ),
    );
    await running.ended;
    // The temporary folder is an empty one of the world's own, unless programs lie in it.
    assertEquals(running.screen.text.replace("can /tmp\n", ""), `can ${world.folder(1)}\n`);
    assertEquals(await Deno.readTextFile(outside), "");
  } finally {
    await Deno.remove(outside);
  }
});

Deno.test({ name: "bytes, calls and refusals are counted from host to host", ignore }, async () => {
  await using guardian = await Guardian.start();
  await using world = await makeLinuxWorld(
    planFor(guardian, { addresses: { tracker: ["203.0.113.7"] }, redirect: { "12000": 12006 } }),
    await probeLinux(),
  );
  const server = await world.start(1, {
    ...start(
      `python3 -c "import socket;s=socket.create_server(('',12006));print('up',flush=True);c,_=s.accept()
n=0
while 1:
 d=c.recv(65536)
 if not d: break
 n+=len(d)
print(n)"`,
    ),
  });
  while (!server.screen.text.includes("up") && server.ending === undefined) {
    await server.change(1000);
  }
  assertEquals(await world.listeners(1), ["tcp 0.0.0.0:12006"]);
  const client = await world.start(
    3,
    start(
      `python3 -c "import socket;s=socket.create_connection(('203.0.113.7',12000));s.sendall(b'x'*500000)
s.close()
socket.create_connection(('h2',99))"`,
    ),
  );
  await client.ended;
  await server.ended;
  assertMatch(server.screen.text, /500000/);
  for (let samples = 0; samples < 3; samples++) await world.traffic!.next();
  const sent = world.traffic!.between(3, 1);
  assert(sent > 500_000 && sent < 550_000, `${sent}`);
  const { called, refused } = await world.calls();
  assertEquals(called.get("h3 → h1:12000"), 1);
  assertEquals([...refused.keys()], ["h3 → h2:99"]);
});
