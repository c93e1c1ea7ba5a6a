import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { maskedLog } from '../support/masked-log.ts';
import { itOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor, echoPerl } from '../support/workers.ts';

describe('a worker that dies', () => {
  it('is replaced at once', async () => {
    const port = await freePort();
    const address = { host: '127.0.0.1', port };
    await using superdaemon = startSuperdaemon(['--interval=0', `--port=${port}`, '--', ...echoPerl]);
    await superdaemon.waitForLine('starting new worker ');
    const first = await ask(address);
    process.kill(first.pid, 'SIGKILL');
    await superdaemon.waitForLine(`worker ${first.pid} died unexpectedly with status:9, restarting`);
    expect(await ask(address)).toMatchObject({ generation: 2 });
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
    expect(maskedLog(superdaemon)).toEqual([
      'start_server (pid:S) starting now...',
      'starting new worker W1',
      'worker W1 died unexpectedly with status:9, restarting',
      'starting new worker W2',
      'received TERM, sending TERM to all workers:W2',
      'worker W2 died, status:0',
      'exiting',
    ]);
  });

  it.each([
    { name: 'exit code 0', act: 'live 0', signal: 'SIGUSR1', status: 0 },
    { name: 'exit code 3', act: 'live 3', signal: 'SIGUSR1', status: 768 },
    { name: 'exit code 255', act: 'live 255', signal: 'SIGUSR1', status: 65280 },
    { name: 'signal ALRM', act: 'live', signal: 'SIGALRM', status: 14 },
  ] as const)('with $name is reported with the raw wait status, $status', async ({ act, signal, status }) => {
    using dir = tempDir();
    const notes = transcript(dir, { 1: act });
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], { env: notes.env });
    const pid = await workerPid(superdaemon);
    await notes.waitFor('1 started');
    process.kill(pid, signal);
    await superdaemon.waitForLine(`worker ${pid} died unexpectedly with status:${status}, restarting`);
    await notes.waitFor('2 started');
  });

  it('by a signal that dumps core is reported with 128 more', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const options = { env: notes.env, cwd: dir.path, via: ['sh', '-c', 'ulimit -c 0; exec "$@"', 'sh'] };
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], options);
    const pid = await workerPid(superdaemon);
    await notes.waitFor('1 started');
    process.kill(pid, 'SIGABRT');
    const line = await superdaemon.waitForLine(`worker ${pid} died unexpectedly with status:`);
    expect(line).toMatch(/status:(6|134), restarting$/);
  });

  it('within its first interval has failed to start, exit code 0 or not, and takes a generation', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { 1: 'exit 0', 2: 'exit 1' });
    await using superdaemon = startSuperdaemon(['--', ...actor], { env: notes.env });
    await notes.waitFor('3 started');
    await workerPid(superdaemon, 3);
    expect(maskedLog(superdaemon)).toEqual([
      'start_server (pid:S) starting now...',
      'starting new worker W1',
      'new worker W1 seems to have failed to start, exit status:0',
      'starting new worker W2',
      'new worker W2 seems to have failed to start, exit status:256',
      'starting new worker W3',
    ]);
    expect(notes.lines()).toEqual(['1 started', '2 started', '3 started']);
  });

  it('again and again is started anew no more than once a second, the default interval', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { all: 'exit 1' });
    const before = performance.now();
    await using _superdaemon = startSuperdaemon(['--', ...actor], { env: notes.env });
    await notes.waitFor('3 started');
    expect(performance.now() - before).toBeGreaterThanOrEqual(1990);
  });

  itOurs('again and again is started anew no more than ten times a second, with --interval=0', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { all: 'exit 1' });
    const before = performance.now();
    await using _superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], { env: notes.env });
    await notes.waitFor('12 started');
    // Eleven starts after the first, the first of which may be at once.
    expect(performance.now() - before).toBeGreaterThanOrEqual(1000);
  });
});

describe('while a worker is failing', () => {
  it('TERM is obeyed', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { all: 'exit 1' });
    await using superdaemon = startSuperdaemon(['--interval=1', '--', ...actor], { env: notes.env });
    await notes.waitFor('2 started');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.log()).toMatch(/\nexiting\n$/);
    expect(superdaemon.processes()).toEqual([]);
  });

  itOurs('TERM starts no further worker', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { all: 'exit 1' });
    await using superdaemon = startSuperdaemon(['--interval=1000', '--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    await eventually(() => expect(superdaemon.processes()).toEqual([superdaemon.pid]));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(notes.lines()).toEqual(['1 started']);
  });
});
