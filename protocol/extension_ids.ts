/**
 * The extension messages that we speak (BEP 10), and the IDs that we want them under.
 *
 * @module
 */

/** Extension name to the ID that others are to use towards us. */
export const OUR_EXTENSIONS = {
  "ut_pex": 1,
  "ut_metadata": 2,
  "lt_donthave": 3,
} as const;

export type ExtensionName = keyof typeof OUR_EXTENSIONS;
