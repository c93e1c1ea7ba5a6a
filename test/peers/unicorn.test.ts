import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { deploy, publishedGenerations, serves } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startLoad } from '../support/load.ts';
import { expectNothingLost } from '../support/nothing-lost.ts';
import { describePeer } from '../support/peer.ts';
import { attemptRequest } from '../support/request.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { rounds } from '../support/rounds.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { unicornApp } from '../support/unicorn-app.ts';

const deploys = rounds(20);

describePeer('unicorn', ['unicorn', 'bundle'], () => {
  it.concurrent('is replaced worker by worker under load, and leaves nothing behind when it is stopped', async () => {
    using app = unicornApp();
    const { socket, statusFile, pidFile } = app;
    const options = [`--path=${socket}`, '--signal-on-term=QUIT', '--signal-on-hup=QUIT'];
    const files = [`--status-file=${statusFile}`, `--pid-file=${pidFile}`];
    const args = [...options, ...files, '--kill-old-delay=5', '--', ...app.command];
    await using superdaemon = startSuperdaemon(args, { cwd: app.path });

    await superdaemon.waitForLine(/ INFO -- : inherited addr=\S+\/unicorn\.sock fd=\d+$/);
    expect(await attemptRequest({ path: socket }, 10_000)).toMatchObject({ outcome: 'ok', generation: 1 });
    await using load = startLoad({ target: { path: socket }, pauseMs: 2 });
    const deployment = { superdaemon, statusFile, loads: [load] };
    await serves(deployment, 1);

    superdaemon.signal('SIGHUP');
    await eventually(() => expect(publishedGenerations(statusFile)).toEqual([1, 2]));
    await serves(deployment, 2);
    expectNothingLost(await load.stop(), 2);
    await superdaemon.waitForLine('killing old workers');

    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect([socket, statusFile, pidFile].filter(existsSync)).toEqual([]);
    expect(superdaemon.processes()).toEqual([]);

    const [first = '', second = ''] = startedWorkers(superdaemon);
    expect(ownLines(superdaemon)).toEqual([
      `start_server (pid:${superdaemon.pid}) starting now...`,
      `starting new worker ${first}`,
      'received HUP, spawning a new worker',
      `starting new worker ${second}`,
      `new worker is now running, sending QUIT to old workers:${first}`,
      'sleeping 5 secs before killing old workers',
      'killing old workers',
      `received TERM, sending QUIT to all workers:${second}`,
      `worker ${second} died, status:0`,
      'exiting',
    ]);
    expect(superdaemon.log()).toContain(`\nold worker ${first} died, status:0\n`);
    expect(reapedBy(first, superdaemon)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it.concurrent(`loses nothing in ${deploys} deploys under constant load over TCP and a Unix socket`, async () => {
    using app = unicornApp();
    const { socket, statusFile } = app;
    const port = await freePort();
    const listeners = [`--port=127.0.0.1:${port}`, `--path=${socket}`];
    const signals = ['--signal-on-term=QUIT', '--signal-on-hup=QUIT'];
    const times = ['--interval=0', '--kill-old-delay=1'];
    const args = [...listeners, ...signals, ...times, `--status-file=${statusFile}`, '--', ...app.command];
    await using superdaemon = startSuperdaemon(args, { cwd: app.path, recorded: true });

    await superdaemon.waitForLine('starting new worker');
    await using tcp = startLoad({ target: { port }, pauseMs: 2 });
    await using unix = startLoad({ target: { path: socket }, pauseMs: 2 });
    const deployment = { superdaemon, statusFile, loads: [tcp, unix] };
    await serves(deployment, 1);
    for (let count = 0; count < deploys; count += 1) await deploy(deployment);
    expectNothingLost(await tcp.stop(), deploys + 1);
    expectNothingLost(await unix.stop(), deploys + 1);

    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.processes()).toEqual([]);
    expectRightAnswers(superdaemon, [tcp, unix]);
  });
});

function startedWorkers(superdaemon: Superdaemon): string[] {
  return [...superdaemon.log().matchAll(/^starting new worker (\d+)$/gm)].map(([, pid = '']) => pid);
}

/** The superdaemon's lines, without the one whose place depends on how long the old generation takes to go. */
function ownLines(superdaemon: Superdaemon): string[] {
  const lines = superdaemon.log().trimEnd().split('\n');
  return lines.filter((line) => !/^[IWEF], \[/.test(line) && !line.startsWith('old worker '));
}

/** The numbers of the unicorn workers that this master saw go; in which order, is the machine's affair. */
function reapedBy(master: string, superdaemon: Superdaemon): number[] {
  const line = new RegExp(`^I, \\[\\S+ #${master}\\] .* reaped .* worker=(\\d+)$`, 'gm');
  return [...superdaemon.log().matchAll(line)].map(([, worker]) => Number(worker)).sort();
}
