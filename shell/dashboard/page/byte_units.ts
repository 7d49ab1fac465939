/**
 * Bytes in binary units, for the terminal and the page alike: it lies here because a page may import
 * its own folder alone.
 *
 * @module
 */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** Bytes in binary units with three figures at most: `0 B`, `1023 B`, `1.5 KiB`, `90.1 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 1023.95 KiB would be shown as 1024.0: such values belong to the next unit.
  while (value >= (unit === 0 ? 1024 : 1023.95) && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const figures = unit === 0 ? 0 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(figures)} ${UNITS[unit]}`;
}
