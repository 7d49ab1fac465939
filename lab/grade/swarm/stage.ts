/**
 * One check's world with the template played in it: the tracker, who shares, who fetches.
 *
 * @module
 */
import { Download } from "./download.ts";
import { asFault, ProgramFault, TemplateFault } from "./fault.ts";
import { HostFiles, isSamePath } from "./host_files.ts";
import { fillMembers, type Members } from "./members.ts";
import type { Pattern } from "./pattern.ts";
import { endingWords, type Running } from "./running.ts";
import { fill, fillPattern, type Values } from "./placeholders.ts";
import { Script } from "./script.ts";
import type { Awaited, Place, Step, Template, Verb, VerbName } from "./template.ts";
import type { TestFile } from "./test_file.ts";
import { pause, within } from "./timing.ts";
import { hostName, type World } from "./world.ts";

/** ms that an awaited line may take where the template says nothing. */
const WAIT = 10_000;
/** ms that a program without `ready` is waited for: a tracker has to listen, others need not. */
const TRACKER_START = 10_000;
const START = 4000;
/** ms in which it stays quiet, where nobody sees what listens. */
const QUIET = 1000;
/** Verbs whose program has to be there before what comes next. */
const STARTS: ReadonlySet<VerbName> = new Set(["tracker", "peer", "share"]);

/** One line of what was done, for people: what was typed, awaited, met. */
export interface Deed {
  /** ms since the check began */
  readonly at: number;
  readonly host: number;
  /** Line of the template; 0 where no line asks for it. */
  readonly line: number;
  readonly what: string;
}

/** What a stage is made of. */
export interface StageSetup {
  readonly template: Template;
  readonly world: World;
  /** The program's folder, built, to be copied for each host. */
  readonly master: string;
  /** Lines of the template that were met in this run: what fails there later is the program's. */
  readonly proven: Set<number>;
  /** Copies a folder. */
  readonly copy: (from: string, to: string) => Promise<void>;
  readonly onDeed?: (deed: Deed) => void;
}

/** See the module. */
export class Stage {
  readonly template: Template;
  readonly world: World;
  readonly deeds: Deed[] = [];
  /** Every process of the check, in the order of their starts. */
  readonly processes: { readonly role: string; readonly running: Running }[] = [];
  readonly #setup: StageSetup;
  readonly #peers = new Map<number, Running>();
  readonly #sharedBy = new Map<string, number>();
  readonly #captured = new Map<string, Record<string, string>>();
  readonly #prepared = new Set<number>();
  readonly #members = new Map<string, Members>();
  readonly #files: HostFiles;
  readonly #started = performance.now();
  #lastStart = 0;

  constructor(setup: StageSetup) {
    this.#setup = setup;
    this.template = setup.template;
    this.world = setup.world;
    this.#files = new HostFiles(setup.world);
  }

  /** Notes who will share and fetch a file, for programs that read a list of all. */
  plan(file: TestFile, members: Members): void {
    this.#members.set(file.name, members);
  }

  /** Starts the tracker; the first who will share prepares what has to be there before. */
  async open(file: TestFile, members: Members): Promise<void> {
    this.plan(file, members);
    const first = members.share[0]!;
    await this.#prepareHost(1);
    if (this.template.verbs.prepare !== undefined) {
      await this.#prepareHost(first);
      await this.#place(first, file, this.template.verbs.share);
      const running = await this.#run("prepare", first, file);
      const ending = await within(running.ended, this.template.verbs.prepare.t ?? 6 * WAIT);
      if (ending === undefined) this.#fault("prepare", running, "does not end");
      for (let host = 1; host <= this.world.hosts; host++) {
        if (host === first) continue;
        await this.#prepareHost(host);
        await this.#hand(this.template.verbs.prepare, first, host, file);
      }
    }
    await this.startTracker();
  }

  /** Starts the tracker, also again. */
  async startTracker(): Promise<void> {
    if (this.template.verbs.tracker !== undefined) await this.#run("tracker", 1, undefined);
  }

