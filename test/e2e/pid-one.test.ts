import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { expect } from 'vitest';
import { commandOf } from '../../src/posix/process/process-facts.ts';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { itOurs } from '../support/ours.ts';
import { asPidOne, describeWhere } from '../support/permitted.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

const orphans = 20;
/** Leaves orphans behind, then becomes the worker of its words. */
const litter = ['sh', '-c', `for n in $(seq ${orphans}); do (sleep 1000 &); done; exec "$@"`, 'sh', ...actor];

describeWhere('as PID 1', [...asPidOne, 'true'], () => {
  itOurs('reaps the orphans that come to it, and takes none of them for a worker', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const args = ['--interval=0', '--', ...litter];
    await using superdaemon = startSuperdaemon(args, { env: notes.env, via: asPidOne });
    await notes.waitFor('1 started');
    const pid = await pidOne(superdaemon);
    const adopted = await eventually(() => {
      const found = childrenOf(pid).filter((child) => nameOf(child) === 'sleep');
      expect(found).toHaveLength(orphans);
      return found;
    });

    for (const orphan of adopted) process.kill(orphan, 'SIGKILL');
    await eventually(() => expect(childrenOf(pid)).toHaveLength(1));
    process.kill(pid, 'SIGHUP');
    await notes.waitFor('2 started');
    await superdaemon.waitForLine(/^old worker \d+ died, status:0$/);
    expect(superdaemon.log()).not.toContain('unexpectedly');
    await end(superdaemon, pid, dir.join('transcript'));
  });

  itOurs('obeys HUP and TERM from inside, where the kernel shields PID 1 from them', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const args = ['--interval=0', '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env, via: asPidOne });
    await notes.waitFor('1 started');
    const pid = await pidOne(superdaemon);
    const fromInside = (signal: string) =>
      execa('nsenter', [`--target=${pid}`, '--pid', 'sh', '-c', `kill -${signal} 1`]);

    for (const harmless of ['USR1', 'USR2', 'ALRM', 'PIPE', 'WINCH']) await fromInside(harmless);
    await fromInside('HUP');
    await notes.waitFor('2 started');
    await notes.waitFor('1 TERM');
    // The end of PID 1 takes with it whoever has sent the signal.
    await fromInside('TERM').catch(() => {});
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(notes.lines().at(-1)).toBe('2 TERM');
    expect(superdaemon.log().trimEnd().split('\n').at(-1)).toBe('exiting');
  });

  itOurs('keeps a pool through a crash, a deploy and scaling, and reaps what its workers leave', async () => {
    using dir = tempDir();
    const status = dir.join('status');
    const args = ['--interval=0', '--workers=2', `--status-file=${status}`];
    const worker = ['--', 'sh', '-c', '(sleep 1000 &); exec sleep 2000'];
    await using superdaemon = startSuperdaemon([...args, ...worker], { via: asPidOne });
    const serves = (generations: readonly number[]) =>
      eventually(() => expect(publishedGenerations(status)).toEqual(generations));
    await serves([1, 1]);
    const pid = await pidOne(superdaemon);
    const running = (words: string) =>
      childrenOf(pid).filter((child) => commandOf(child)?.join(' ') === words);
    const [victim = 0, other] = running('sleep 2000');

    process.kill(victim, 'SIGKILL');
    await superdaemon.waitForLine(/^worker \d+ died unexpectedly with status:9, restarting$/);
    await serves([1, 1]);
    expect(running('sleep 2000')).toContain(other);
    process.kill(pid, 'SIGHUP');
    await serves([2, 2]);
    process.kill(pid, 'SIGTTIN');
    await serves([2, 2, 2]);

    const left = await eventually(() => {
      const found = running('sleep 1000');
      expect(found).toHaveLength(6);
      return found;
    });
    for (const orphan of left) process.kill(orphan, 'SIGKILL');
    await eventually(() => expect(childrenOf(pid)).toHaveLength(3));
    process.kill(pid, 'SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.log().match(/^worker \d+ died, status:15$/gm)).toHaveLength(3);
    await eventually(() => expect(superdaemon.processes()).toEqual([]));
  });

  itOurs('takes everything with it when it is killed', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...litter], {
      env: notes.env,
      via: asPidOne,
    });
    await notes.waitFor('1 started');
    process.kill(await pidOne(superdaemon), 'SIGKILL');
    await superdaemon.ended();
    await eventually(() => expect(superdaemon.processes()).toEqual([]));
  });
});

/** TERM: it exits with 0 once its workers have gone, and what else there is in the namespace ends with it. */
async function end(superdaemon: Superdaemon, pid: number, notes: string): Promise<void> {
  expect(superdaemon.processes().length).toBeGreaterThan(orphans);
  process.kill(pid, 'SIGTERM');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  expect(readFileSync(notes, 'utf8')).toMatch(/^2 TERM\n$/m);
  await eventually(() => expect(superdaemon.processes()).toEqual([]));
}

/** What PID 1 is called outside: the child of unshare. */
function pidOne(superdaemon: Superdaemon): Promise<number> {
  return eventually(() => {
    const [pid] = childrenOf(superdaemon.pid);
    if (pid === undefined || nameOf(pid) === 'sh') throw new Error('it is not there yet');
    return pid;
  });
}

/** Zombies too. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && statOf(Number(name))[1] === String(parent))
    .map(Number);
}

function nameOf(pid: number): string | undefined {
  return /\((.*)\)/.exec(readStat(pid))?.[1];
}

function statOf(pid: number): string[] {
  return readStat(pid).split(') ').at(-1)?.split(' ') ?? [];
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return ''; // It has gone meanwhile.
  }
}
