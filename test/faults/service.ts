// A superdaemon as a life sees it: the processes that it starts, one after the other, and what lies in their directory.

import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { processTree } from '../support/process-tree.ts';
import { type Exit, type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { filesIn } from './seen.ts';

export type Target = { readonly path: string } | { readonly port: number };

export interface ServiceOptions {
  readonly dir: string;
  readonly targets: readonly Target[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What no superdaemon has put there. */
const OTHERS = ['calls', 'fired', 'log', 'tmp', 'trouble'];
const NOTIFY_DIRECTORY = /^start-server-[0-9a-f]{6}$/;
/** In 2001. */
const LONG_AGO_S = 1_000_000_000;
const LAST_LINES = 12;
/** For all that is waited for: much more than it takes. `FAULTS_PATIENCE`: seconds, where the machine is busy. */
export const PATIENCE_MS = Number(process.env.FAULTS_PATIENCE ?? 20) * 1000;

export class Service implements AsyncDisposable {
  readonly #options: ServiceOptions;
  readonly #tree = processTree();
  readonly #started: Superdaemon[] = [];
  #exit: Exit | undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  get pid(): number {
    return this.#started.at(-1)?.pid ?? 0;
  }

  /** How many were started. */
  get starts(): number {
    return this.#started.length;
  }

  /** Of the last one; undefined: it lives. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** False: it has ended instead of serving. Throws Error when it does neither. */
  async start(): Promise<boolean> {
    const { args, env, dir } = this.#options;
    this.#exit = undefined;
    this.#letTimePass();
    const superdaemon = startSuperdaemon(args, { cwd: dir, env: { ...env, ...this.#tree.env } });
    this.#started.push(superdaemon);
    void superdaemon.exit.then((exit) => {
      if (this.pid === superdaemon.pid) this.#exit = exit;
    });
    const serving = async () => {
      if (this.#exit !== undefined) return false;
      await this.serves(1);
      if (this.text('pid').trim() !== `${superdaemon.pid}`) throw new Error('its pid is not in the pid file');
      return true;
    };
    return await eventually(serving, { withinMs: PATIENCE_MS });
  }

  /** A directory of NOTIFY_SOCKET in which there is nothing yet may be just about to be used: an old one is not. */
  #letTimePass(): void {
    const tmp = `${this.#options.dir}/tmp`;
    for (const name of readdirSync(tmp).filter((each) => NOTIFY_DIRECTORY.test(each)))
      utimesSync(`${tmp}/${name}`, LONG_AGO_S, LONG_AGO_S);
  }

  signal(name: NodeJS.Signals): void {
    if (this.#exit === undefined) this.#started.at(-1)?.signal(name);
  }

  /** undefined: it does not end. */
  async ended(): Promise<Exit | undefined> {
    return await this.#started
      .at(-1)
      ?.ended(PATIENCE_MS)
      .catch(() => undefined);
  }

  /** Throws Error as long as another than this generation, or a newer one, answers. */
  async serves(generation: number, patienceMs = PATIENCE_MS): Promise<void> {
    for (const target of this.#options.targets) {
      const reply = await ask(target, patienceMs);
      if (reply.generation < generation) throw new Error(`generation ${reply.generation} serves`);
    }
  }

  async worker(): Promise<{ readonly generation: number; readonly pid: number }> {
    return await ask(this.#options.targets[0] ?? { path: '' }, PATIENCE_MS);
  }

  processes(): readonly number[] {
    return this.#tree.pids();
  }

  /** Of a file in the directory; empty where there is none. */
  text(name: string): string {
    const file = `${this.#options.dir}/${name}`;
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** All that was said, by all of them. */
  words(): string {
    return this.#started.map(({ log }) => log()).join('') + this.text('log');
  }

  lastWords(): string {
    return `${this.#started.at(-1)?.log()}${this.text('log')}`.split('\n').slice(-LAST_LINES).join('\n');
  }

  filesLeft(): readonly string[] {
    return filesIn(this.#options.dir).filter((name) => !(OTHERS.includes(name) || name.startsWith('kept')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tree.end();
    for (const each of this.#started) await each[Symbol.asyncDispose]();
  }
}