  /** Puts a file on a host and offers it there. */
  async share(host: number, file: TestFile): Promise<void> {
    const verb = this.template.verbs.share;
    await this.#prepareHost(host);
    await this.#place(host, file, verb);
    if (!this.#sharedBy.has(file.name)) this.#sharedBy.set(file.name, host);
    await this.#startPeer(host, file);
    await this.#do("share", host, file);
  }

  /** Offers a file that has to be refused in words; whether it was. */
  async refuses(host: number, file: TestFile, awaited: Awaited): Promise<boolean> {
    const verb = this.template.verbs.share;
    await this.#prepareHost(host);
    await this.#place(host, file, verb);
    await this.#startPeer(host, file);
    // The lines alone: what is awaited otherwise does not come.
    const isTyped = (step: Step) => step.do === "type" || step.do === "pause";
    const running = this.#peers.get(host) ??
      await this.#run("share", host, file, {}, {
        ...verb,
        script: verb.script?.filter(isTyped) ?? [],
      });
    if (verb.type !== undefined) {
      await this.#play("share", running, verb.type.filter(isTyped), verb, host, file, {});
    }
    const pattern = this.#pattern(awaited, host, file)!;
    this.#deed(host, awaited.line, `waits for /${pattern.source}/`);
    const end = performance.now() + (verb.t ?? WAIT);
    while (running.screen.take(pattern) === null) {
      const left = end - performance.now();
      if (left <= 0 || running.ending !== undefined) return running.screen.take(pattern) !== null;
      await running.change(left);
    }
    return true;
  }

  /** Where the copy of a file lies on a host that shares it. */
  sharedPath(host: number, file: TestFile): string {
    const { path, place } = this.#sharedAt(host, file);
    return this.#files.path(host, path, place);
  }

  /** Overwrites a host's own copy in place, behind its program's back. */
  async alter(host: number, file: TestFile, bytes: Uint8Array): Promise<void> {
    const { path, place } = this.#sharedAt(host, file);
    await this.#files.write(host, path, bytes, place);
  }

  /** The same with what a host has downloaded. */
  async alterDownload({ host, file }: Download, bytes: Uint8Array): Promise<void> {
    const { download } = this.template.verbs;
    const { path, place } = this.#named(host, download, "file", download.file ?? "{file}", file);
    await this.#files.write(host, path, bytes, place);
  }

  #sharedAt(host: number, file: TestFile): { path: string; place: Place } {
    const { share } = this.template.verbs;
    return this.#named(host, share, "put", share.put ?? "{file}", file);
  }

  /** Tells a host to fetch a file. What comes of it is watched by {@linkcode Download}. */
  async download(host: number, file: TestFile): Promise<Download> {
    const verb = this.template.verbs.download;
    await this.#prepareHost(host);
    await this.#startPeer(host, file);
    await this.#hand(verb, this.#sharedBy.get(file.name), host, file);
    if (this.template.verbs.list !== undefined) await this.#do("list", host, file);
    const since = this.world.traffic?.now;
    const running = await this.#do("download", host, file);
    return new Download({
      host,
      file,
      path: this.#appearsAt(host, verb, file),
      running,
      since,
      done: this.#pattern(verb.done, host, file),
      failed: this.#pattern(verb.failed, host, file),
    });
  }

  /** Tells several hosts to fetch a file, at once where the template does not ask for an order. */
  async downloadOn(hosts: readonly number[], file: TestFile): Promise<Download[]> {
    const downloads: Download[] = [];
    if (this.template.isFixed || this.template.gap > 0) {
      for (const host of hosts) downloads.push(await this.download(host, file));
      return downloads;
    }
    // A machine that takes long for each start would have them download one after the other.
    await Promise.all(hosts.map(async (host) => {
      await this.#prepareHost(host);
      await this.#startPeer(host, file);
    }));
    return await Promise.all(hosts.map((host) => this.download(host, file)));
  }

  /** Tells a host to fetch two files at once. */
  async downloads(host: number, files: readonly [TestFile, TestFile]): Promise<Download[]> {
    const { downloads } = this.template.verbs;
    if (downloads === undefined) {
      return [await this.download(host, files[0]), await this.download(host, files[1])];
    }
    await this.#prepareHost(host);
    await this.#startPeer(host, files[0]);
    for (const file of files) {
      await this.#hand(downloads, this.#sharedBy.get(file.name), host, file);
    }
    const since = this.world.traffic?.now;
    const [a, b] = files;
    const address = (file: TestFile) => this.world.address(this.#sharedBy.get(file.name) ?? 1);
    const running = await this.#do("downloads", host, a, {
      a: a.name,
      b: b.name,
      "a_ip": address(a),
      "b_ip": address(b),
    });
    const one = this.template.verbs.download;
    return files.map((file) =>
      new Download({
        host,
        file,
        path: this.#appearsAt(host, downloads.file === undefined ? one : downloads, file),
        running,
        since,
        done: this.#pattern(downloads.done, host, file),
        failed: this.#pattern(downloads.failed, host, file),
      })
    );
  }

  /** After a download: waits until the program has said so, and has the host offer what it has. */
  async reshare(download: Download): Promise<void> {
    await download.settled(this.world);
    if (this.template.verbs.reshare !== undefined) {
      await this.#do("reshare", download.host, download.file);
    }
  }

  /**
   * Has a host leave in good order.
   *
   * @returns the processes that have to end by it; undefined where the template has no word for it
   */
  async leave(host: number, file: TestFile): Promise<readonly Running[] | undefined> {
    const { leave } = this.template.verbs;
    if (leave === undefined) return undefined;
    const before = this.processes.map(({ running }) => running)
      .filter((running) => running.host === host && running.ending === undefined);
    const running = await this.#do("leave", host, file);
    // A command that tells them to is none of them.
    return leave.run === undefined ? [running] : before;
  }

  /** A power cut on a host. */
  async kill(host: number): Promise<void> {
    this.#deed(host, 0, "killed");
    await this.world.kill(host);
    this.#peers.delete(host);
  }

  /** Stops a host without ending it. */
  async freeze(host: number): Promise<void> {
    this.#deed(host, 0, "frozen (SIGSTOP)");
    await this.world.freeze(host);
  }

  /** The program's last lines on a host, of its newest process. */
  lastLines(host: number, count = 15): string[] {
    const own = this.processes.filter(({ running }) => running.host === host);
    return own.at(-1)?.running.screen.last(count) ?? [];
  }

  /** Notes what was done. */
  #deed(host: number, line: number, what: string): void {
    const deed = { at: performance.now() - this.#started, host, line, what };
    if (this.deeds.length < 2000) this.deeds.push(deed);
    this.#setup.onDeed?.(deed);
  }

  async #prepareHost(host: number): Promise<void> {
    if (this.#prepared.has(host)) return;
    this.#prepared.add(host);
    await this.#setup.copy(this.#setup.master, this.world.folder(host));
  }

  async #place(host: number, file: TestFile, verb: Verb): Promise<void> {
    const { path, place } = this.#named(host, verb, "put", verb.put ?? "{file}", file);
    await this.#files.write(host, path, file.bytes, place);
  }

  async #startPeer(host: number, file: TestFile | undefined): Promise<void> {
    if (this.template.verbs.peer === undefined || this.#peers.has(host)) return;
    this.#peers.set(host, await this.#run("peer", host, file));
  }

  async #do(
    name: VerbName,
    host: number,
    file: TestFile,
    more: Values = {},
  ): Promise<Running> {
    const verb = this.template.verbs[name]!;
    if (verb.run !== undefined) {
      const running = await this.#run(name, host, file, more);
      if (!this.#peers.has(host)) this.#peers.set(host, running);
      return running;
    }
    const running = this.#peers.get(host);
    if (running === undefined) {
      throw new TemplateFault(
        verb.line,
        `no peer runs on ${hostName(host)} to type "${name}" into`,
      );
    }
    await this.#write(verb, host, file, more);
    await this.#play(name, running, verb.type!, verb, host, file, more);
    if (verb.ready !== undefined) await this.#await(name, running, verb.ready, verb, file);
    return running;
  }

  #pattern(awaited: Awaited | undefined, host: number, file: TestFile | undefined) {
    if (awaited === undefined) return undefined;
    try {
      return fillPattern(awaited.pattern, this.#values(host, file));
    } catch (error) {
      throw asFault(error, awaited.line, `/${awaited.pattern}/`);
    }
  }

  async #run(
    name: VerbName,
    host: number,
    file: TestFile | undefined,
    more: Values = {},
    verb: Verb = this.template.verbs[name]!,
  ): Promise<Running> {
    const gap = this.#lastStart + this.template.gap - performance.now();
    if (gap > 0) await pause(gap);
    this.#lastStart = performance.now();
    await this.#write(verb, host, file, more);
    const values = this.#values(host, file, more);
    const command = this.#fill(this.#withMembers(verb.run!, file, verb.line), values, verb.line);
    this.#deed(host, verb.line, `$ ${command}`);
    const env = Object.fromEntries(
      Object.entries(this.template.env).map(([key, value]) => [
        key,
        this.#fill(value, values, verb.line),
      ]),
    );
    const running = await this.world.start(host, {
      command,
      env: { PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1", LANG: "C.UTF-8", ...env },
      pty: this.template.pty,
      memory: this.template.limits.memory,
    });
    this.processes.push({ role: name, running });
    if (verb.script !== undefined) {
      await this.#play(name, running, verb.script, verb, host, file, more);
    }
    if (verb.ready !== undefined) await this.#await(name, running, verb.ready, verb, file);
    else if (verb.script === undefined && STARTS.has(name)) await this.#start(name, running, verb);
    return running;
  }

  /** Where the template does not say when a program is ready. One that ends with a failure never is. */
  async #start(name: VerbName, running: Running, { line }: Verb): Promise<void> {
    await this.#untilListening(running, name === "tracker" ? TRACKER_START : START);
    const { ending } = running;
    if (ending === undefined || ending.code === 0) {
      this.#setup.proven.add(line);
      return;
    }
    const says = `${hostName(running.host)}, ${name}: it ended at once (${endingWords(ending)})`;
    this.#deed(running.host, line, says);
    if (this.#setup.proven.has(line)) throw new ProgramFault(says);
    throw new TemplateFault(line, says);
  }

  /** When it listens, or where that is not seen, is quiet; or has ended. */
  async #untilListening(running: Running, patience: number): Promise<void> {
    const end = performance.now() + patience;
    if (!this.world.seesListeners) {
      let length = -1;
      while (running.screen.text.length !== length && performance.now() < end) {
        length = running.screen.text.length;
        await running.change(QUIET);
        if (running.ending !== undefined) return;
        await pause(QUIET / 2);
      }
      return;
    }
    while (performance.now() < end && running.ending === undefined) {
      if ((await this.world.listeners(running.host)).length > 0) return;
      await running.change(100);
    }
  }

  async #write(
    verb: Verb,
    host: number,
    file: TestFile | undefined,
    more: Values,
  ): Promise<void> {
    const values = this.#values(host, file, more);
    for (const [path, contents] of Object.entries(verb.write ?? {})) {
      const target = this.#fill(path, values, verb.line);
      const text = this.#fill(this.#withMembers(contents, file, verb.line), values, verb.line);
      const place = verb.at.write ?? { line: verb.line, column: 1 };
      await this.#files.write(host, target, new TextEncoder().encode(text), place);
    }
  }

  /** Carries files over from the host that shared. */
  async #hand(
    verb: Verb,
    from: number | undefined,
    to: number,
    file: TestFile,
  ): Promise<void> {
    const fetched = this.template.verbs.download.file ?? "{file}";
    for (const name of verb.hand ?? []) {
      const source = this.#named(from ?? 1, verb, "hand", name, file);
      const target = this.#named(to, verb, "hand", name, file);
      const result = this.#named(to, this.template.verbs.download, "file", fetched, file);
      if (isSamePath(target.path, result.path)) {
        const says = `${name} is the file itself: nobody would have to fetch it`;
        throw new TemplateFault(source.place.line, says, source.place.column);
      }
      await this.#files.carry({ from: source.path, to: target.path }, from ?? 1, to, source.place);
    }
  }

  async #play(
    name: VerbName,
    running: Running,
    steps: readonly Step[],
    verb: Verb,
    host: number,
    file: TestFile | undefined,
    more: Values,
  ): Promise<void> {
    const script = new Script(steps);
    let until = performance.now() + (verb.t ?? WAIT);
    let awaited = 0;
    for (;;) {
      let action;
      try {
        action = script.next(running.screen, this.#values(host, file, more));
      } catch (error) {
        throw asFault(error, verb.line, "a pattern");
      }
      if (action.do !== "await" && awaited > 0) {
        this.#setup.proven.add(awaited);
        this.#deed(host, awaited, "met");
        awaited = 0;
      }
      if (action.do === "end") break;
      if (action.do === "type") {
        this.#deed(host, action.line, `> ${action.text}`);
        running.type(action.text);
        until = performance.now() + (verb.t ?? WAIT);
      } else if (action.do === "pause") {
        await pause(action.ms);
        until = performance.now() + (verb.t ?? WAIT);
      } else {
        if (action.line !== awaited) {
          if (awaited > 0) this.#setup.proven.add(awaited);
          this.#deed(host, action.line, `waits for /${action.pattern.source}/`);
          awaited = action.line;
          until = performance.now() + (verb.t ?? WAIT);
        }
        await this.#orFault(name, running, action.pattern, action.line, until);
      }
    }
    const key = file?.name ?? "";
    this.#captured.set(key, { ...this.#captured.get(key), ...script.captured });
  }

  async #await(
    name: VerbName,
    running: Running,
    awaited: Awaited,
    verb: Verb,
    file: TestFile | undefined,
  ): Promise<void> {
    const { line } = awaited;
    const pattern = this.#pattern(awaited, running.host, file)!;
    this.#deed(running.host, line, `waits for /${pattern.source}/`);
    const until = performance.now() + (verb.t ?? WAIT);
    while (running.screen.take(pattern) === null) {
      await this.#orFault(name, running, pattern, line, until);
    }
    this.#setup.proven.add(line);
    this.#deed(running.host, line, "met");
  }

  /** Waits for something new on the screen, or throws where nothing can come any more. */
  async #orFault(
    name: VerbName,
    running: Running,
    pattern: Pattern,
    line: number,
    until: number,
  ): Promise<void> {
    const left = until - performance.now();
    if (running.ending !== undefined) {
      // What it wrote last may still be on its way.
      await pause(50);
      if (running.screen.has(pattern)) return;
    }
    if (running.ending === undefined && left > 0) return await running.change(left);
    const why = running.ending === undefined
      ? "it was not shown in time"
      : `the program ended (${endingWords(running.ending)})`;
    const says = `${hostName(running.host)}, ${name}: awaited /${pattern.source}/, but ${why}`;
    this.#deed(running.host, line, why);
    if (this.#setup.proven.has(line)) throw new ProgramFault(says);
    throw new TemplateFault(line, says);
  }

  #fault(name: VerbName, running: Running, why: string): never {
    const { line } = this.template.verbs[name]!;
    throw new TemplateFault(line, `${hostName(running.host)}, ${name}: ${why}`);
  }

  #fill(text: string, values: Values, line: number): string {
    try {
      return fill(text, values);
    } catch (error) {
      throw asFault(error, line);
    }
  }

  #values(host: number, file: TestFile | undefined, more: Values = {}): Values {
    const from = file === undefined ? undefined : this.#sharedBy.get(file.name);
    const captured = file === undefined ? undefined : this.#captured.get(file.name);
    return {
      k: host,
      ip: this.world.address(host),
      port: this.world.port(host),
      tracker: this.world.address(1),
      "tracker_port": this.world.port(1),
      name: hostName(host),
      dir: this.world.folder(host),
      ...(file === undefined
        ? {}
        : { file: file.name, size: file.bytes.length, seed: from === host ? 1 : 0 }),
      ...(from === undefined
        ? {}
        : { "from_ip": this.world.address(from), "from_port": this.world.port(from) }),
      ...this.#captured.get(""),
      ...captured,
      ...more,
    };
  }

  /** Writes out the list of members. */
  #withMembers(text: string, file: TestFile | undefined, line: number): string {
    const members = file === undefined ? undefined : this.#members.get(file.name);
    try {
      return fillMembers(
        text,
        members ?? { share: [], fetch: [] },
        (host) => this.#values(host, file),
      );
    } catch (error) {
      throw asFault(error, line);
    }
  }

  /** Where a downloaded file appears. */
  #appearsAt(host: number, verb: Verb, file: TestFile): string {
    const { path, place } = this.#named(host, verb, "file", verb.file ?? "{file}", file);
    return this.#files.path(host, path, place);
  }

  /** A path that the template names, with its placeholders filled, and where it names it. */
  #named(
    host: number,
    verb: Verb,
    key: "put" | "file" | "hand",
    path: string,
    file: TestFile,
  ): { path: string; place: Place } {
    const place = verb.at[key] ?? { line: verb.line, column: 1 };
    return { path: this.#fill(path, this.#values(host, file), place.line), place };
  }
}
