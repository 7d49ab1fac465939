/**
 * Bounds a map: what was put in first goes first.
 *
 * @module
 */

/** Takes out the oldest entries until `most` are left. */
export function dropOldest<T>(map: Map<string, T>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
