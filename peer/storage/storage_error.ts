/**
 * Storage errors: file system failures in words that a person understands.
 *
 * @module
 */
import { StorageError } from "../ports.ts";
import { isNotUtf8, NOT_UTF8 } from "./name_encoding.ts";

/** `error` as a sentence about `path`; an error that is one already passes through. */
export function toStorageError(error: unknown, doing: string, path: string): StorageError {
  if (error instanceof StorageError) return error;
  const kind = kindOf(error);
  if (kind === "missing" && isNotUtf8(path)) {
    const why = `it ${NOT_UTF8}: rename it`;
    return new StorageError("other", path, `Cannot ${doing} ${path}: ${why}`, { cause: error });
  }
  const why = {
    full: "the disk is full: free some space",
    permission: "permission denied: choose another folder or change its permissions",
    missing: "it is missing",
    changed: "it was changed",
    "in-use": "another program uses it",
    exists: "something of that name is there: move it away",
    other: systemWords(error),
  }[kind];
  return new StorageError(kind, path, `Cannot ${doing} ${path}: ${why}`, { cause: error });
}

function kindOf(error: unknown): StorageError["kind"] {
  switch ((error as { code?: unknown })?.code) {
    case "ENOSPC":
    case "EDQUOT":
      return "full";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "permission";
    case "EEXIST":
      return "exists";
    case "ENOENT":
      return "missing";
    default:
      return error instanceof Deno.errors.PermissionDenied ? "permission" : "other";
  }
}

/** The system's words without its error number and its echo of the call. */
function systemWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const words = text.replace(/ \(os error \d+\).*$/s, "");
  return words.charAt(0).toLowerCase() + words.slice(1);
}
