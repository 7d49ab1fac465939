/**
 * A student's tracker in a probe: started and waited for, or one that runs already; announces and
 * scrapes go to it, and what it replies is judged.
 *
 * @module
 */
import { percentEncode } from "../../protocol/mod.ts";
import { join } from "@std/path";
import { howItEnded } from "./ask.ts";
import { placesOf } from "./commands.ts";
import { CannotTell, Failure, NotOffered } from "./finding.ts";
import { HttpConnection, type HttpReply } from "./http_connection.ts";
import { isListening } from "./listening.ts";
import { ClaimedPort } from "../programs/claimed_port.ts";
import type { ProgramRun } from "../programs/program_run.ts";
import {
  failureReason,
  placeInBody,
  readTrackerReply,
  type TrackerReply,
} from "./tracker_reply.ts";
import {
  announceQuery,
  type Announcer,
  type AnnounceWords,
  asked,
  latin1Bytes,
} from "./tracker_request.ts";
import type { Trial } from "./trial.ts";

/** How a tracker is started. */
export interface TrackerStart {
  /** Torrents that it will be asked about, beside those of `newTorrent`. */
  readonly torrents?: readonly Uint8Array[];
  /** A tracker that has UDP alone will do: nobody waits until it listens. */
  readonly udp?: boolean;
  /** The word of the command table; default: `tracker`. */
  readonly word?: string;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** Info hashes that a probe may use: trackers with a list of torrents get them at their start. */
const TORRENTS = 25;
/** ms between two looks whether it listens. */
const LOOK_INTERVAL = 30;
/** ms that another grader may use the one port that a rubric names. */
const PORT_PATIENCE = 120_000;
/** ms that a program may go on listening there that no grader has started. */
const OTHERS_PATIENCE = 5000;
/** ms that it may take to read its list of torrents. */
const LIST_PATIENCE = 5000;

/** A tracker that can be asked. */
export class StudentTracker {
  readonly trial: Trial;
  /** The program; none where it ran already. */
  readonly run: ProgramRun | undefined;
  readonly announceUrl: URL;
  readonly #torrents: Uint8Array<ArrayBuffer>[];
  readonly #ports = new Set<number>();

  private constructor(
    trial: Trial,
    run: ProgramRun | undefined,
    announceUrl: URL,
    torrents: Uint8Array<ArrayBuffer>[],
  ) {
    this.trial = trial;
    this.run = run;
    this.announceUrl = announceUrl;
    this.#torrents = torrents;
  }

  /** Starts it and waits until it can be called over TCP. */
  static async start(trial: Trial, start: TrackerStart = {}): Promise<StudentTracker> {
    const tracker = await StudentTracker.#start(trial, start);
    if (tracker.announceUrl.protocol === "udp:") {
      if (start.udp) return tracker;
      throw new NotOffered(`its announce URL is ${tracker.announceUrl.href}, which has no HTTP`);
    }
    await tracker.#untilListening();
    const form = trial.program.forms[start.word ?? "tracker"] ?? [];
    if (placesOf(form).includes("info_hashes")) await tracker.#untilListed();
    return tracker;
  }

  static async #start(trial: Trial, start: TrackerStart): Promise<StudentTracker> {
    const { program } = trial;
    const torrents = Array.from({ length: TORRENTS }, () => newInfoHash(trial));
    if (program.running) {
      return new StudentTracker(trial, undefined, new URL(program.announce), torrents);
    }
    const hasPort = program.announce.includes("{port}");
    const port = hasPort ? trial.port() : Number(new URL(program.announce).port || 80);
    if (!hasPort) await claim(trial, port);
    const folder = await trial.newFolder("tracker");
    // Some change their user before they read it.
    await Deno.chmod(folder, 0o755);
    const list = join(folder, "info_hashes");
    const hashes = [...torrents, ...start.torrents ?? []].map((hash) => `${hash.toHex()}\n`);
    await Deno.writeTextFile(list, hashes.join(""));
    const values = { port, "info_hashes": list, ...start.values };
    const run = await trial.start(start.word ?? "tracker", values);
    const url = new URL(program.announce.replaceAll("{port}", String(port)));
    return new StudentTracker(trial, run, url, torrents);
  }

