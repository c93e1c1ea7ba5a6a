import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { type Load, startLoad } from '../support/load.ts';
import { skipsFixes } from '../support/ours.ts';
import type { Target } from '../support/request.ts';
import { type Revived, startRevived } from '../support/revived.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { tempDir } from '../support/temp-dir.ts';

const kills = 20;
const file = (name: string) => fileURLToPath(new URL(`../workers/${name}`, import.meta.url));
const perl = ['perl', file('http-perl.pl')];
const node = [process.execPath, file('http-node.mjs')];

// Side by side: nearly all of their time is the interval.
describe
  .skipIf(skipsFixes)
  .concurrent('a superdaemon that is killed 20 times under constant load', { timeout: 180_000 }, () => {
    it('loses nothing of a blocking Perl worker over TCP', () => survives(perl, ['TCP'], 'both'));
    it('loses nothing of a blocking Perl worker over a Unix socket', () => survives(perl, ['Unix'], 'both'));
    it('loses nothing of a Node worker over both', () => survives(node, ['TCP', 'Unix'], 'both'));
    it('loses nothing without status file and pid file', () => survives(node, ['TCP', 'Unix'], 'neither'));
  });

async function survives(
  worker: readonly string[],
  transports: readonly ('TCP' | 'Unix')[],
  files: 'both' | 'neither',
): Promise<void> {
  using dir = tempDir();
  const [port, path] = [await freePort(), dir.join('sock')];
  const option = { TCP: `--port=127.0.0.1:${port}`, Unix: `--path=${path}` };
  const target: Record<'TCP' | 'Unix', Target> = { TCP: { port }, Unix: { path } };
  const [pidFile, statusFile] = [dir.join('pid'), dir.join('status')];
  const kept = files === 'both' ? [`--pid-file=${pidFile}`, `--status-file=${statusFile}`] : [];
  const args = [...kept, ...transports.map((each) => option[each]), '--', ...worker];
  await using revived = startRevived(args, { recorded: true });
  await revived.superdaemon().waitForLine('starting new worker');
  const loads = transports.map((each) => startLoad({ target: target[each], pauseMs: 2, timeoutMs: 20_000 }));
  await using _ends = { [Symbol.asyncDispose]: async () => void (await stopAll(loads)) };
  await answered(loads, 1);

  for (let count = 1; count <= kills; count += 1) {
    await momentToKill(revived, { count, loads });
    await revived.kill();
    await revived.superdaemon().waitForLine('starting new worker');
    if (files === 'both') {
      // On a busy machine the new one may have started by now.
      expect([count, count + 1]).toContain(Math.max(...publishedGenerations(statusFile)));
    }
  }
  await answered(loads, kills + 1);
  for (const { losses, counts, generations } of await stopAll(loads)) {
    process.stdout.write(`${counts.requests} requests, ${generations.size} generations\n`);
    expect(losses).toEqual({});
    expect(counts.ok).toBe(counts.requests);
    expect(counts.requests).toBeGreaterThan(200);
    const waitedFor = Array.from({ length: kills + 1 }, (_, index) => index + 1).filter(isWaitedFor);
    expect([...generations.keys()].filter(isWaitedFor).sort((a, b) => a - b)).toEqual(waitedFor);
  }
  await revived.superdaemon().waitForLine('old worker');
  revived.superdaemon().signal('SIGTERM');
  expect(await revived.superdaemon().ended()).toEqual({ code: 0, signal: null });
  expect(revived.processes()).toEqual([]);
  expect([path, pidFile, statusFile].filter(existsSync)).toEqual([]);
  expectRightAnswers(revived, loads);
}

/** Others may be killed before they have answered. */
const isWaitedFor = (generation: number) => generation % 3 !== 0 || generation > kills;

/** While its worker is being tried, as that has just taken over, or when it serves alone. */
async function momentToKill(
  { superdaemon, processes }: Revived,
  { count, loads }: { count: number; loads: readonly Load[] },
): Promise<void> {
  if (!isWaitedFor(count)) return;
  await answered(loads, count);
  if (count % 3 === 1)
    await superdaemon().waitForLine(count === 1 ? 'starting' : 'new worker is now running');
  else await eventually(() => expect(processes(), superdaemon().log()).toHaveLength(2));
}

function answered(loads: readonly Load[], generation: number): Promise<void> {
  return eventually(() => {
    for (const load of loads) expect([...load.generations().keys()]).toContain(generation);
  });
}

const stopAll = (loads: readonly Load[]) => Promise.all(loads.map((load) => load.stop()));
