/**
 * Threads that read and hash, one for each core.
 *
 * @module
 */
import { merkleRoot } from "../../protocol/merkle.ts";
import type { Digester, DigestFailure, DigestJob } from "./piece_digester.ts";
import { hashesFast, makeDigester } from "./piece_digester.ts";

/** What a worker says of a job. */
type Answer = { digests: Uint8Array } | { failure: DigestFailure };

/**
 * The program of a worker as text: a file of its own would be missing in the single file that a
 * build makes.
 */
function workerUrl(): string {
  const source = `
    import { createHash } from "node:crypto";
    const isFast = (${hashesFast})(createHash);
    const digester = (${makeDigester})(createHash, isFast, ${merkleRoot});
    let tail = Promise.resolve();
    self.onmessage = ({ data: job }) => {
      tail = tail.then(() => digester.digest(job)).then(
        (digests) => self.postMessage({ digests }),
        (failure) => self.postMessage({ failure }),
      );
    };
  `;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

interface Thread {
  readonly worker: Worker;
  /** Jobs given to it, in order; it answers in that order. */
  readonly waiting: PromiseWithResolvers<Uint8Array>[];
}

/** Gives each job to the thread with the least to do. */
export class DigestWorkers implements Digester {
  readonly #threads: Thread[];

  constructor(count: number) {
    const url = workerUrl();
    this.#threads = Array.from({ length: count }, () => {
      const worker = new Worker(url, { type: "module" });
      const waiting: Thread["waiting"] = [];
      worker.onmessage = ({ data }: MessageEvent<Answer>) => {
        const job = waiting.shift();
        if ("digests" in data) job?.resolve(data.digests);
        else job?.reject(data.failure);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        for (const job of waiting.splice(0)) job.reject(new Error(event.message));
      };
      return { worker, waiting };
    });
  }

  digest(job: DigestJob): Promise<Uint8Array> {
    const thread = this.#threads.reduce((a, b) => b.waiting.length < a.waiting.length ? b : a);
    const answer = Promise.withResolvers<Uint8Array>();
    thread.waiting.push(answer);
    thread.worker.postMessage(job);
    return answer.promise;
  }

  [Symbol.dispose](): void {
    for (const { worker, waiting } of this.#threads) {
      worker.terminate();
      for (const job of waiting.splice(0)) job.reject(new Error("stopped"));
    }
  }
}
