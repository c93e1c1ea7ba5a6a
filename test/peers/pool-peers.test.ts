// A release that cannot start reaches four workers, under load: what is left of the service, and who hears of it.

import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startLoad } from '../support/load.ts';
import { skipsFixes } from '../support/ours.ts';
import { describePeer } from '../support/peer.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { run } from '../support/run.ts';
import { type Exit, startSuperdaemon } from '../support/superdaemon.ts';
import type { LoadReport } from '../support/tally.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { sessionEnd, sessionProcesses } from '../support/worker-tree.ts';

const workers = 4;
/** How long the peers are watched; they have no end of their own to wait for. */
const WATCH_MS = 5_000;
const perl = ['perl', fileURLToPath(new URL('../workers/http-perl.pl', import.meta.url))];

const python = `import os
if os.path.exists("broken"):
    raise RuntimeError("broken release")

def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "13")])
    return [b"generation 1\\n"]
`;
const ruby = `raise 'broken release' if File.exist?('broken')
run ->(_env) { [200, { 'Content-Length' => '13' }, ["generation 1\\n"]] }
`;

interface Outcome {
  readonly report: LoadReport;
  /** undefined: it runs. */
  readonly exit: Exit | undefined;
  readonly processes: number;
  readonly log: string;
}

const lost = ({ counts }: LoadReport) => counts.requests - counts.ok;

describe.concurrent('a release that cannot start, deployed to 4 workers under load', () => {
  it.skipIf(skipsFixes)('costs us nothing: no request, exit status 1, the 4 old ones serve on', async () => {
    using dir = tempDir();
    const port = await freePort();
    const files = ['--pid-file=pid', '--status-file=status'];
    const options = [`--workers=${workers}`, '--interval=0', '--backoff=1', `--port=127.0.0.1:${port}`];
    const release = ['sh', '-c', 'test ! -e broken || exit 3; exec "$@"', 'sh', ...perl];
    await using superdaemon = startSuperdaemon([...options, ...files, '--', ...release], {
      cwd: dir.path,
      recorded: true,
    });
    const old = Array(workers).fill(1);
    await eventually(() => expect(publishedGenerations(dir.join('status'))).toEqual(old));
    await using load = startLoad({ target: { port }, pauseMs: 5 });
    await eventually(() => expect(load.generations().size).toBe(1));

    writeFileSync(dir.join('broken'), '');
    const { code, stderr } = await run(['--restart', '--quiet', ...files], {
      cwd: dir.path,
      withinMs: 30_000,
    });
    const report = await load.stop();
    show('start-server', { report, processes: workers }, `exit status ${code}`);
    expect({ code, lost: lost(report), losses: report.losses }).toEqual({ code: 1, lost: 0, losses: {} });
    expect(stderr).toMatch(/gave up after 3 attempts of worker \d, generation 1 keeps serving/);
    expect(publishedGenerations(dir.join('status'))).toEqual(old);
    const pids = [...readFileSync(dir.join('status'), 'utf8').matchAll(/^1:(\d+)$/gm)].map(([, pid]) => pid);
    expect(pids).toHaveLength(workers);
    for (const pid of pids) expect(superdaemon.log()).not.toContain(`old worker ${pid}`);
    expect(superdaemon.log()).not.toContain('old workers');
    expectRightAnswers(superdaemon, [load]);
  });

  describePeer('gunicorn', ['gunicorn'], () => {
    it('ends it altogether', async () => {
      using dir = tempDir();
      writeFileSync(dir.join('app.py'), python);
      const command = (port: number) => ['gunicorn', `-w${workers}`, '-b', `127.0.0.1:${port}`, 'app:app'];
      const { exit, processes, report } = await broken('gunicorn', dir, { command, signal: 'SIGHUP' });
      expect(exit?.code).toBeGreaterThan(0);
      expect(processes).toBe(0);
      expect(lost(report)).toBeGreaterThan(0);
    });
  });

  describePeer('unicorn', ['unicorn'], () => {
    it('leaves it without a worker, which it starts again and again', async () => {
      using dir = tempDir();
      writeFileSync(dir.join('config.ru'), ruby);
      writeFileSync(dir.join('unicorn.rb'), `worker_processes ${workers}\n`);
      const command = (port: number) => [
        ...['unicorn', '-c', 'unicorn.rb', '-l', `127.0.0.1:${port}`, '-E', 'none'],
        'config.ru',
      ];
      const { exit, log, report } = await broken('unicorn', dir, { command, signal: 'SIGHUP' });
      expect(exit).toBeUndefined();
      expect(log.match(/reaped /g)?.length ?? 0).toBeGreaterThan(3 * workers);
      expect(lost(report)).toBeGreaterThan(0);
    });
  });

  describePeer('puma', ['puma'], () => {
    it('leaves it a worker short, and tries for ever', async () => {
      using dir = tempDir();
      writeFileSync(dir.join('config.ru'), ruby);
      writeFileSync(
        dir.join('puma.rb'),
        'preload_app! false\nqueue_requests false\nworker_check_interval 1\n',
      );
      const command = (port: number) => [
        ...['puma', '-w', String(workers), '-t', '1:1', '-b', `tcp://127.0.0.1:${port}`, '-C', 'puma.rb'],
        'config.ru',
      ];
      const { exit, log } = await broken('puma', dir, { command, signal: 'SIGUSR1' });
      expect(exit).toBeUndefined();
      expect(log).toMatch(/phased worker restart/i);
      expect(log).toContain('Unable to start worker');
      // One of those that serve was told to go, and no other has come.
      expect(log).not.toMatch(/booted in .*phase: 1/);
    });
  });
});

interface Peer {
  readonly command: (port: number) => readonly string[];
  /** Its deploy. */
  readonly signal: NodeJS.Signals;
}

async function broken(name: string, dir: TempDir, { command, signal }: Peer): Promise<Outcome> {
  const port = await freePort();
  // Not the program under test: what comes behind it is executed.
  const via = ['sh', '-c', 'exec "$@"'];
  await using peer = startSuperdaemon(command(port), { cwd: dir.path, via });
  await using _session = sessionEnd(peer.pid);
  await eventually(() => expect(sessionProcesses(peer.pid).length).toBeGreaterThan(workers));
  await using load = startLoad({ target: { port }, pauseMs: 5, timeoutMs: 1_500 });
  await eventually(() => expect(load.generations().size).toBe(1), { withinMs: 20_000 });
  writeFileSync(dir.join('broken'), '');
  peer.signal(signal);
  const exit = await Promise.race([peer.exit, delay(WATCH_MS, undefined)]);
  if (exit !== undefined) await delay(100);
  const processes = sessionProcesses(peer.pid).length;
  const outcome = { report: await load.stop(), exit, processes, log: peer.output() + peer.log() };
  show(name, outcome, exit === undefined ? 'nobody is told' : `exit status ${exit.code}`);
  return outcome;
}

function show(
  name: string,
  { report, processes }: Pick<Outcome, 'report' | 'processes'>,
  told: string,
): void {
  const { requests } = report.counts;
  process.stdout.write(
    `${name}: ${lost(report)} of ${requests} requests lost, ${told}, ${processes} processes\n`,
  );
}
