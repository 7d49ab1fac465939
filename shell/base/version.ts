/**
 * What this program calls itself.
 *
 * @module
 */

/** Semantic version. The peer ID prefix `-VT0100-` says the same. */
export const VERSION = "0.1.0";
