/**
 * The text of an HTTP reply, read no further than a bound.
 *
 * @module
 */

/** @throws {RangeError} where it is longer than `most` bytes; what follows is not read */
export async function replyText({ body }: Response, most: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  // To leave the loop cancels the rest.
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > most) throw new RangeError(`The reply is longer than ${most} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
