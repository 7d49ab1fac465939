import { Answers, type Asked } from "../../../peer/peers/request_answers.ts";
import { assert, assertEquals } from "../../support/assert.ts";

/** Asks for `count` blocks at a time (ms). */
function ask(answers: Answers, count: number, at = 0): Asked[] {
  return Array.from({ length: count }, (_, ahead) => ({ at, turn: answers.nextTurn(), ahead }));
}

Deno.test("a request that a later one overtook is lost after five seconds, and no other", () => {
  const answers = new Answers();
  const [first, second, third] = ask(answers, 3);
  answers.answered(second!, 100);
  assert(!answers.isOvertaken(first!, 4_999));
  assert(answers.isOvertaken(first!, 5_000));
  assert(!answers.isOvertaken(third!, 60_000));
});

Deno.test("a peer that takes long for each block is given three times as long, up to a minute", () => {
  const slow = new Answers();
  const [first, second] = ask(slow, 2);
  slow.answered(second!, 10_000);
  assert(!slow.isOvertaken(first!, 29_999));
  assert(slow.isOvertaken(first!, 30_000));
  const slowest = new Answers();
  const [one, other] = ask(slowest, 2);
  slowest.answered(other!, 50_000);
  assert(slowest.isOvertaken(one!, 60_000));
});

Deno.test("silence: twenty seconds, twice as long after each, two minutes at most", () => {
  const answers = new Answers();
  for (const seconds of [20, 40, 80, 120, 120]) {
    assert(!answers.isSilent(0, seconds * 1000 - 1), `${seconds} s`);
    assert(answers.isSilent(0, seconds * 1000), `${seconds} s`);
    answers.fellSilent();
  }
  answers.answered(ask(answers, 1)[0]!, 10);
  assert(answers.isSilent(0, 20_000));
});

Deno.test("nobody is silent before what others were asked for could have come over our line", () => {
  const answers = new Answers();
  const wait = 15_000;
  assert(!answers.isSilent(0, 2 * wait - 1, { wait }));
  assert(answers.isSilent(0, 2 * wait, { wait }));
  assert(!answers.isSilent(0, 19_999, { wait: 1_000 }), "never sooner than without others");
});

Deno.test("a block that came after all is a reason to wait longer", () => {
  const answers = new Answers();
  const [first, second] = ask(answers, 2);
  answers.answered(second!, 2_000);
  answers.wasSlow();
  assert(!answers.isOvertaken(first!, 11_999));
  assert(answers.isOvertaken(first!, 12_000));
});

Deno.test("a peer that lost all but one request of a window gets one, and rarely two", () => {
  const answers = new Answers();
  let lost = 0;
  for (let block = 0; block < 2_000; block++) {
    const out = ask(answers, Math.min(16, answers.capacity), block * 1000);
    answers.answered(out[0]!, block * 1000 + 10);
    for (const asked of out.slice(1)) {
      answers.lost(asked);
      lost++;
    }
    assertEquals(answers.capacity === 1 || answers.capacity === 2, true);
  }
  assert(lost < 15 + 12, `${lost} requests lost`);
});

Deno.test("a peer that lost one request soon has its full window again", () => {
  const answers = new Answers();
  answers.lost(ask(answers, 1)[0]!);
  let blocks = 0;
  while (answers.capacity !== Infinity) {
    answers.answered(ask(answers, 1, blocks)[0]!, blocks++);
  }
  assert(blocks < 200, `${blocks} blocks`);
});

Deno.test("a peer that rejects its only request is left alone for 1, 2, 4 … 30 s", () => {
  const answers = new Answers();
  const rests: number[] = [];
  for (let i = 0; i < 7; i++) {
    answers.refused(ask(answers, 1)[0]!, true);
    let seconds = 0;
    for (; answers.capacity === 0; seconds++) answers.tick();
    rests.push(seconds);
  }
  assertEquals(rests, [1, 2, 4, 8, 16, 30, 30]);
});

Deno.test("a silent peer is probed once for each silence", () => {
  const answers = new Answers();
  assert(!answers.mayProbe(0, 2_999));
  assert(answers.mayProbe(0, 3_000));
  assert(!answers.mayProbe(0, 60_000));
  answers.answered(ask(answers, 1, 60_000)[0]!, 60_010);
  assert(!answers.mayProbe(60_010, 62_009));
  assert(answers.mayProbe(60_010, 62_010));
});
