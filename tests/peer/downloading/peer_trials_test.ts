import { Peer } from "../../../peer/peers/peer.ts";
import { PeerTrials } from "../../../peer/downloading/peer_trials.ts";
import { assertEquals } from "../../support/assert.ts";

const BLOCKS = 4;

function peer(host: string, id = 1): Peer {
  const made = new Peer({
    ...{ host, port: 1, peerId: new Uint8Array(20).fill(id), source: "incoming", incoming: true },
    ...{ fast: true, extended: true, client: "test", pieceCount: 9, now: 0 },
  });
  made.peerChoking = false;
  return made;
}

Deno.test("a newcomer is asked for one piece until one of its pieces was right", () => {
  const trials = new PeerTrials(BLOCKS);
  const newcomer = peer("10.0.0.1");
  trials.welcome(newcomer);
  assertEquals(newcomer.room, BLOCKS);
  newcomer.onBlock(16384, { at: 0, turn: 0, ahead: 0 }, 1);
  assertEquals(newcomer.room, BLOCKS - 1, "what came is not proven yet");
  newcomer.prove();
  assertEquals(newcomer.room, newcomer.window.size);
});

Deno.test("blocks of a piece that others do not complete are forgotten in seconds", () => {
  const newcomer = peer("10.0.0.1");
  new PeerTrials(BLOCKS).welcome(newcomer);
  for (let turn = 0; turn < BLOCKS; turn++) {
    newcomer.onBlock(16384, { at: 0, turn, ahead: 0 }, 1);
  }
  assertEquals(newcomer.room, 0);
  for (let second = 0; second < 3; second++) newcomer.tick();
  assertEquals(newcomer.room, BLOCKS);
});

Deno.test("after two bad peers, newcomers are tried one by one, and later each time", () => {
  const trials = new PeerTrials(BLOCKS);
  const innocent = peer("10.0.0.2");
  trials.welcome(innocent);
  trials.lied("10.0.0.1", 0);
  trials.lied("10.0.0.1", 0);
  const newcomers = [1, 2, 3].map((id) => peer("10.0.0.1", id));
  const proven = peer("10.0.0.1", 4);
  for (const one of [...newcomers, proven]) trials.welcome(one);
  proven.prove();
  const all = [innocent, ...newcomers, proven];
  const onTrial = (now: number) => {
    trials.tick(all, now);
    return newcomers.filter(({ credit }) => credit > 0);
  };
  assertEquals(onTrial(3999), []);
  assertEquals(onTrial(4000), [newcomers[0]!]);
  assertEquals([innocent.credit, proven.credit], [BLOCKS, Infinity]);
  trials.lied("10.0.0.1", 4500); // the first one
  all.splice(1, 1);
  newcomers.shift();
  assertEquals(onTrial(12_499), []);
  assertEquals(onTrial(12_500), [newcomers[0]!]);
  newcomers[0]!.prove();
  assertEquals(onTrial(13_500).map(({ credit }) => credit), [Infinity, BLOCKS]);
});

Deno.test("if many are silent every peer is tried, those that we dialled first", () => {
  const trials = new PeerTrials(BLOCKS);
  trials.lied("10.0.0.1", 0);
  trials.lied("10.0.0.1", 0);
  const callers = Array.from({ length: 5 }, (_, id) => peer("10.0.0.1", id));
  const called = Object.assign(peer("10.0.0.1", 9), { incoming: false });
  const all = [...callers, called];
  for (const one of all) trials.welcome(one);
  const order: (Peer | undefined)[] = [];
  for (let now = 4000; now <= 14_000; now += 2000) {
    trials.tick(all, now);
    order.push(all.find(({ credit }) => credit > 0));
  }
  assertEquals(order, [called, ...callers]);
});

Deno.test("a trial that brings nothing ends, and the next one has its turn", () => {
  const trials = new PeerTrials(BLOCKS);
  trials.lied("10.0.0.1", 0);
  trials.lied("10.0.0.1", 0);
  const newcomers = [1, 2].map((id) => peer("10.0.0.1", id));
  for (const one of newcomers) trials.welcome(one);
  trials.tick(newcomers, 4000);
  trials.tick(newcomers, 5999);
  assertEquals(newcomers.map(({ credit }) => credit), [BLOCKS, 0]);
  trials.tick(newcomers, 6000);
  assertEquals(newcomers.map(({ credit }) => credit), [0, BLOCKS]);
});

Deno.test("if many addresses send bad data, four newcomers are tried at a time until a quiet minute", () => {
  const trials = new PeerTrials(BLOCKS);
  const newcomers = Array.from({ length: 9 }, (_, id) => peer(`10.0.1.${id}`, id));
  const called = Object.assign(peer("10.0.2.1"), { incoming: false });
  const all = [...newcomers, called];
  for (const one of all) trials.welcome(one);
  for (let liar = 0; liar < 6; liar++) trials.lied(`10.0.0.${liar}`, 0);
  const onTrial = (now: number) => {
    trials.tick(all, now);
    return all.filter(({ credit }) => credit > 0);
  };
  assertEquals(onTrial(0), [...newcomers.slice(0, 3), called]);
  const late = peer("10.0.3.1");
  trials.welcome(late);
  assertEquals(late.credit, 0, "newcomers wait for their turn");
  called.prove();
  assertEquals(onTrial(1000), [...newcomers.slice(0, 4), called]);
  assertEquals(onTrial(2000), [...newcomers.slice(3, 7), called], "silence ends a turn");
  assertEquals(onTrial(60_000).length, all.length);
});
