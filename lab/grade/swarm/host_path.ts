/**
 * Path within a host's folder, as a template names it.
 *
 * @module
 */

/** Why a path is none of a file within the folder; undefined where it is one. */
export function leavesFolder(path: string): string | undefined {
  if (/^([/\\]|[A-Za-z]:|\{dir\})/.test(path)) return "is absolute";
  const parts = path.split(/[/\\]/);
  if (parts.includes("..")) return "leads out of it";
  if (parts.every((part) => part === "" || part === ".")) return "names no file";
  return undefined;
}
