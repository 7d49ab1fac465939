/**
 * Questions with answers to pick by arrow keys.
 *
 * @module
 */
import { visible } from "./format.ts";
import type { LineEditor } from "./world.ts";

/** One answer that may be picked. */
export interface Choice<T> {
  readonly name: string;
  readonly value: T;
  /** Shown below the list while it is the one in view. */
  readonly description?: string;
}

/** Asks people; each answer is undefined where they pressed Ctrl-C instead. */
export interface Prompts {
  /** One of several. */
  choose<T>(question: string, choices: readonly Choice<T>[]): Promise<T | undefined>;
  /** One of many: typing narrows them down. */
  search<T>(question: string, choices: readonly Choice<T>[]): Promise<T | undefined>;
  /** A text. */
  text(question: string, preset?: string): Promise<string | undefined>;
}

/** Lines of a list that are shown at once. */
const PAGE = 12;

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
    choose: async (question, choices) =>
      await ask(({ select }, context) =>
        select({ message: visible(question), choices: choices.map(shown), pageSize: PAGE }, context)
      ),
    search: async (question, choices) =>
      await ask(({ search }, context) =>
        search({
          message: visible(question),
          pageSize: PAGE,
          source: (term) => {
            const wanted = (term ?? "").toLowerCase();
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
