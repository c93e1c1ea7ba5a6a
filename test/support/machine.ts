// A machine made of namespaces, in which a command is PID 1 (boot-systemd.sh).

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { eventually } from './eventually.ts';
import { type TempDir, tempDir } from './temp-dir.ts';
import { type Units, writeUnits } from './units.ts';

export interface Ran {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Machine extends AsyncDisposable {
  /** Runs a command inside to its end. Never rejects. */
  readonly run: (command: string, ...words: string[]) => Promise<Ran>;
  /** What a path inside is called outside. */
  readonly outside: (path: string) => string;
  /** What PID 1 wrote. */
  readonly said: () => string;
  /** Resolves when PID 1 has exited, and so everything has. */
  readonly ended: () => Promise<void>;
}

const repository = fileURLToPath(new URL('../..', import.meta.url));
const script = fileURLToPath(new URL('boot-systemd.sh', import.meta.url));
/** Who is killed before it could clean up takes the machine along. */
const dieWithUs = ['--pdeathsig', 'KILL'];
const inPrivate = ['unshare', '--mount', '--propagation', 'private', 'sh'] as const;

/** Leaves nothing behind once it is disposed of: not a process, not a mount, not a control group. */
export async function startMachine(command: readonly string[], units: Units): Promise<Machine> {
  const dir = tempDir();
  const name = `start-server-test-${randomUUID()}`;
  writeUnits(dir, units);
  const launcher = launch([script, dir.path, name, repository, process.execPath, ...command]);
  const dispose = () => destroy(launcher, name, dir);
  try {
    const first = await eventually(() => pidOne(launcher), { giveUp: launcher.over });
    return { ...machineAt(first, launcher), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose().catch((left) => {
      throw new AggregateError([error, left], `${error}`);
    });
    throw error;
  }
}

function machineAt(first: number, { said, ended }: Launcher): Omit<Machine, keyof AsyncDisposable> {
  const inside = ['--target', String(first), '--all', '--'];
  return {
    run: async (program, ...args) => {
      const options = { reject: false, stdin: 'ignore' } as const;
      const { exitCode, stdout, stderr } = await execa('nsenter', [...inside, program, ...args], options);
      return { exitCode, stdout, stderr };
    },
    outside: (path) => `/proc/${first}/root${path}`,
    said,
    ended,
  };
}

async function destroy(launcher: Launcher, name: string, dir: TempDir): Promise<void> {
  launcher.kill();
  await launcher.ended();
  try {
    await removeControlGroup(name, dir);
  } finally {
    dir[Symbol.dispose]();
  }
}

interface Launcher {
  readonly pid: number;
  readonly said: () => string;
  readonly over: () => boolean;
  readonly ended: () => Promise<void>;
  /** Ends it, and PID 1 with it. */
  readonly kill: () => void;
}

function launch(words: readonly string[]): Launcher {
  const launched = execa('setpriv', [...dieWithUs, ...inPrivate, ...words], {
    ...{ reject: false, stdin: 'ignore', all: true, buffer: false },
  });
  let said = '';
  let over = false;
  launched.all.on('data', (text) => {
    said += text;
  });
  launched.then(() => {
    over = true;
  });
  const ended = () =>
    eventually(() => {
      if (!over) throw new Error(`the machine has not ended; it said:\n${said}`);
    });
  const kill = () => void launched.kill('SIGKILL');
  return { pid: launched.pid ?? Number.NaN, said: () => said, over: () => over, ended, kill };
}

/** The launcher's child that is the first process of its namespace. */
function pidOne({ pid, said, over }: Launcher): number {
  if (over()) throw new Error(`the machine did not start; it said:\n${said()}`);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const first = children.find((child) => isFirst(readFileSync(`/proc/${child}/status`, 'utf8')));
  if (first === undefined) throw new Error('the machine has not started');
  return Number(first);
}

function isFirst(status: string): boolean {
  return /^NSpid:\s\d+\s1$/m.test(status);
}

/** Its last processes may take a moment to leave. */
async function removeControlGroup(name: string, { path }: TempDir): Promise<void> {
  const remove =
    'mount -t cgroup2 none "$0" && cd "$0" && find . -depth -path "./$1*" -type d -exec rmdir {} +';
  await eventually(() => execa(inPrivate[0], [...inPrivate.slice(1), '-c', remove, path, name]));
}
