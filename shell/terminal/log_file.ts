/**
 * Log file: events worth keeping, in a file of bounded size.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { visible, visibleJson } from "../base/format.ts";
import { didYouMean } from "../base/did_you_mean.ts";

/** From silent to everything. */
export const LOG_LEVELS = ["off", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How a line is written. */
export const LOG_FORMATS = ["text", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Bytes at which a file is put aside, and how many of these are kept. */
const MAX_BYTES = 4 << 20;
const KEPT = 3;

/** Events that are not for `info`. */
const LEVEL_OF: Readonly<Record<string, LogLevel>> = {
  "error": "error",
  "warning": "warn",
  "failure": "warn",
  "metadata-failed": "warn",
  "peer-banned": "warn",
  "piece-failed": "warn",
  "pieces-lost": "warn",
  "restore-failed": "warn",
  "tracker-failed": "warn",
  "tracker-warning": "warn",
  "web-seed-failed": "warn",
  "announce": "debug",
  "choked": "debug",
  "choked-by": "debug",
  "piece-verified": "debug",
  "scraped": "debug",
  "unchoked": "debug",
  "unchoked-by": "debug",
};

/** The level of an event. */
export function levelOf(event: string): LogLevel {
  return LEVEL_OF[event] ?? "info";
}

/** One line, with its end. Pure. */
export function logLine(
  facts: Readonly<Record<string, unknown>> & { readonly event: string },
  { time, format }: { time: Date; format: LogFormat },
): string {
  const { event, ...rest } = facts;
  const level = levelOf(event);
  const stamp = time.toISOString();
  if (format === "json") return visibleJson({ time: stamp, level, event, ...rest }) + "\n";
  const parts = Object.entries(rest).filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${valueText(value)}`);
  return [stamp, level.toUpperCase().padEnd(5), event, ...parts].join(" ") + "\n";
}

function valueText(value: unknown): string {
  const text = typeof value === "string" ? visible(value) : visibleJson(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

/** A log file. A disk that fails ends the log, never what is logged. */
export class Log implements Disposable {
  readonly #path: string;
  readonly #level: LogLevel;
  readonly #format: LogFormat;
  #file: Deno.FsFile | undefined;
  #size = 0;

  private constructor(path: string, level: LogLevel, format: LogFormat) {
    this.#path = path;
    this.#level = level;
    this.#format = format;
  }

  /**
   * Goes on with the file at `path`; undefined where nothing is to be logged.
   *
   * @throws {UsageError} for a level or format that is none
   */
  static open(
    path: string | undefined,
    { level = "info", format = "text" }: {
      level?: string | undefined;
      format?: string | undefined;
    },
  ): Log | undefined {
    const wanted = oneOf(LOG_LEVELS, level, "--log-level");
    const log = path === undefined || wanted === "off"
      ? undefined
      : new Log(path, wanted, oneOf(LOG_FORMATS, format, "--log-format"));
    if (log !== undefined) log.#open();
    return log;
  }

  write(facts: Readonly<Record<string, unknown>> & { readonly event: string }): void {
    if (LOG_LEVELS.indexOf(levelOf(facts.event)) > LOG_LEVELS.indexOf(this.#level)) return;
    if (this.#file === undefined) return;
    const line = new TextEncoder().encode(
      logLine(facts, { time: new Date(), format: this.#format }),
    );
    try {
      if (this.#size > 0 && this.#size + line.length > MAX_BYTES) this.#rotate();
      for (let at = 0; at < line.length;) at += this.#file!.writeSync(line.subarray(at));
      this.#size += line.length;
    } catch {
      this[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #open(): void {
    try {
      this.#file = Deno.openSync(this.#path, { append: true, create: true, mode: 0o600 });
      this.#size = this.#file.statSync().size;
    } catch {
      // A store that cannot be written says so elsewhere.
      this.#file = undefined;
    }
  }

  /** `peer.log` becomes `peer.log.1`, and so on; the oldest goes. */
  #rotate(): void {
    this[Symbol.dispose]();
    for (let number = KEPT - 1; number >= 0; number--) {
      const from = number === 0 ? this.#path : `${this.#path}.${number}`;
      try {
        Deno.renameSync(from, `${this.#path}.${number + 1}`);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    this.#open();
  }
}

function oneOf<T extends string>(known: readonly T[], text: string, flag: string): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new UsageError(`${flag} is "${text}": give ${known.join(", ")}.${didYouMean(text, known)}`);
}
