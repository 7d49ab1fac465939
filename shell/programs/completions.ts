/**
 * `vtorrent completions <bash|zsh|fish>`.
 *
 * @module
 */
import { bashCompletions, fishCompletions, zshCompletions } from "../help/completion_scripts.ts";
import { UsageError } from "../base/errors.ts";
import { didYouMean } from "../base/did_you_mean.ts";
import { labVocabulary } from "../lab/lab_vocabulary.ts";
import type { ProgramCall } from "../help/program_table.ts";

const WRITERS = { bash: bashCompletions, zsh: zshCompletions, fish: fishCompletions };

export function run({ programs, args, world }: ProgramCall): Promise<number> {
  const shell = args[0]!;
  if (!isKnown(shell)) {
    throw new UsageError(
      `No completions for "${shell}": take bash, zsh or fish.` +
        didYouMean(shell, Object.keys(WRITERS)),
    );
  }
  world.stdout.write(WRITERS[shell](programs, labVocabulary()));
  return Promise.resolve(0);
}

function isKnown(shell: string): shell is keyof typeof WRITERS {
  return Object.hasOwn(WRITERS, shell);
}
