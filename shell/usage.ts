/**
 * Usage: the text that `vtorrent` prints without arguments. Pure.
 *
 * @module
 */

/** The way to a first transfer. `command` is how this program is called from here. */
export function welcome(command: string): string {
  return `vtorrent: a BitTorrent tracker, a BitTorrent peer, a shell to watch them.

A first transfer, in three terminals side by side:

  1.  ${command} tracker
  2.  ${command} peer 1
      Put a file into peer_files/peer_1/ and type: torrent -mode send <FILE>
  3.  ${command} peer 2
      Each peer suggests what to type next

Everything at once, narrated:  ${command} demo
Prefer arrow keys? Type menu at a peer's prompt
All programs and flags:        ${command} --help
`;
}

/** How a program is called from a folder: by its path where it lies there, else by its name. */
export function commandFrom(self: readonly string[], cwd: string): string {
  const path = self.length === 1 ? self[0]! : "vtorrent";
  const at = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  const name = path.slice(at + 1);
  return at >= 0 && path.slice(0, at) === cwd ? `./${name}` : name;
}
