import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { itOurs } from '../support/ours.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

interface Figures {
  readonly descriptors: number;
  readonly threads: number;
  readonly zombies: number;
  readonly residentKb: number;
}

describe('three hundred deploys in a row', () => {
  itOurs('leave no descriptor, no zombie and no file behind, and take no memory', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('env'));
    writeFileSync(dir.join('env/NAME'), 'value\n');
    const files = ['--path=socket', '--pid-file=pid', '--status-file=status', '--envdir=env'];
    const args = ['--interval=0', '--log-file=log', ...files, '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => expect(existsSync(dir.join('status'))).toBe(true));

    await deployUntil(dir.join('status'), { superdaemon, generation: 50 });
    const early = figures(superdaemon.pid);
    await deployUntil(dir.join('status'), { superdaemon, generation: 301 });
    const late = figures(superdaemon.pid);
    process.stderr.write(`after 49 deploys ${JSON.stringify(early)}, after 300 ${JSON.stringify(late)}\n`);

    // Node may open one of its own meanwhile.
    expect(late.descriptors).toBeLessThanOrEqual(early.descriptors + 2);
    expect(late.threads).toBeLessThanOrEqual(early.threads + 2);
    expect(late.zombies).toBe(0);
    expect(late.residentKb).toBeLessThan(early.residentKb + 40_000);
    expect(superdaemon.processes()).toHaveLength(2);
    expect(readdirSync(dir.path).sort()).toEqual(['env', 'log', 'pid', 'pid.workers', 'socket', 'status']);
    expect(readFileSync(dir.join('log'), 'utf8').match(/^starting new worker /gm)).toHaveLength(301);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

/** One deploy after the other, each after the one before is over, until that generation alone is left. */
async function deployUntil(
  statusFile: string,
  { superdaemon, generation }: { superdaemon: Superdaemon; generation: number },
): Promise<void> {
  for (;;) {
    const published = readFileSync(statusFile, 'utf8');
    const newest = Number(/^(\d+):\d+\n$/.exec(published)?.[1]);
    if (newest >= generation) return;
    superdaemon.signal('SIGHUP');
    await eventually(() =>
      expect(readFileSync(statusFile, 'utf8')).toMatch(new RegExp(`^${newest + 1}:\\d+\n$`)),
    );
  }
}

function figures(pid: number): Figures {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
    zombies: children(pid).filter((child) => stateOf(child) === 'Z').length,
    residentKb: Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1]),
  };
}

/** A child is listed with the thread that made it, which is always the first. */
function children(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function stateOf(pid: number): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0];
}
