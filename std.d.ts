/**
 * Types of the Deno standard library's npm edition, which ships none: as much of it as we use.
 */
declare module "@std/path/posix" {
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

declare module "@std/path/windows" {
  export * from "@std/path/posix";
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

/** Of D3, which ships no types either: scales, paths and the little arithmetic that figures need. */
declare module "d3-array" {
  export function max(values: readonly number[]): number | undefined;
  export function max<T>(values: readonly T[], of: (one: T) => number): number | undefined;
  export function min(values: readonly number[]): number | undefined;
}

declare module "d3-scale" {
  export interface Scale {
    (value: number): number;
    domain(values: number[]): this;
    range(values: number[]): this;
    /** Rounds the domain to about so many ticks. */
    nice(count?: number): this;
    ticks(count?: number): number[];
  }
  export function scaleLinear(): Scale;
  export function scaleLog(): Scale;
}

declare module "d3-shape" {
  export interface Curve {
    readonly name: string;
  }
  export const curveLinear: Curve;
  export const curveStepAfter: Curve;
  export interface Line<T> {
    (points: readonly T[]): string | null;
    x(of: (one: T) => number): this;
    y(of: (one: T) => number): this;
    curve(curve: Curve): this;
    /** Digits behind the point. */
    digits(count: number): this;
  }
  export function line<T>(): Line<T>;
}
