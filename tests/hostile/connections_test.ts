/**
 * Attackers that only take places: connections without a use, to both peers.
 *
 * @module
 */
import { encodeHandshake } from "../../protocol/handshake.ts";
import { type Attack, type Attacker, victim } from "./attack.ts";
import { testAttackers } from "./zoo.ts";

/** Connections that begin with these bytes and are held as long as the other end holds them. */
function held(attack: Attack, size: number, first: (index: number) => Uint8Array): void {
  attack.crowd(size, 200, async (index) => {
    using stream = await attack.call(victim(index));
    await stream.write(first(index));
    attack.strike();
    await attack.hold(stream);
  });
}

function handshake(attack: Attack, infoHash: Uint8Array = attack.swarm.infoHash): Uint8Array {
  const flags = { fast: true, extended: true, dht: false, v2: false };
  return encodeHandshake({ infoHash, peerId: attack.bytes(20), ...flags });
}

const ATTACKERS: Attacker[] = [
  {
    name: "200 connections that say nothing",
    begin: (attack) => held(attack, 200, () => new Uint8Array()),
  },
  {
    name: "200 connections that say nothing from the honest ones' own address",
    begin: (attack) =>
      attack.crowd(200, 200, async (index) => {
        using stream = await attack.call(victim(index), "127.0.0.1");
        attack.strike();
        await attack.hold(stream);
      }),
  },
  {
    name: "200 connections that say nothing after the handshake",
    begin: (attack) => held(attack, 200, () => handshake(attack)),
  },
  {
    name: "200 handshakes that come a byte every half second",
    begin: (attack) =>
      attack.crowd(200, 200, async (index) => {
        using stream = await attack.call(victim(index));
        for (const byte of handshake(attack)) {
          await stream.write(Uint8Array.of(byte));
          attack.strike();
          await attack.pause(500);
        }
      }),
  },
  {
    name: "handshakes of random bytes",
    begin: (attack) => held(attack, 50, () => attack.bytes(1024)),
  },
  {
    name: "handshakes for torrents that nobody has",
    begin: (attack) => held(attack, 50, () => handshake(attack, attack.bytes(20))),
  },
  {
    name: "callers that hang up right after the handshake, hundreds a second",
    begin: (attack) =>
      attack.crowd(20, 50, async (index) => {
        using peer = await attack.peer(victim(index));
        void peer;
        attack.strike();
      }),
  },
  {
    name: "a hundred connections under one peer ID",
    begin: (attack) => {
      const peerId = attack.bytes(20);
      attack.crowd(100, 200, async (index) => {
        using peer = await attack.peer(victim(index), { peerId });
        attack.strike();
        await peer.closed();
      });
    },
  },
  {
    name: "a caller that takes the peer ID of whoever it calls",
    begin: (attack) =>
      attack.crowd(10, 100, async (index) => {
        using first = await attack.peer(victim(index), { hear: false });
        const { peerId } = (await first.handshake(attack.swarm.infoHash))!;
        attack.strike();
        // To the other one under the first one's name.
        using second = await attack.peer(victim(index + 1), { peerId });
        await second.closed();
      }),
  },
  {
    name: "a hundred addresses with two silent connections each",
    begin: (attack) =>
      attack.crowd(200, 200, async (index) => {
        using peer = await attack.peer(victim(index), { from: `127.0.1.${1 + (index >> 1)}` });
        attack.strike();
        await peer.closed();
      }),
  },
  {
    name: "keys of an encrypted handshake that is never finished",
    begin: (attack) => held(attack, 100, () => attack.bytes(96)),
  },
  {
    name: "encrypted handshakes with endless padding",
    begin: (attack) =>
      attack.crowd(20, 100, async (index) => {
        using stream = await attack.call(victim(index));
        for (;;) {
          await stream.write(attack.bytes(512));
          attack.strike();
          await attack.pause(50);
        }
      }),
  },
];

testAttackers("connections", ATTACKERS);
