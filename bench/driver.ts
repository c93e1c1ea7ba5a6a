// The compiled driver acts and takes the time; this end only asks, one line at a time, and waits for the answer.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { BenchError } from './bench-error.ts';
import type { Workshop } from './workshop.ts';

export type Started = { readonly ms: number; readonly pid: number };

/** Times are in milliseconds. Each act comes settleMs after the request, when everybody is idle again. */
export type Driver = AsyncDisposable & {
  /** From before fork to the first instruction of the first worker. */
  readonly start: (name: string, settleMs: number, argv: readonly string[]) => Promise<Started>;
  /** Starts a process that no worker reports for. */
  readonly hold: (name: string, argv: readonly string[]) => Promise<Started>;
  /** From before fork until it has exited. */
  readonly run: (name: string, settleMs: number, argv: readonly string[]) => Promise<number>;
  /** From before the signal to the first instruction of the new worker. */
  readonly hup: (name: string, settleMs: number) => Promise<number>;
  /** The same after SIGKILL of the newest worker. */
  readonly crash: (name: string, settleMs: number) => Promise<number>;
  /** Waits until the worker before the newest is reaped; the time from the last act to its signal. */
  readonly retired: (name: string) => Promise<number>;
  /** From before the signal to the first instruction of the first and of the last of so many new workers. */
  readonly hupAll: (name: string, settleMs: number, workers: number) => Promise<FirstAndLast>;
  /** From the last act to the signal of the first and of the last of so many old workers. */
  readonly retiredAll: (name: string, workers: number) => Promise<FirstAndLast>;
  /** From before SIGTERM until the process has exited. */
  readonly stop: (name: string, settleMs: number) => Promise<number>;
  /** Requests answered within the time, over a Unix socket. */
  readonly load: (name: string, path: string, ms: number) => Promise<number>;
  readonly wait: (ms: number) => Promise<void>;
};

export type FirstAndLast = { readonly firstMs: number; readonly lastMs: number };

type Answer = readonly [number, number];
type Ask = (verb: string, name: string, settleMs: number, words?: readonly string[]) => Promise<Answer>;

const MS = 1e-6;

/** An interruption ends the driver and everything that it started; whoever waits for an answer gets an error. */
export function startDriver(workshop: Workshop, interruption: AbortSignal): Driver {
  const running = execa(workshop.driver, [], {
    cwd: workshop.directory,
    // What they say to Node is of this machine: 80 ms more for each process of Node's, in one case.
    env: { NODE_OPTIONS: undefined, NODE_EXTRA_CA_CERTS: undefined },
    stdin: 'pipe',
    stderr: 'inherit',
    buffer: false,
    reject: false,
    cancelSignal: interruption,
  });
  const answers = running.iterable();
  const ask: Ask = async (verb, name, settleMs, words = []) => {
    interruption.throwIfAborted();
    running.stdin.write(`${[verb, name, settleMs, ...words].join('\t')}\n`);
    const { value } = await answers.next();
    interruption.throwIfAborted();
    return parseAnswer(value, () => logTail(workshop, name));
  };
  return {
    ...verbs(ask),
    [Symbol.asyncDispose]: async () => {
      running.stdin.end();
      await running;
    },
  };
}

function verbs(ask: Ask): Omit<Driver, typeof Symbol.asyncDispose> {
  const started = ([ns, pid]: Answer): Started => ({ ms: ns * MS, pid });
  const ms = ([ns]: Answer): number => ns * MS;
  const both = ([first, last]: Answer): FirstAndLast => ({ firstMs: first * MS, lastMs: last * MS });
  return {
    start: async (name, settleMs, argv) => started(await ask('start', name, settleMs, argv)),
    hold: async (name, argv) => started(await ask('hold', name, 0, argv)),
    run: async (name, settleMs, argv) => ms(await ask('run', name, settleMs, argv)),
    hup: async (name, settleMs) => ms(await ask('hup', name, settleMs)),
    crash: async (name, settleMs) => ms(await ask('crash', name, settleMs)),
    retired: async (name) => ms(await ask('retired', name, 0)),
    hupAll: async (name, settleMs, workers) => both(await ask('hup-all', name, settleMs, [String(workers)])),
    retiredAll: async (name, workers) => both(await ask('retired-all', name, 0, [String(workers)])),
    stop: async (name, settleMs) => ms(await ask('stop', name, settleMs)),
    load: async (name, path, durationMs) => (await ask('load', name, 0, [path, String(durationMs)]))[0],
    wait: async (durationMs) => void (await ask('wait', 'nobody', durationMs)),
  };
}

function parseAnswer(line: unknown, explain: () => string): Answer {
  if (typeof line !== 'string') throw new BenchError('the driver has ended');
  const [verdict, first, second] = line.split('\t');
  if (verdict !== 'ok') throw new BenchError(`${first ?? line}${explain()}`);
  return [Number(first), Number(second)];
}

function logTail(workshop: Workshop, name: string): string {
  try {
    const lines = readFileSync(join(workshop.directory, `${name}.log`), 'utf8').trimEnd();
    return lines && `; the last lines of ${name}:\n${lines.split('\n').slice(-5).join('\n')}`;
  } catch {
    return '';
  }
}
