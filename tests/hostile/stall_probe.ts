/**
 * Runs inside the program under attack (`deno run --preload`): how long its loop stood still.
 *
 * Two ticks of a timer that are far apart mean that something kept the loop. What counts is the CPU
 * time (ms) that the loop's thread used in between, as Linux tells it: another process that took the
 * core meanwhile costs none. The longest is written to the file named by `STALL_FILE` whenever it
 * grows; the signal SIGUSR2 forgets what was before.
 *
 * @module
 */

/** ms between two ticks. */
const TICK = 5;

// Opened at once: the program gives up its right to read all files.
const usage = Deno.openSync(`/proc/self/task/${Deno.pid}/schedstat`);
const file = Deno.openSync(Deno.env.get("STALL_FILE")!, { write: true, create: true });
const buffer = new Uint8Array(64);

/** ms of CPU time of this thread so far. */
function cpuTime(): number {
  usage.seekSync(0, Deno.SeekMode.Start);
  const length = usage.readSync(buffer) ?? 0;
  return parseInt(new TextDecoder().decode(buffer.subarray(0, length))) / 1e6;
}

let last = cpuTime();
let longest = 0;

function keep(stall: number): void {
  longest = stall;
  file.seekSync(0, Deno.SeekMode.Start);
  file.writeSync(new TextEncoder().encode(stall.toFixed(1).padStart(8)));
}

const timer = setInterval(() => {
  const now = cpuTime();
  if (now - last > longest) keep(now - last);
  last = cpuTime();
}, TICK);
Deno.unrefTimer(timer);

Deno.addSignalListener("SIGUSR2", () => {
  last = cpuTime();
  keep(0);
});
