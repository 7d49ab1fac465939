/**
 * Questions with answers to pick by arrow keys.
 *
 * @module
 */
import { visible } from "../base/format.ts";
import type { LineEditor } from "../base/environment.ts";

/** One answer that may be picked. */
export interface Choice<T> {
  readonly name: string;
  readonly value: T;
  /** Shown below the list while it is the one in view. */
  readonly description?: string;
}

/** Asks people; each answer is undefined where they pressed Ctrl-C instead. */
export interface Prompts {
  /** One of several: typing narrows them down, beginning with `typed`. */
  choose<T>(
    question: string,
    choices: readonly Choice<T>[],
    typed?: string,
  ): Promise<T | undefined>;
  /** A text. */
  text(question: string, preset?: string): Promise<string | undefined>;
}

/** Whether an answer to a question with `[y/N]` agrees. */
export function isYes(answer: string): boolean {
  return /^\s*y(es)?\s*$/i.test(answer);
}

/** Lines of a list that are shown at once. */
const PAGE = 12;

/** What shows the keys, where it is all that was typed. */
const HELP = "?";
const KEYS = [
  "Up, Down   go through the list",
  "letters    leave what has them in its name",
  "Backspace  takes the last letter back, and this help",
  "Enter      chooses what is marked",
  "Ctrl-C     goes back",
];

function keysInWords(keys: readonly (readonly [string, string])[]): string {
  const more = [["letters", "filter"], [HELP, "keys"]] as const;
  return [...keys, ...more].map(([key, action]) => `${key} ${action}`).join(", ");
}

/** Asks in the terminal that `editor` has. The library is loaded with the first question. */
export function promptsOn(editor: LineEditor, { colour }: { colour: boolean }): Prompts {
  const ask = async <T>(
    use: (library: Library, context: Context) => Promise<T>,
  ): Promise<T | undefined> => {
    // The library looks for itself whether there is to be colour.
    if (!colour) Deno.env.set("NO_COLOR", "1");
    const library = await import("@inquirer/prompts");
    return await editor.lend(async (context) => {
      try {
        return await use(library, { ...context, clearPromptOnDone: true });
      } catch (error) {
        if (error instanceof Error && error.name === "ExitPromptError") return undefined;
        throw error;
      }
    });
  };
  return {
    choose: async (question, choices, typed = "") =>
      await ask(({ search, Separator }, context) =>
        search({
          message: visible(question),
          pageSize: PAGE,
          ...(typed !== "" && { initialValue: typed }),
          theme: { style: { keysHelpTip: keysInWords } },
          source: (term = "") => {
            if (term === HELP) {
              return [...KEYS.map((line) => new Separator(line)), ...choices.map(shown)];
            }
            const wanted = term.toLowerCase();
            return choices.filter(({ name }) => name.toLowerCase().includes(wanted)).map(shown);
          },
        }, context)
      ),
    text: async (question, preset) => {
      // Nobody can accept what they do not see.
      const isSafe = preset !== undefined && visible(preset) === preset;
      const options = { message: visible(question), ...(isSafe ? { default: preset } : {}) };
      return await ask(({ input }, context) => input(options, context));
    },
  };
}

type Library = typeof import("@inquirer/prompts");
type Context = NonNullable<Parameters<Library["select"]>[1]>;

/** Names of others are in it. */
function shown<T>({ name, value, description }: Choice<T>): {
  name: string;
  value: T;
  description?: string;
} {
  return {
    name: visible(name),
    value,
    ...(description === undefined ? {} : { description: visible(description) }),
  };
}
