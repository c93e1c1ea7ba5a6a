import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/command-line/options.ts';
import { StartupError } from '../../src/startup-error.ts';
import { argumentVectors } from '../support/argument-vectors.ts';
import { eventually } from '../support/eventually.ts';
import { isReference } from '../support/program.ts';
import { rounds } from '../support/rounds.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

// VECTORS_SEED=n repeats a run.
const seed = Number(process.env.VECTORS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const atATime = 6;

// Of ours only: what the reference does with garbage is its own affair.
describe.skipIf(isReference)(`argument vectors of seed ${seed}`, () => {
  it('are understood, or refused with a line that says why', () => {
    const understoodOrRefused = fc.property(argumentVectors, fc.boolean(), (words, posixlyCorrect) => {
      try {
        expect(['start', 'print', 'restart', 'stop', 'upgrade', 'status', 'dry-run']).toContain(
          parseOptions({ words, posixlyCorrect }).kind,
        );
      } catch (error) {
        if (!(error instanceof StartupError)) throw error;
        expect(error.message).not.toBe('');
      }
    });
    fc.assert(understoodOrRefused, { seed, numRuns: rounds(4000) });
  });

  it('never hang the program, never show its insides, and leave nothing behind', {
    timeout: 180_000,
  }, async () => {
    const rest = fc.sample(argumentVectors, { seed, numRuns: rounds(240) });
    const faults: string[] = [];
    const worker = async () => {
      for (let words = rest.pop(); words !== undefined; words = rest.pop()) {
        const found = await faultsOf(words);
        if (found.length > 0) faults.push(`${shown(words)}\n  ${found.join('\n  ')}`);
      }
    };
    await Promise.all(Array.from({ length: atATime }, worker));
    if (faults.length > 0) expect.fail(`VECTORS_SEED=${seed}\n${faults.join('\n')}`);
  });
});

/** Runs the program, stops it if it comes to work, and says what is wrong with how it went. */
async function faultsOf(words: readonly string[]): Promise<string[]> {
  using dir = tempDir();
  await using superdaemon = startSuperdaemon(words, { cwd: dir.path });
  const ended = () => superdaemon.processes().length === 0;
  await until(() => ended() || isAtWork(superdaemon, dir), 2000);
  // What has not begun to work by now writes its log where nobody sees it; what hears TERM may be told to stop.
  if (!(await until(() => ended() || stopped(superdaemon), 10_000))) return ['cannot be stopped'];
  if (!(await until(ended, 10_000))) return [`hangs; its log:\n${superdaemon.log()}`];
  const { code, signal } = await superdaemon.exit;
  const left = readdirSync(dir.path).filter((name) => name !== logFile(words));
  return [
    ...(signal === null ? [] : [`is ended by ${signal}`]),
    ...(left.length === 0 ? [] : [`leaves ${left.map((name) => JSON.stringify(name))}`]),
    ...faultsOfWords(superdaemon, { failed: code !== 0, logged: textsIn(dir) }),
  ];
}

function faultsOfWords(
  { log, output }: Superdaemon,
  { failed, logged }: { failed: boolean; logged: string },
): string[] {
  const said = log() + output() + logged;
  const faults: string[] = [];
  if (/^ {4}at |internal error/m.test(said)) faults.push(`shows its insides: ${said}`);
  if (!failed) return faults;
  const lines = log()
    .split('\n')
    .filter((line) => !/^$|^start_server \(pid:\d+\) starting now\.\.\.$|^warning: /.test(line));
  if (lines.length === 0) faults.push('fails without a word');
  for (const line of lines)
    if (!line.startsWith('start-server: ')) faults.push(`says ${JSON.stringify(line)}`);
  return faults;
}

/** The file that may stay: a log file. */
function logFile(words: readonly string[]): string | undefined {
  try {
    const invocation = parseOptions({ words, posixlyCorrect: false });
    if (invocation.kind !== 'start') return undefined;
    const { log } = invocation.options;
    return log.kind === 'file' && !isAbsolute(log.path) ? log.path : 'log';
  } catch {
    return undefined;
  }
}

function isAtWork({ log }: Superdaemon, dir: TempDir): boolean {
  return /^starting new worker/m.test(log() + textsIn(dir));
}

/** Sends TERM to our program's processes once all of them listen to signals. */
function stopped({ processes }: Superdaemon): boolean {
  const ours = processes().filter((pid) => /start-server/.test(proc(pid, 'cmdline').slice(0, 1000)));
  if (ours.length === 0 || !ours.every(listens)) return false;
  for (const pid of ours) process.kill(pid, 'SIGTERM');
  return true;
}

/** Node itself catches TERM, but HUP is ours. */
function listens(pid: number): boolean {
  const [, caught = '0'] = /^SigCgt:\s*(\w+)/m.exec(proc(pid, 'status')) ?? [];
  return (BigInt(`0x${caught}`) & 1n) === 1n;
}

function proc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

function textsIn(dir: TempDir): string {
  const files = readdirSync(dir.path, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ name }) => readFileSync(dir.join(name), 'latin1')).join('');
}

/** Whether it has come true in time. */
function until(probe: () => boolean, withinMs: number): Promise<boolean> {
  const attempt = eventually(
    () => {
      if (!probe()) throw new Error('not yet');
      return true;
    },
    { withinMs },
  );
  return attempt.catch(() => false);
}

function shown(words: readonly string[]): string {
  return JSON.stringify(
    words.map((word) => (word.length > 120 ? `${word.slice(0, 20)}… ${word.length} characters` : word)),
  );
}
