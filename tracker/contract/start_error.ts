/**
 * Why a tracker cannot start, in a sentence that names the port and the way out.
 *
 * @module
 */

/** The port is taken or may not be used, with a sentence for the user. */
export class TrackerStartError extends Error {
  override name = "TrackerStartError";
}

/** An option's value makes no sense: what is wrong with it, and what to write. */
export class TrackerOptionError extends TrackerStartError {
  override name = "TrackerOptionError";
}

/**
 * What the system said, for the user.
 *
 * @param what how to name the port: "Port 8000", "UDP port 8000"
 */
export function startError(error: unknown, host: string, what: string): TrackerStartError {
  const cause = { cause: error };
  if (error instanceof Deno.errors.AddrInUse) {
    const hint = "stop the other program or choose another port with --port";
    return new TrackerStartError(`${what} is in use: ${hint}`, cause);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new TrackerStartError(`${what} needs more rights: choose one above 1023`, cause);
  }
  const said = error instanceof Error ? error.message : String(error);
  return new TrackerStartError(`Cannot listen on ${host}, ${what}: ${said}`, cause);
}
