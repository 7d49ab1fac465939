/**
 * The API as a page asks it. The secret comes behind the # of the printed address, is taken out of
 * the address bar and stays in this tab.
 *
 * @module
 */
/// <reference lib="dom" />
/// <reference lib="dom.asynciterable" />

const PLACE = "vtorrent-token";
const API = "/api/v1";
/** What a page says whose secret is not the peer's: it was changed or never given. */
const LOST_SECRET = "The peer does not know this page any more: open the address that it prints, " +
  "here or in a new tab";
/** ms before a lost connection is made again. */
const AGAIN_MS = 1000;

/** The server's own words why not. */
export class ApiError extends Error {
  override name = "ApiError";
  /** Why a person is to be asked first; empty where that changes nothing. */
  readonly doubt: string;

  constructor(message: string, doubt = "") {
    super(message);
    this.doubt = doubt;
  }
}

/**
 * Takes the secret from the address; call once, first.
 *
 * @param onAnother told when another one was opened in this tab, which loads no page anew
 */
export function takeToken(onAnother: () => void): void {
  const take = (): boolean => {
    const given = location.hash.slice(1);
    if (!/^[\w-]{16,64}$/.test(given)) return false;
    sessionStorage.setItem(PLACE, given);
    history.replaceState(null, "", location.pathname);
    return true;
  };
  take();
  addEventListener("hashchange", () => take() && onAnother());
}

function headers(more: Record<string, string> = {}): Record<string, string> {
  const token = sessionStorage.getItem(PLACE);
  return token === null ? more : { ...more, "Authorization": `Bearer ${token}` };
}

/** What the server has to say. @throws {ApiError} */
export async function get<T>(path: string): Promise<T> {
  return await read(await fetch(API + path, { headers: headers() }));
}

/** A file that the server has. @throws {ApiError} */
export async function getFile(path: string): Promise<Blob> {
  const response = await fetch(API + path, { headers: headers() });
  return response.ok ? await response.blob() : await read(response);
}

/** Tells the server to do something. @throws {ApiError} */
export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  const isFile = body instanceof Blob;
  const type = isFile ? "application/x-bittorrent" : "application/json";
  return await read(
    await fetch(API + path, {
      method: "POST",
      headers: headers({ "Content-Type": type }),
      body: isFile ? body : JSON.stringify(body),
    }),
  );
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError(text.trim() || `The server answered ${response.status}`);
  }
  if (response.ok) return value as T;
  if (response.status === 401) throw new ApiError(LOST_SECRET);
  const { error, doubt } = value as { error?: unknown; doubt?: unknown };
  throw new ApiError(
    typeof error === "string" ? error : `The server answered ${response.status}`,
    typeof doubt === "string" ? doubt : "",
  );
}

/** What comes over a stream, event by event. */
export interface StreamListener {
  event(name: string, data: unknown): void;
  /** Connected or not; a sentence where not. */
  state(problem: string | undefined): void;
}

/** Listens to server-sent events until the result is called; connects again by itself. */
export function listen(path: string, listener: StreamListener): () => void {
  const abort = new AbortController();
  const run = async () => {
    while (!abort.signal.aborted) {
      try {
        await listenOnce(path, listener, abort.signal);
        if (!abort.signal.aborted) listener.state("The connection ended. Trying again…");
      } catch (error) {
        if (abort.signal.aborted) return;
        listener.state(
          error instanceof ApiError ? error.message : "The server does not answer. Trying again…",
        );
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  };
  void run();
  return () => abort.abort();
}

async function listenOnce(
  path: string,
  listener: StreamListener,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(API + path, { headers: headers(), signal });
  if (!response.ok || response.body === null) return void await read(response);
  listener.state(undefined);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop()!;
    for (const block of blocks) {
      const name = /^event: (.+)$/m.exec(block)?.[1];
      const data = /^data: (.+)$/m.exec(block)?.[1];
      if (name !== undefined && data !== undefined) listener.event(name, JSON.parse(data));
    }
  }
}
