/**
 * Patterns of a template: regular expressions in which placeholders stand for their own text.
 *
 * @module
 */

/**
 * Compiles a pattern.
 *
 * @param valueOf what a placeholder stands for
 * @throws {SyntaxError}
 */
export function compilePattern(pattern: string, valueOf: (name: string) => string): RegExp {
  const source = pattern.replace(
    /\{([A-Za-z_]\w*)\}/g,
    (_, name: string) => valueOf(name).replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"),
  );
  // Without the flag `u`, escapes of plain characters (`a\\-b`) are allowed, as people write them.
  return new RegExp(source);
}
