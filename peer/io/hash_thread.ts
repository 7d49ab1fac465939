/**
 * SHA-1 on a thread of its own, without a copy of what is hashed.
 *
 * @module
 */
import type { Hasher } from "../ports.ts";

/**
 * The thread's program as text: a file of its own would be missing in the single file that a build
 * makes. Views of shared memory arrive as they are; nothing is copied.
 */
const PROGRAM = `
  import { createHash } from "node:crypto";
  self.onmessage = ({ data }) => {
    self.postMessage(new Uint8Array(createHash("sha1").update(data).digest()));
  };
`;

/**
 * Hashes buffers of shared memory (see `BufferPool`) beside the JS thread. For processors that know
 * SHA-1, where the copy that Web Crypto makes of its input costs more than the hash. The thread
 * starts with the first piece and answers in order.
 */
export class HashThread implements Hasher, Disposable {
  readonly #waiting: PromiseWithResolvers<Uint8Array>[] = [];
  #worker: Worker | undefined;

  sha1(bytes: Uint8Array): Promise<Uint8Array> {
    this.#worker ??= this.#start();
    const answer = Promise.withResolvers<Uint8Array>();
    this.#waiting.push(answer);
    this.#worker.postMessage(bytes);
    return answer.promise;
  }

  [Symbol.dispose](): void {
    this.#worker?.terminate();
    for (const answer of this.#waiting.splice(0)) answer.reject(new Error("stopped"));
  }

  #start(): Worker {
    const url = `data:text/javascript,${encodeURIComponent(PROGRAM)}`;
    const worker = new Worker(url, { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Uint8Array>) => this.#waiting.shift()?.resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      for (const answer of this.#waiting.splice(0)) answer.reject(new Error(event.message));
    };
    return worker;
  }
}
