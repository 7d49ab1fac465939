/**
 * The secret of a peer's page, kept in its store: a page that is left open still has it when the peer
 * comes back, and programs of the same person find the page by it.
 *
 * @module
 */
import { join } from "@std/path";
import { newToken } from "./guard.ts";

const SECRET_FILE = "page-secret";
/** Where the page is at the moment, with the secret; there while it is served. */
const ADDRESS_FILE = "page-address";

/**
 * The secret of this store; made where there is none.
 *
 * @param stateDir undefined for a passing one
 * @param onUnkept the store takes no file (its disk is full): a secret of this session alone is served
 */
export async function pageSecret(
  stateDir: string | undefined,
  onUnkept: (error: unknown) => void,
): Promise<string> {
  if (stateDir === undefined) return newToken();
  const path = join(stateDir, SECRET_FILE);
  try {
    const kept = (await Deno.readTextFile(path)).trim();
    if (/^[\w-]{24}$/.test(kept)) return kept;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const token = newToken();
  await writePrivate(path, `${token}\n`).catch(onUnkept);
  return token;
}

/**
 * Says in the store where the page is, until the result is disposed.
 *
 * @param onUntold the store takes no file: `vtorrent status` and the others will not find the page
 */
export async function tellAddress(
  stateDir: string,
  url: string,
  onUntold: (error: unknown) => void,
): Promise<AsyncDisposable> {
  const path = join(stateDir, ADDRESS_FILE);
  await writePrivate(path, `${url}\n`).catch(onUntold);
  return {
    [Symbol.asyncDispose]: async () => {
      // Somebody may have tidied up.
      await Deno.remove(path).catch(() => {});
    },
  };
}

/** Address and secret of the page of a peer with this store; undefined where none is told. */
export async function addressIn(
  stateDir: string,
): Promise<{ origin: string; token: string } | undefined> {
  try {
    const text = await Deno.readTextFile(join(stateDir, ADDRESS_FILE));
    const match = /^(http:\/\/[^/\s]{1,100})\/#([\w-]{24})$/.exec(text.trim());
    return match === null ? undefined : { origin: match[1]!, token: match[2]! };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * A file that nobody else may read, whole or not at all. The store has one peer at a time: what is made
 * has one name, so that a peer that is killed meanwhile leaves nothing for ever.
 */
async function writePrivate(path: string, text: string): Promise<void> {
  const made = `${path}.new`;
  try {
    await Deno.remove(made).catch(() => {});
    await Deno.writeTextFile(made, text, { createNew: true, mode: 0o600 });
    await Deno.rename(made, path);
  } catch (error) {
    await Deno.remove(made).catch(() => {});
    throw error;
  }
}
