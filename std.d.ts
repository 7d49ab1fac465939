/**
 * Types of the Deno standard library's npm edition, which ships none: as much of it as we use.
 */
declare module "@std/path" {
  export const SEPARATOR: "/" | "\\";
  export function basename(path: string, suffix?: string): string;
  export function dirname(path: string): string;
  export function fromFileUrl(url: string | URL): string;
  export function isAbsolute(path: string): boolean;
  export function join(...paths: string[]): string;
  export function normalize(path: string): string;
  export function parse(path: string): { dir: string; base: string; name: string; ext: string };
  export function relative(from: string, to: string): string;
  export function resolve(...paths: string[]): string;
}

declare module "@std/encoding/base32" {
  /** @throws {TypeError} where `text` is not base32 (RFC 4648) */
  export function decodeBase32(text: string): Uint8Array;
}

declare module "@std/cli/parse-args" {
  /** Reads a command line: what begins with `-` by name, all else as `_`. */
  export function parseArgs(args: string[], options: {
    string?: readonly string[];
    boolean?: readonly string[];
    default?: Readonly<Record<string, unknown>>;
    /** Called for what no option names; `false` leaves it out. */
    unknown?: (argument: string, key?: string) => boolean;
  }): { _: (string | number)[]; [name: string]: unknown };
}
