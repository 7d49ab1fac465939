/**
 * Addresses of the trackers that are marked: loopback and nothing else.
 *
 * @module
 */

/** Where a tracker is asked unless a rubric says otherwise. */
export const ANNOUNCE = "http://127.0.0.1:{port}/announce";

/** Whether a word is the URL of a tracker in place of a program. */
export function isTrackerUrl(word: string): boolean {
  return /^(https?|udp):\/\//i.test(word);
}

/** Why a tracker at this announce URL cannot be marked; undefined where it can. */
export function addressFault(announce: string): string | undefined {
  const url = URL.parse(announce.replaceAll("{port}", "8000"));
  if (url === null) return "write it like http://127.0.0.1:8000/announce";
  if (url.protocol !== "http:" && url.protocol !== "udp:") {
    return "trackers are marked over http and udp";
  }
  if (!/^(127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)) {
    return "only trackers on this machine are marked: 127.0.0.1 or [::1]";
  }
  if (url.port === "" && url.protocol === "udp:") return "it needs a port";
  return undefined;
}
