/**
 * The words a student's program is started with: CodeCrafters' forms of the BitTorrent course, and
 * what a rubric puts in their place.
 *
 * @module
 */

/** What stands for what in a form. */
export interface Values {
  readonly [name: string]: string | number;
}

/** One command: its words, with `{name}` where a value goes. */
export type Form = readonly string[];

/** CodeCrafters' forms, each called by its first word. */
const COURSE = [
  "decode {bencode}",
  "info {torrent}",
  "peers {torrent}",
  "handshake {torrent} {peer}",
  "download_piece -o {output} {torrent} {piece}",
  "download -o {output} {torrent}",
  "magnet_parse {magnet}",
  "magnet_handshake {magnet}",
  "magnet_info {magnet}",
  "magnet_download_piece -o {output} {magnet} {piece}",
  "magnet_download -o {output} {magnet}",
  // Ours, since the course has no seeding: gives what lies in a folder until it is ended.
  "seed -p {port} -d {dir} {torrent}",
];

/**
 * Word → form. A tracker is started with its port alone; it is ready when it listens there. To see
 * that peers expire it is started with an interval in seconds behind it, and may say another one.
 */
export const FORMS: Readonly<Record<string, Form>> = {
  ...Object.fromEntries(COURSE.map((line) => [line.split(" ")[0]!, line.split(" ")])),
  tracker: ["{port}"],
  "expiring_tracker": ["{port}", "{interval}"],
};

/** `{name}` in a form. */
const PLACE = /\{([a-z_]+)\}/g;

/** The words of a form with its values put in. Places without a value stay as they are. */
export function fill(form: Form, values: Values): string[] {
  return form.map((word) =>
    word.replace(PLACE, (place, name: string) => String(values[name] ?? place))
  );
}

/** The places of a form. */
export function placesOf(form: Form): string[] {
  return form.flatMap((word) => [...word.matchAll(PLACE)].map(([, name]) => name!));
}
