/**
 * Bytes to lines. Both `\n` and the `\r` of progress displays end one.
 *
 * @module
 */

/** Decodes UTF-8 and splits it; empty lines are left out. */
export class TextLineStream extends TransformStream<Uint8Array<ArrayBuffer>, string> {
  constructor() {
    const decoder = new TextDecoder();
    let rest = "";
    super({
      transform(bytes, controller) {
        const lines = (rest + decoder.decode(bytes, { stream: true })).split(/[\r\n]+/);
        rest = lines.pop()!;
        for (const line of lines) if (line !== "") controller.enqueue(line);
      },
      flush(controller) {
        rest += decoder.decode();
        if (rest !== "") controller.enqueue(rest);
      },
    });
  }
}
