/**
 * Row selection: one active row, and those that are selected. Pure.
 *
 * @module
 */

/** What is selected in a list of keys. */
export interface RowSelection {
  readonly selected: ReadonlySet<string>;
  /** Where the keyboard is. */
  readonly active: string | undefined;
  /** Where a range begins. */
  readonly anchor: string | undefined;
}

export const NOTHING_SELECTED: RowSelection = {
  selected: new Set(),
  active: undefined,
  anchor: undefined,
};

/** One row becomes active; what is selected stays. */
export function activate(selection: RowSelection, key: string): RowSelection {
  return { ...selection, active: key, anchor: key };
}

/** One row is selected, or not any more. */
export function toggle({ selected }: RowSelection, key: string): RowSelection {
  const now = new Set(selected);
  if (!now.delete(key)) now.add(key);
  return { selected: now, active: key, anchor: key };
}

/** All rows from the anchor to `key`, in the order of `keys`, are selected, and no others. */
export function extend(
  { active, anchor }: RowSelection,
  keys: readonly string[],
  key: string,
): RowSelection {
  const from = anchor ?? active ?? key;
  const [start, end] = [keys.indexOf(from), keys.indexOf(key)];
  const range = start < 0 ? [key] : keys.slice(Math.min(start, end), Math.max(start, end) + 1);
  return { selected: new Set(range), active: key, anchor: start < 0 ? key : from };
}

/** All of `keys` are selected. */
export function selectAll(selection: RowSelection, keys: readonly string[]): RowSelection {
  return { ...selection, selected: new Set(keys) };
}

/** Nothing is selected; the active row stays. */
export function selectNone({ active }: RowSelection): RowSelection {
  return { selected: new Set(), active, anchor: active };
}

/**
 * The key `by` rows further, within the list. Where no row is active one row up is the last one, and
 * all else counts from before the first.
 */
export function keyAt(
  { active }: RowSelection,
  keys: readonly string[],
  by: number,
): string | undefined {
  const at = active === undefined ? -1 : keys.indexOf(active);
  if (at < 0 && by === -1) return keys.at(-1);
  return keys[Math.max(0, Math.min(keys.length - 1, at + by))];
}

/** Without rows that are gone, or not shown any more. */
export function among(selection: RowSelection, keys: readonly string[]): RowSelection {
  const { selected, active, anchor } = selection;
  if (selected.size === 0 && active === undefined) return selection;
  const there = new Set(keys);
  return {
    selected: new Set([...selected].filter((key) => there.has(key))),
    active: active !== undefined && there.has(active) ? active : undefined,
    anchor: anchor !== undefined && there.has(anchor) ? anchor : undefined,
  };
}
