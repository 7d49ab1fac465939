/**
 * Attackers that send datagrams, to the tracker's UDP port and to the peers' uTP port, and those
 * that pass on addresses.
 *
 * @module
 */
import { encodeExtensionHandshake, encodePex } from "../../protocol/extension_message.ts";
import { encodeConnectRequest, encodeUdpScrape } from "../../protocol/udp_tracker_packet.ts";
import { encodeUtp, UtpType } from "../../protocol/utp_packet.ts";
import { addressOf, type Attack, type Attacker, victim } from "./attack.ts";
import { testAttackers } from "./zoo.ts";

/** Bursts of datagrams from one socket, some thousand a second in all. */
function datagrams(
  make: (attack: Attack, round: number) => Uint8Array,
  roleOf: (index: number) => "tracker" | "seed" | "leech",
): Attacker["begin"] {
  return (attack) => {
    const socket = attack.datagrams();
    attack.crowd(4, 20, async (index, round) => {
      for (let i = 0; i < 10; i++) await socket.send(make(attack, 10 * round + i), roleOf(index));
    });
  };
}

function syn(attack: Attack, round: number): Uint8Array {
  return encodeUtp({
    type: UtpType.syn,
    connectionId: round & 0xffff,
    timestamp: Math.floor(attack.random() * 2 ** 32),
    timestampDifference: 0,
    windowSize: 0,
    seqNr: 1,
    ackNr: 0,
  });
}

/** A caller that says it is a seed and passes these addresses on. */
function passingOn(
  added: (attack: Attack) => Promise<{ host: string; port: number }[]>,
): Attacker["begin"] {
  return (attack) =>
    attack.crowd(10, 100, async (index) => {
      const peers = (await added(attack)).map((peer) => ({ ...peer, flags: 2 }));
      const from = addressOf(index);
      using peer = await attack.peer(victim(index), { from, extended: true });
      const messages = { "ut_pex": 1 };
      peer.say.extended(0, encodeExtensionHandshake({ messages }));
      await peer.flush();
      const heard = peer.closed();
      for (let round = 0; round < 100; round++) {
        for (let i = 0; i < 5; i++) peer.say.extended(1, encodePex({ added: peers, dropped: [] }));
        await peer.flush();
        attack.strike();
        await attack.pause(100);
      }
      await heard;
    });
}

const silentPorts = new WeakMap<Attack, Promise<number[]>>();

/** Ports that accept and say nothing, the same for all callers of an attack. */
function silent(attack: Attack): Promise<number[]> {
  let ports = silentPorts.get(attack);
  if (ports === undefined) {
    ports = Promise.all(Array.from({ length: 200 }, () => attack.listen(() => attack.strike())));
    silentPorts.set(attack, ports);
  }
  return ports;
}

const ATTACKERS: Attacker[] = [
  {
    name: "datagrams of random bytes to the tracker",
    begin: datagrams((attack, round) => attack.bytes(round % 200), () => "tracker"),
  },
  {
    name: "floods of UDP connect requests",
    begin: datagrams((_attack, round) => encodeConnectRequest(round), () => "tracker"),
  },
  {
    name: "UDP scrapes with connection IDs that were never given out",
    begin: datagrams(
      (attack, round) => encodeUdpScrape(BigInt(round), round, [attack.bytes(20)]),
      () => "tracker",
    ),
  },
  {
    name: "datagrams of random bytes to the peers",
    begin: datagrams((attack, round) => attack.bytes(round % 1400), victim),
  },
  { name: "floods of uTP connections that are never finished", begin: datagrams(syn, victim) },
  {
    name: "uTP packets of connections that there are not",
    begin: datagrams((attack, round) =>
      encodeUtp({
        type: UtpType.data,
        connectionId: round & 0xffff,
        timestamp: 0,
        timestampDifference: 0,
        windowSize: 2 ** 31,
        seqNr: round & 0xffff,
        ackNr: 0,
      }, { payload: attack.bytes(100) }), victim),
  },
  {
    name: "uTP connections from five hundred ports",
    begin: (attack) => {
      const sockets = Array.from({ length: 100 }, () => attack.datagrams());
      attack.crowd(4, 20, async (index, round) => {
        for (const socket of sockets) await socket.send(syn(attack, round), victim(index));
      });
    },
  },
  {
    name: "DHT questions by the thousand",
    begin: datagrams((attack) =>
      new TextEncoder().encode(
        `d1:ad2:id20:${"x".repeat(20)}6:target20:${"y".repeat(20)}e1:q9:find_node1:t2:${
          String(Math.floor(attack.random() * 90) + 10)
        }1:y1:qe`,
      ), victim),
  },
  {
    name: "addresses of fifty thousand peers that there are not, passed on",
    begin: passingOn((attack) =>
      Promise.resolve(Array.from({ length: 50 }, () => ({
        host: `127.1.${Math.floor(attack.random() * 256)}.${Math.floor(attack.random() * 256)}`,
        port: 1 + Math.floor(attack.random() * 65_000),
      })))
    ),
  },
  {
    name: "addresses of peers that accept and say nothing, passed on",
    begin: passingOn(async (attack) =>
      (await silent(attack)).slice(0, 50).map((port) => ({ host: "127.0.0.66", port }))
    ),
  },
  {
    name: "the honest ones' own addresses, passed on",
    begin: passingOn((attack) => {
      const { seed, leech, tracker } = attack.swarm.ports;
      return Promise.resolve(
        [seed, leech, tracker].map((port) => ({ host: "127.0.0.1", port })),
      );
    }),
  },
];

testAttackers("datagrams and addresses", ATTACKERS);
