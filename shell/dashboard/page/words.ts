/**
 * Sizes, rates, times and states in words.
 *
 * @module
 */
import { formatBytes as bytes } from "./byte_units.ts";

export { bytes };

/** `1.5 MiB/s`; a dash for nothing. */
export function rate(bytesPerSecond: number): string {
  return bytesPerSecond === 0 ? "–" : `${bytes(bytesPerSecond)}/s`;
}

/** `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  if (seconds < 86_400) {
    return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  }
  return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds % 86_400 / 3600)} h`;
}

/** `41.5 %`; 100 only for all of it. */
export function share(of: number): string {
  return `${of >= 1 ? 100 : (Math.floor(of * 1000) / 10).toFixed(1)} %`;
}

/** `1 peer`, `2 peers`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Bytes per second from what people type, `500k`, `2M`; undefined where it is none. */
export function parseRate(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?(?:\/s)?\s*$/i.exec(text);
  if (match === null) return text.trim() === "" ? 0 : undefined;
  const power = ["", "k", "m", "g"].indexOf(match[2]!.toLowerCase());
  return Math.round(Number(match[1]) * 1024 ** power);
}

/** A name that is written from right to left does not turn the sentence around it. */
export function isolated(name: string): string {
  return /[\u0590-\u08ff\ufb1d-\ufefc]/.test(name) ? `\u2068${name}\u2069` : name;
}
