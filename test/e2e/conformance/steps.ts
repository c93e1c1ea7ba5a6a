// What is done to a program at work, step by step.

import { readFileSync, rmSync } from 'node:fs';
import { eventually } from '../../support/eventually.ts';
import { run } from '../../support/run.ts';
import { startSuperdaemon } from '../../support/superdaemon.ts';
import { inspector } from '../../support/workers.ts';
import { startedAs } from './caller.ts';
import type { Case, Pair, Step } from './case.ts';
import { writeBytes } from './files.ts';
import { keepLines, maskPids } from './mask.ts';
import type { Place, Running } from './running.ts';

/** What is there for a case to run in: the same for both programs. */
export type Setting = Omit<Place, 'reports' | 'words'> & { readonly fill: (text: string) => string };

export interface Scene {
  readonly it: Case;
  readonly pair: Pair;
  readonly setting: Setting;
  readonly program: Running;
}

type Facts = [name: string, fact: string][];

/** Takes a step, waits until its effect is there, and says what was seen besides the program itself. */
export async function take(step: Step, scene: Scene): Promise<Facts> {
  if (typeof step === 'object') {
    if ('another' in step) return [['another', await startAnother(step.another, scene)]];
    if ('client' in step) return runClient(step.client, scene);
  }
  await act(step, scene);
  return [];
}

async function act(
  step: Exclude<Step, { readonly another: string } | { readonly client: string }>,
  { setting, program }: Scene,
): Promise<void> {
  const generation = program.generation();
  if (step === 'settled') return program.settledAfter(0);
  if (step === 'HUP') {
    await program.signal('SIGHUP');
    return program.settledAfter(generation);
  }
  if (step === 'worker dies') {
    process.kill(program.newestWorker(), 'SIGKILL');
    return program.settledAfter(generation);
  }
  if ('write' in step) return writeBytes(setting.dir.join(step.write), step.text);
  if ('remove' in step) return rmSync(setting.dir.join(step.remove), { recursive: true });
  if ('send' in step) {
    if (step.to === 'worker') process.kill(program.newestWorker(), `SIG${step.send}`);
    else await program.signal(`SIG${step.send}`);
  }
  return program.said(step.until);
}

async function runClient(text: string, { it, pair, setting, program }: Scene): Promise<Facts> {
  const words = fillWords(text, setting.fill);
  const { code, stdout, stderr, leftBehind } = await run(
    [...(pair.clientWords ?? []), ...words],
    startedAs(pair.client, it, setting.dir),
  );
  const said = maskPids(keepLines(stderr), program.names());
  if (!program.exited()) await program.said(/(?:)/);
  return [
    ['exit', exitOf(code)],
    ['stdout', stdout],
    ['stderr', said],
    ['left.processes', String(leftBehind)],
  ];
}

async function startAnother(text: string, { it, pair, setting }: Scene): Promise<string> {
  const words = fillWords(text, setting.fill);
  await using second = startSuperdaemon(words, startedAs(pair.superdaemon, it, setting.dir));
  let exit: string | undefined;
  second.exit.then(({ code }) => {
    exit = `ends, ${exitOf(code)}`;
  });
  const started = () => /^starting new worker/m.test(second.log());
  return await eventually(() => {
    const outcome = exit ?? (started() ? 'runs' : waitsForLock(second.pid) ? 'hangs' : undefined);
    if (outcome === undefined) throw new Error(`neither ended, nor at work, nor waiting\n${second.log()}`);
    return outcome;
  });
}

/** The reference waits for the lock of a pid file, for as long as its holder lives. */
function waitsForLock(pid: number): boolean {
  return new RegExp(`^\\d+: -> FLOCK .* ${pid} `, 'm').test(readFileSync('/proc/locks', 'utf8'));
}

export function fillWords(words: string | readonly string[], fill: Setting['fill']): string[] {
  const plain = typeof words === 'string' ? words.split(' ') : words;
  return plain.flatMap((word) => (word === '{worker}' ? inspector : [fill(word)]));
}

export function exitOf(code: number | null): string {
  return code === 0 ? 'zero' : 'non-zero';
}
