/**
 * The paths of the system that this runs on: what `@std/path` stands for in this project.
 *
 * It is the standard library's, but for the question which system it is. That library asks Node's
 * `process` first, and the runtime then loads it: 12 ms of every start. Names are imported one by one
 * since a bundle makes objects of modules with a helper that loads Node's modules, too.
 *
 * @module
 */
import {
  basename as basenameOnPosix,
  dirname as dirnameOnPosix,
  fromFileUrl as fromFileUrlOnPosix,
  isAbsolute as isAbsoluteOnPosix,
  join as joinOnPosix,
  normalize as normalizeOnPosix,
  parse as parseOnPosix,
  relative as relativeOnPosix,
  resolve as resolveOnPosix,
} from "@std/path/posix";
import {
  basename as basenameOnWindows,
  dirname as dirnameOnWindows,
  fromFileUrl as fromFileUrlOnWindows,
  isAbsolute as isAbsoluteOnWindows,
  join as joinOnWindows,
  normalize as normalizeOnWindows,
  parse as parseOnWindows,
  relative as relativeOnWindows,
  resolve as resolveOnWindows,
} from "@std/path/windows";

const isWindows = Deno.build.os === "windows";

export const SEPARATOR: "/" | "\\" = isWindows ? "\\" : "/";
export const basename = isWindows ? basenameOnWindows : basenameOnPosix;
export const dirname = isWindows ? dirnameOnWindows : dirnameOnPosix;
export const fromFileUrl = isWindows ? fromFileUrlOnWindows : fromFileUrlOnPosix;
export const isAbsolute = isWindows ? isAbsoluteOnWindows : isAbsoluteOnPosix;
export const join = isWindows ? joinOnWindows : joinOnPosix;
export const normalize = isWindows ? normalizeOnWindows : normalizeOnPosix;
export const parse = isWindows ? parseOnWindows : parseOnPosix;
export const relative = isWindows ? relativeOnWindows : relativeOnPosix;
export const resolve = isWindows ? resolveOnWindows : resolveOnPosix;
