/**
 * Ports for programs that cannot choose one by themselves and tell.
 *
 * @module
 */

/** A TCP port of 127.0.0.1 that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
