import { existsSync, readFileSync } from 'node:fs';
import { eventually } from '../../support/eventually.ts';
import type { Report } from '../../support/inspect.ts';
import type { Superdaemon } from '../../support/superdaemon.ts';
import type { TempDir } from '../../support/temp-dir.ts';
import { type Names, pidNames } from './mask.ts';

/** A program at work, seen through its log, its status file `status` and the reports of its workers. */
export interface Running {
  /** The superdaemon's pid; after --daemonize it is in the file `pid`. */
  readonly pid: () => number;
  readonly log: () => string;
  readonly names: () => Names;
  readonly exited: () => boolean;
  readonly report: (generation: number) => Report | undefined;
  /** The newest worker's generation, 0 before the first. */
  readonly generation: () => number;
  readonly newestWorker: () => number;
  /** Sends a signal, once the superdaemon has nothing else to do: the reference loses some that come just before. */
  readonly signal: (name: string) => Promise<void>;
  readonly until: (probe: () => boolean, what: string) => Promise<void>;
  /** The log has these words, and every live worker has reported. */
  readonly said: (words: RegExp) => Promise<void>;
  /** One worker newer than that generation is left, it has reported, and the status file lists just that one. */
  readonly settledAfter: (generation: number) => Promise<void>;
}

export interface Place {
  readonly dir: TempDir;
  readonly reports: TempDir;
  readonly words: readonly string[];
}

const LIMIT_MS = 10_000;

export function running(superdaemon: Superdaemon, { dir, reports, words }: Place): Running {
  const daemonizes = words.includes('--daemonize');
  const hasStatusFile = words.some((word) => /(^|[=/])status$/.test(word));
  let launched: number | undefined;
  superdaemon.exit.then(({ code }) => {
    launched = code ?? -1;
  });

  let daemon = -1;
  const pid = () => {
    if (!daemonizes) return superdaemon.pid;
    daemon = Number(readIfThere(dir.join('pid')) || daemon);
    return daemon;
  };
  const exited = () => {
    if (launched === undefined) return false;
    return !(daemonizes && launched === 0) || superdaemon.processes().length === 0;
  };
  const log = () => superdaemon.log() + readIfThere(dir.join('log'));
  const started = () => matches(log(), /^starting new worker (\d+)$/gm);
  const report = (generation: number) => {
    const text = readIfThere(reports.join(`${generation}.json`));
    return text === '' ? undefined : (JSON.parse(text) as Report); // As inspect.pl writes it.
  };
  const until = (probe: () => boolean, what: string) =>
    eventually(
      () => {
        if (!probe()) throw new Error(`waiting for ${what}`);
      },
      { withinMs: LIMIT_MS, giveUp: exited },
    );
  const isIdle = () => /^\d+ \(.*\) S /s.test(readIfThere(`/proc/${pid()}/stat`));
  const allReported = () => {
    const dead = matches(log(), /worker (\d+) (?:died|seems)/g);
    return started().every((each, index) => dead.includes(each) || report(index + 1) !== undefined);
  };
  const isSettledAfter = (generation: number) => {
    const dead = matches(log(), /worker (\d+) (?:died|seems)/g);
    const all = started();
    const alive = all.filter((each) => !dead.includes(each));
    const [only] = alive;
    if (alive.length !== 1 || only !== all.at(-1) || all.length <= generation || !allReported()) return false;
    return !hasStatusFile || readIfThere(dir.join('status')) === `${all.length}:${only}\n`;
  };

  return {
    pid,
    log,
    names: () => pidNames(log(), { superdaemon: pid(), launcher: superdaemon.pid }),
    exited,
    report,
    generation: () => started().length,
    newestWorker: () => Number(started().at(-1)),
    signal: async (name) => {
      await until(() => isIdle() || exited(), 'an idle superdaemon');
      if (!exited()) process.kill(pid(), name);
    },
    until,
    said: (words) => until(() => words.test(log()) && allReported(), String(words)),
    settledAfter: (generation) => until(() => isSettledAfter(generation), `a generation after ${generation}`),
  };
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'latin1') : '';
}
