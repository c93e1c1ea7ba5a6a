// What clients say of the workers of a superdaemon that is gone: only what is certain.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { survivorsWords } from '../../src/client/survivors.ts';
import { environmentOf } from '../../src/posix/process/process-facts.ts';
import { eventually } from '../support/eventually.ts';
import { tempDir } from '../support/temp-dir.ts';

const started: ChildProcess[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** A worker of a generation: it has printed something, so its environment is its own. */
async function worker(generation: string): Promise<number> {
  const child = spawn('sh', ['-c', 'echo up; read line'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, SERVER_STARTER_GENERATION: generation },
  });
  started.push(child);
  await once(child.stdout ?? child, 'data');
  return child.pid ?? 0;
}

function wordsFor(text: string): string {
  using dir = tempDir();
  writeFileSync(dir.join('status'), text);
  return survivorsWords(dir.join('status'));
}

describe.skipIf(process.platform !== 'linux')('of a killed superdaemon’s workers clients say', () => {
  it('that the listed ones serve on, and how they are taken over', async () => {
    const [one, two] = [await worker('3'), await worker('4')];
    expect(wordsFor(`3:${one}\n`)).toBe(
      `; worker ${one} serves on: run the start command again, it takes it over`,
    );
    expect(wordsFor(`3:${one}\n4:${two}\n`)).toBe(
      `; workers ${one}, ${two} serve on: run the start command again, it takes them over`,
    );
  });

  it('nothing where the pid is another process’s by now, or the worker is of another generation', async () => {
    const other = await worker('3');
    expect(wordsFor(`4:${other}\n`)).toBe('');
    expect(wordsFor(`1:${process.pid}\n`)).toBe('');
    expect(wordsFor('1:4194304\n')).toBe('');
  });

  it('nothing of one whose superdaemon lives, though its pid file was written anew', async () => {
    const script = 'SERVER_STARTER_GENERATION=3 sleep 1000 & echo $!; trap "kill $!; exit" TERM; wait';
    const superdaemon = spawn('sh', ['-c', script], { argv0: 'start-server' });
    try {
      const [line] = await once(superdaemon.stdout, 'data');
      const pid = Number(String(line));
      await eventually(() => expect(environmentOf(pid).get('SERVER_STARTER_GENERATION')).toBe('3'));
      expect(wordsFor(`3:${pid}\n`)).toBe('');
    } finally {
      superdaemon.kill('SIGTERM');
      await once(superdaemon, 'exit');
    }
  });

  it('nothing without a status file, or with one that is none', () => {
    expect(survivorsWords(undefined)).toBe('');
    expect(survivorsWords('/nowhere/status')).toBe('');
    expect(wordsFor('what is this?\n')).toBe('');
  });
});
