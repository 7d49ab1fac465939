/**
 * P1: bencode, by way of `decode`.
 *
 * @module
 */
import { findJson, printed } from "../answers.ts";
import { howItEnded, listen } from "../ask.ts";
import type { Probe, Step } from "../step.ts";
import type { Trial } from "../trial.ts";

/** Asks for the value of one bencoded text. */
async function decodes(trial: Trial, bencode: string, value: unknown, why: string): Promise<void> {
  const run = await listen(trial, "decode", { bencode });
  const form = findJson(run.stdout.text(), value);
  if (form === undefined) {
    trial.fail({
      expected: `${JSON.stringify(value)} for ${bencode}`,
      seen: printed(run.stdout.text()) + howItEnded(run),
      why,
      marked: { bytes: new TextEncoder().encode(bencode) },
    });
  }
  if (form === "loose") trial.remark("decode prints another form than JSON: the value counts");
  if (run.end === undefined) trial.remark("decode does not end after its answer");
  await run.stop();
}

/** A text that is no bencode has to be refused: another status than 0. */
async function refuses(trial: Trial, bencode: string, why: string): Promise<void> {
  const run = await listen(trial, "decode", { bencode });
  if (run.end?.code === 0) {
    trial.fail({
      expected: `${bencode} is refused: a sentence, and another exit status than 0`,
      seen: `${printed(run.stdout.text())}${howItEnded(run)}`,
      why,
      marked: { bytes: new TextEncoder().encode(bencode) },
    });
  }
  await run.stop();
}

const uses = ["decode"];

const PROBES: readonly Probe[] = [
  {
    id: "P1.1",
    title: "A string, an integer, a list and a dictionary",
    points: 4,
    plain: true,
    uses,
    run: async (trial) => {
      const { random } = trial;
      const word = random.letters(5);
      const number = 10 + random.below(9000);
      await decodes(trial, `5:${word}`, word, "BEP 3: a string is <length>:<bytes>");
      await decodes(trial, `i${number}e`, number, "BEP 3: an integer is i<digits>e");
      await decodes(
        trial,
        `l5:${word}i${number}ee`,
        [word, number],
        "BEP 3: a list is l<values>e",
      );
      await decodes(
        trial,
        `d3:foo5:${word}5:helloi${number}ee`,
        { foo: word, hello: number },
        "BEP 3: a dictionary is d<key><value>…e",
      );
    },
  },
  {
    id: "P1.2",
    title: "Strings of ten and more bytes, with digits and colons in them",
    points: 2,
    uses,
    run: async (trial) => {
      const word = trial.random.letters(12);
      const why = "BEP 3: the length says where a string ends, not what is in it";
      await decodes(trial, `12:${word}`, word, why);
      await decodes(trial, `9:a:3:b:i4e`, "a:3:b:i4e", why);
    },
  },
  {
    id: "P1.3",
    title: "Negative integers, zero, and more than 32 bits",
    points: 2,
    uses,
    run: async (trial) => {
      const small = -(1 + trial.random.below(500));
      await decodes(trial, `i${small}e`, small, "BEP 3: negative integers begin with -");
      await decodes(trial, "i0e", 0, "BEP 3: i0e is zero");
      const large = 4_294_967_296 + trial.random.below(1_000_000);
      await decodes(
        trial,
        `i${large}e`,
        large,
        "BEP 3: integers have no limit; a file of more than 4 GiB has such a length",
      );
    },
  },
  {
    id: "P1.4",
    title: "Lists and dictionaries inside each other",
    points: 3,
    uses,
    run: async (trial) => {
      const word = trial.random.letters(4);
      const why = "BEP 3: values of lists and dictionaries are any values";
      await decodes(trial, `lli7ee4:${word}e`, [[7], word], why);
      await decodes(
        trial,
        `d4:infod4:name4:${word}4:sizei9ee4:listli1eli2eeee`,
        { info: { name: word, size: 9 }, list: [1, [2]] },
        why,
      );
    },
  },
  {
    id: "P1.5",
    title: "The empty list and the empty dictionary, in a list",
    points: 1,
    uses,
    run: async (trial) => {
      const word = trial.random.letters(3);
      await decodes(
        trial,
        `llede3:${word}e`,
        [[], {}, word],
        "BEP 3: le is a list without values, de a dictionary without keys",
      );
    },
  },
  {
    id: "P1.6",
    title: "Refuses what is no bencode",
    points: 2,
    uses,
    run: async (trial) => {
      const word = trial.random.letters(3);
      await refuses(trial, "i03e", "BEP 3: leading zeros are invalid: one value has one form");
      await refuses(trial, "i-0e", "BEP 3: i-0e is invalid");
      await refuses(trial, `9:${word}`, "BEP 3: the string has 9 bytes, and 3 are there");
      await refuses(trial, `l3:${word}`, "BEP 3: the list has no end");
      await refuses(trial, `3:${word}i1e`, "BEP 3: the value ends before the text does");
    },
  },
];

export const P1: Step = {
  id: "P1",
  of: "peer",
  title: "Bencode",
  needs: [],
  probes: PROBES,
};
