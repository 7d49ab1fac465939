/**
 * Cleans up behind a grader or a lab that was killed: a shell that waits for the end of its standard
 * input, which comes with their death by whatever cause.
 *
 * @module
 */

/** The variable by which a process is known to belong to a run: a folder within the run's own. */
export const FOLDER_VARIABLE = "VTORRENT_RUN_FOLDER";

/**
 * On the end of input: ends the process groups that it was told of and what is known by the variable,
 * then removes the run's folder.
 */
const SCRIPT = `trap '' INT TERM HUP
groups=
while read -r what pgid; do
  case $what in
    +) groups="$groups $pgid " ;;
    -) groups=$(printf %s "$groups" | sed "s/ $pgid / /") ;;
  esac
done
for pgid in $groups; do kill -9 -"$pgid" 2>/dev/null; done
# What left its group kept what it inherited, but shows nothing of it while another program takes its
# place (exec): so it is looked for until twice nothing was there.
none=0
for look in 1 2 3 4 5 6 7 8 9 10; do
  none=$((none + 1))
  for file in $(grep -lsaF -- "${FOLDER_VARIABLE}=$1/" /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${file#/proc/}
    kill -9 "\${pid%/environ}" 2>/dev/null
    none=0
  done
  [ $none -lt 2 ] || break
  sleep 0.05
done
for try in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf "$1" 2>/dev/null
  [ -e "$1" ] || exit 0
  sleep 0.3
done
`;

const encoder = new TextEncoder();

/** Watches over the processes and files of a run. Disposing ends and removes them. */
export class Guardian implements AsyncDisposable {
  /** The run's own folder. */
  readonly folder: string;
  readonly #child: Deno.ChildProcess | undefined;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array> | undefined;

  private constructor(folder: string, child: Deno.ChildProcess | undefined) {
    this.folder = folder;
    this.#child = child;
    this.#stdin = child?.stdin.getWriter();
  }

  /**
   * Makes the run's folder and starts watching. On Windows nobody watches.
   *
   * @param prefix of the folder's name
   */
  static async start(prefix = "vtorrent-grade-"): Promise<Guardian> {
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix }));
    if (Deno.build.os === "windows") return new Guardian(folder, undefined);
    const child = new Deno.Command("/bin/sh", {
      args: ["-c", SCRIPT, "vtorrent-guardian", folder],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
    return new Guardian(folder, child);
  }

  /** Has a process group ended with the run. */
  async watch(group: number): Promise<void> {
    await this.#stdin?.write(encoder.encode(`+ ${group}\n`));
  }

  /** A process group has ended: its number may become another's. */
  async forget(group: number): Promise<void> {
    await this.#stdin?.write(encoder.encode(`- ${group}\n`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child === undefined) {
      await Deno.remove(this.folder, { recursive: true });
      return;
    }
    await this.#stdin!.close();
    await this.#child.status;
  }
}
