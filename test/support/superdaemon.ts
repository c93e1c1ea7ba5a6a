import { closeSync, openSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { eventually } from './eventually.ts';
import { type ProcessTree, processTree } from './process-tree.ts';
import { isReference, program } from './program.ts';
import { tempDir } from './temp-dir.ts';
import { type Told, textLog, toldIn } from './told.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Superdaemon extends AsyncDisposable {
  readonly pid: number;
  /** All of its stderr so far, its workers' included; complete once `exit` is there. */
  readonly log: () => string;
  /** What it has told of itself so far, where its log is in JSON: see `recorded`. */
  readonly told: () => readonly Told[];
  /** All of its stdout so far, its workers' included. */
  readonly output: () => string;
  /** A line of the log, from the character `after` on: one that begins with the string, or matches the expression. */
  readonly waitForLine: (pattern: string | RegExp, options?: { readonly after?: number }) => Promise<string>;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly exit: Promise<Exit>;
  /** The exit, or an error when it takes too long: so a test that hangs still ends its processes. */
  readonly ended: (withinMs?: number) => Promise<Exit>;
  /** The pids of all the processes that it started and of itself, as far as they live. */
  readonly processes: () => number[];
}

export interface SuperdaemonOptions {
  readonly cwd?: string;
  /** Added to a bare environment (PATH, HOME): nothing else of the test runner's gets in. */
  readonly env?: Readonly<Record<string, string>>;
  /** A command put before the program's, which ends by executing it in its own place. */
  readonly via?: readonly string[];
  /** Its log is kept in JSON, for `told`; `log` gives it in text all the same. The reference knows text alone. */
  readonly recorded?: boolean;
  /** Open descriptors to hand over, as 3, 4, 5 and so on; undefined leaves a number out. */
  readonly descriptors?: readonly (number | undefined)[];
  /** Of its processes and of those of others; undefined: of its own alone. */
  readonly tree?: ProcessTree;
}

/**
 * Starts the program under test in a session of its own: `await using superdaemon = startSuperdaemon([…])`.
 * Its streams are files, not pipes, so that all it wrote can be read as soon as it has exited, however many
 * of its workers live on.
 */
export function startSuperdaemon(args: readonly string[], options: SuperdaemonOptions = {}): Superdaemon {
  const tree = options.tree ?? processTree();
  const streams = tempDir();
  const isRecorded = options.recorded === true && !isReference;
  const words = isRecorded ? ['--log-format=json', ...args] : args;
  const { pid, exit } = spawn(words, options, { streams: streams.path, mark: tree.env });
  let over = false;
  exit.then(() => {
    over = true;
  });

  const stderr = () => readFileSync(streams.join('stderr'), 'utf8');
  const text = textLog();
  const log = isRecorded ? () => text(stderr()) : stderr;
  const waitForLine: Superdaemon['waitForLine'] = (pattern, { after = 0 } = {}) =>
    eventually(() => findLine(log().slice(after), pattern), { giveUp: () => over });
  const ended = (withinMs?: number) =>
    eventually(
      () => {
        if (!over) throw new Error(`the program has not ended; its log:\n${log()}`);
        return exit;
      },
      withinMs === undefined ? {} : { withinMs },
    );

  return {
    pid,
    log,
    told: () => toldIn(stderr()),
    output: () => readFileSync(streams.join('stdout'), 'utf8'),
    waitForLine,
    signal: (name) => process.kill(pid, name),
    exit,
    ended,
    processes: tree.pids,
    [Symbol.asyncDispose]: async () => {
      await tree.end();
      await exit;
      streams[Symbol.dispose]();
    },
  };
}

function spawn(
  args: readonly string[],
  options: SuperdaemonOptions,
  { streams, mark }: { streams: string; mark: Readonly<Record<string, string>> },
): { pid: number; exit: Promise<Exit> } {
  const [command = program, ...words] = [...(options.via ?? []), program, ...args];
  const { PATH = '', HOME = '/' } = process.env;
  const stdout = openSync(`${streams}/stdout`, 'a');
  const stderr = openSync(`${streams}/stderr`, 'a');
  const handedOver = (options.descriptors ?? []).map((descriptor) =>
    descriptor === undefined ? 'ignore' : anyNumber(descriptor),
  );
  const subprocess = execa(command, words, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { PATH, HOME, ...options.env, ...mark },
    extendEnv: false,
    stdio: ['ignore', anyNumber(stdout), anyNumber(stderr), ...handedOver],
    detached: true,
    reject: false,
    buffer: false,
  });
  closeSync(stdout);
  closeSync(stderr);
  if (subprocess.pid === undefined) throw new Error(`cannot run ${command}`);
  const exit = subprocess.then(({ exitCode, signal }) => ({
    code: exitCode ?? null,
    signal: signal ?? null,
  }));
  return { pid: subprocess.pid, exit };
}

/** Execa takes any descriptor, but its types know only the small numbers. */
function anyNumber(descriptor: number): 9 {
  return descriptor as 9;
}

function findLine(text: string, pattern: string | RegExp): string {
  const complete = text.split('\n').slice(0, -1);
  const found = complete.find((line) =>
    typeof pattern === 'string' ? line.startsWith(pattern) : pattern.test(line),
  );
  if (found === undefined) throw new Error(`no line ${pattern} in the log:\n${text}`);
  return found;
}