  get port(): number {
    return Number(this.announceUrl.port || 80);
  }

  /** A torrent that nobody announced before. */
  newTorrent(): Uint8Array<ArrayBuffer> {
    const torrent = this.#torrents.pop();
    if (torrent === undefined) throw new RangeError("A probe uses too many torrents");
    return torrent;
  }

  /** A peer that was not there before. Its port's two bytes are ASCII and differ. */
  newPeer(peer: Partial<Announcer> = {}): Announcer {
    const { random } = this.trial;
    let port: number;
    do {
      port = 256 * (0x41 + random.below(0x19)) + 0x61 + random.below(0x19);
    } while (this.#ports.has(port));
    this.#ports.add(port);
    return { id: new TextEncoder().encode(`-GR0001-${random.letters(12)}`), port, ...peer };
  }

  /** The request of an announce. */
  announceRequest(words: AnnounceWords): string {
    return this.request(`${this.announceUrl.pathname}?${announceQuery(words)}`);
  }

  /** A request for a path and query. */
  request(target: string, fields: readonly string[] = ["Connection: close"]): string {
    return [
      `GET ${target} HTTP/1.1`,
      `Host: ${this.announceUrl.host}`,
      "User-Agent: vtorrent-grade",
      ...fields,
      "",
      "",
    ].join("\r\n");
  }

  /** Calls it. @throws {Failure} where it takes no calls */
  async connect(why: string, overIPv6 = false): Promise<HttpConnection> {
    const { trial } = this;
    trial.check();
    const hostname = overIPv6 ? "::1" : this.announceUrl.hostname.replace(/^\[(.*)\]$/, "$1");
    const number = trial.nextConnection();
    const address = { hostname, port: this.port };
    const connection = await HttpConnection.open(address, number, trial, trial.patience);
    if (connection === undefined) {
      await this.run?.ended(200);
      throw new Failure({
        expected: `it takes a call at ${hostname}:${this.port}`,
        seen: `nobody answers${this.howItEnded()}`,
        why,
        at: trial.now(),
        connection: number,
      });
    }
    return trial.own(connection);
  }

  /**
   * Asks on a connection of its own, and gives what came back, whatever it is.
   *
   * @param packets the request, in packets of their own with `pause` ms between two
   */
  async ask(
    request: string | readonly string[],
    why: string,
    options: { readonly pause?: number; readonly overIPv6?: boolean } = {},
  ): Promise<HttpReply> {
    const connection = await this.connect(why, options.overIPv6);
    const packets = typeof request === "string" ? [request] : request;
    await connection.say(packets.map(latin1Bytes), options.pause);
    const reply = await connection.reply(this.trial.patience);
    await connection[Symbol.asyncDispose]();
    this.trial.check();
    if (reply.bytes.length === 0) await this.run?.ended(200);
    return reply;
  }

  /** Announces, and gives the dictionary that came back; a refusal fails the probe. */
  async announce(words: AnnounceWords, why = WHY_ANNOUNCE): Promise<TrackerReply> {
    const request = this.announceRequest(words);
    const http = await this.ask(request, why, { overIPv6: words.overIPv6 ?? false });
    return this.accept(http, request, why);
  }

  /** As `announce`: a peer and a torrent that the tracker has not heard of. */
  announceNew(why = WHY_ANNOUNCE): Promise<TrackerReply> {
    return this.announce({ torrent: this.newTorrent(), peer: this.newPeer() }, why);
  }

  /** A reply to a right announce. @throws {Failure} where it is none, or a refusal */
  accept(http: HttpReply, request: string | readonly string[], why: string): TrackerReply {
    const reply = this.read(http, "a bencoded dictionary with interval and peers", request);
    const reason = failureReason(reply);
    if (reason !== undefined || http.status !== 200) {
      throw new Failure({
        expected: "a dictionary with interval and peers, with HTTP status 200",
        seen: `${
          reason === undefined ? http.statusLine : `failure reason: ${reason.slice(0, 200)}`
        }, after ${asked(request)}`,
        why,
        ...placeInBody(http),
      });
    }
    return reply;
  }

  /** The dictionary of a reply of any kind. @throws {Failure} */
  read(http: HttpReply, expected: string, request: string | readonly string[]): TrackerReply {
    try {
      return readTrackerReply(http, expected, asked(request));
    } catch (error) {
      if (!(error instanceof Failure) || this.run?.end === undefined) throw error;
      const { finding } = error;
      throw new Failure({ ...finding, seen: finding.seen + this.howItEnded() });
    }
  }

  /** Scrapes torrents (BEP 48); what came back, whatever it is. */
  async scrape(torrents: readonly Uint8Array[], why: string): Promise<TrackerReply> {
    const request = this.scrapeRequest(torrents);
    const http = await this.ask(request, why);
    return this.read(http, "a bencoded dictionary with files", request);
  }

  /** @throws {NotOffered} where its URL has no scrape */
  scrapeRequest(torrents: readonly Uint8Array[]): string {
    const { pathname } = this.announceUrl;
    const slash = pathname.lastIndexOf("/") + 1;
    if (!pathname.startsWith("announce", slash)) {
      throw new NotOffered(
        `its announce path is ${pathname}: BEP 48 scrapes only where it ends in /announce…`,
      );
    }
    const path = `${pathname.slice(0, slash)}scrape${pathname.slice(slash + "announce".length)}`;
    return this.request(
      `${path}?${torrents.map((torrent) => `info_hash=${percentEncode(torrent)}`).join("&")}`,
    );
  }

  /** A tracker may listen before it has read its list: waits until it knows a torrent of it. */
  async #untilListed(): Promise<void> {
    const { trial, run } = this;
    const request = this.announceRequest({ torrent: this.newTorrent(), peer: this.newPeer() });
    const limit = trial.fairTime + LIST_PATIENCE;
    while (trial.fairTime < limit && run?.end === undefined) {
      const http = await this.ask(request, WHY_LIST);
      // What else is wrong with its replies, the probes tell.
      if (!/failure reason/.test(new TextDecoder("latin1").decode(http.body))) return;
      await run?.until(() => undefined, LOOK_INTERVAL);
      trial.check();
    }
  }

