/**
 * Version of this program, and its name towards others: the only place that says it.
 *
 * @module
 */

/** Semantic version. */
export const VERSION = "0.1.0";

/** Our name and version, as other clients show it (BEP 10 `v`, `User-Agent`). */
export const CLIENT: string = `vtorrent ${VERSION}`;

/** The first eight characters of our peer IDs (BEP 20): `-VT0100-`. */
export const PEER_ID_PREFIX: string = `-VT${VERSION.replaceAll(".", "").padEnd(4, "0")}-`;
