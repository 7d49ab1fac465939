/**
 * All programs on this computer: what listens, and the end of all that a host has started.
 *
 * @module
 */
import { Guardian } from "../../lab/programs/guardian.ts";
import {
  listenersOf,
  listenerSource,
  readLsof,
  readSocketTable,
} from "../../lab/grade/swarm/own_listeners.ts";
import { makeOneHost } from "../../lab/grade/swarm/world_one_host.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { isInstalled } from "../support/other_clients.ts";
import { planFor } from "./marked.ts";

/** Listens with a daemon that has left its process group, and says on which ports. */
const LISTENS = `python3 -c "
import os, socket, time
if os.fork() == 0:
    os.setsid()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(('127.0.0.1', 0))
    six = socket.socket(socket.AF_INET6); six.bind(('::', 0)); six.listen()
    os.write(1, f'daemon {os.getpid()} {udp.getsockname()[1]} {six.getsockname()[1]}\\n'.encode())
    time.sleep(600)
four = socket.create_server(('127.0.0.1', 0))
bound = socket.socket(); bound.bind(('127.0.0.1', 0))
called = socket.create_connection(four.getsockname())
os.write(1, f'first {four.getsockname()[1]}\\n'.encode())
time.sleep(600)
"`;

Deno.test({
  name: "one host: what its programs listen on is seen, also of a daemon, which ends with the host",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using guardian = await Guardian.start();
    // h10 begins with the letters of h1.
    await using world = await makeOneHost(planFor(guardian, { hosts: 10 }), guardian);
    assert(world.seesListeners);
    const running = await world.start(10, { command: LISTENS, env: {}, pty: false });
    const said = () => running.screen.text;
    const daemon = /^daemon (\d+) (\d+) (\d+)\n/m;
    const first = /^first (\d+)\n/m;
    while (!daemon.test(said()) || !first.test(said())) {
      assertEquals(running.ending, undefined, said());
      await running.change(1000);
    }
    const [, pid, udp, six] = daemon.exec(said())!;
    const [, four] = first.exec(said())!;
    const expected = [`tcp 127.0.0.1:${four}`, `tcp [::]:${six}`, `udp 127.0.0.1:${udp}`];
    assertEquals(await world.listeners(10), expected);
    assertEquals(await world.listeners(1), []);
    await world.kill(1);
    assertEquals(await world.listeners(10), expected);
    if (await isInstalled("lsof", "lsof", ["-v"])) {
      const pids = [running.pid, Number(pid)];
      const mine = (await listenersOf("lsof", pids)).map((one) => one.replace("*:", "[::]:"));
      // The first one is a shell where that did not become the program.
      assertEquals(mine.filter((one) => expected.includes(one)), mine);
      assertEquals(mine.filter((one) => !one.endsWith(`:${four}`)), expected.slice(1));
    }
    await world.kill(10);
    assertEquals(await world.listeners(10), []);
  },
});

Deno.test({
  name: "the way to see listeners is the system's own tables on Linux",
  ignore: Deno.build.os !== "linux",
}, async () => {
  assertEquals(await listenerSource(), "/proc");
});

Deno.test("a table of sockets: those in one state, with addresses as people write them", () => {
  const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 0100007F:1B59 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 101 1 0
   1: 0200000A:1B5A 0100007F:1B59 01 00000000:00000000 00:00000000 00000000     0        0 102 1 0
`;
  assertEquals(readSocketTable(tcp, "tcp", "0A"), [{
    socket: "101",
    listens: "tcp 127.0.0.1:7001",
  }]);
  const six = "head\n" + [
    "   0: 00000000000000000000000001000000:0050 0:0 0A 0:0 00:0 0 0 0 7 1",
    "   1: 0000000000000000FFFF00000100007F:0051 0:0 0A 0:0 00:0 0 0 0 8 1",
    "   2: B80D0120000000000000000001000000:0052 0:0 0A 0:0 00:0 0 0 0 9 1",
    "nonsense",
  ].join("\n");
  assertEquals(readSocketTable(six, "tcp", "0A").map(({ listens }) => listens), [
    "tcp [::1]:80",
    "tcp 127.0.0.1:81",
    "tcp [2001:db8::1]:82",
  ]);
});

Deno.test("lsof's lines: what listens, not what is connected", () => {
  const text = [
    ...["p812", "f3", "PTCP", "n127.0.0.1:7001", "TST=LISTEN", "TQR=0"],
    ...["f4", "PUDP", "n*:7002", "TQR=0", "f5", "PUDP", "n127.0.0.1:5->127.0.0.1:6"],
    ...[
      "f6",
      "PTCP",
      "n10.0.0.1:7->10.0.0.2:8",
      "TST=ESTABLISHED",
      "f7",
      "PTCP",
      "n*:9",
      "TST=CLOSED",
    ],
    ...["p813", "f3", "PTCP", "n[::1]:7003", "TST=LISTEN", ""],
  ].join("\n");
  assertEquals(readLsof(text), ["tcp 127.0.0.1:7001", "udp *:7002", "tcp [::1]:7003"]);
});