  /** `, and it ended with status 1` */
  howItEnded(): string {
    return this.run?.end === undefined ? "" : howItEnded(this.run);
  }

  async #untilListening(): Promise<void> {
    const { trial, run, port } = this;
    const host = this.announceUrl.hostname.replace(/^\[(.*)\]$/, "$1");
    const limit = trial.fairTime + trial.patience;
    while (!await isListening(port, host)) {
      trial.check();
      if ((run !== undefined && run.end !== undefined) || trial.fairTime > limit) {
        await run?.ended(200);
        const says = run?.lastLines(1)[0];
        throw new Failure({
          expected: `it listens at ${host}:${port}`,
          seen: `nobody does${this.howItEnded()}${says === undefined ? "" : `; it says: ${says}`}`,
          why: "A tracker is called at the port that it was started with",
        });
      }
      if (run === undefined) await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL));
      else await run.until(() => undefined, LOOK_INTERVAL);
    }
  }
}

const WHY_LIST = "A tracker with a list of torrents serves those of its list";

const WHY_ANNOUNCE = "BEP 3: a right announce is answered with interval and peers";

/** An info hash of letters: nothing about it is hard to keep. */
function newInfoHash(trial: Trial): Uint8Array<ArrayBuffer> {
  // A tracker that goes on running knows those of the run before.
  if (!trial.program.running) return latin1Bytes(trial.random.letters(20));
  const fresh = crypto.getRandomValues(new Uint8Array(20));
  return fresh.map((byte) => 97 + byte % 26);
}

/** Waits until the one port of a rubric is ours. @throws {CannotTell} where it goes on being another's */
async function claim(trial: Trial, port: number): Promise<void> {
  const claimed = await ClaimedPort.wait(port, PORT_PATIENCE);
  if (claimed === undefined) {
    throw new CannotTell(
      `Another grader uses port ${port}, which the rubric names: run one at a time`,
    );
  }
  trial.own(claimed);
  const limit = performance.now() + OTHERS_PATIENCE;
  while (await isListening(port)) {
    if (performance.now() > limit) {
      throw new CannotTell(`Somebody else has port ${port}: end that program first`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL));
  }
}
