import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { filesBesideTheNote } from '../support/note-of-workers.ts';
import { itOurs } from '../support/ours.ts';
import { rounds } from '../support/rounds.ts';
import { leaveStaleSocket } from '../support/stale-socket.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { echoPerl } from '../support/workers.ts';

describe('several superdaemons started at once', () => {
  itOurs.each([
    {
      times: rounds(10),
      shared: 'pid file, path and port',
      options: ['--pid-file=pid', '--path=socket', '--port=PORT'],
    },
    { times: rounds(6), shared: 'pid file alone', options: ['--pid-file=pid'] },
    { times: rounds(6), shared: 'path alone', options: ['--path=socket'] },
    { times: rounds(6), shared: 'port alone', options: ['--port=PORT'] },
  ])('with the same $shared: one serves, the others fail in one line', async ({ times, options }) => {
    for (let round = 0; round < times; round += 1) {
      using dir = tempDir();
      const port = await freePort();
      const words = options.map((option) => option.replace('PORT', `127.0.0.1:${port}`));
      const args = ['--interval=0', ...words, '--', ...echoPerl];
      await using race = startAtOnce(2 + (round % 3), () => startSuperdaemon(args, { cwd: dir.path }));

      const winner = await race.winner();
      expect(winner.processes()).toHaveLength(2);
      const expected = words.filter((word) => !word.startsWith('--port')).map((word) => word.split('=')[1]);
      expect(filesBesideTheNote(dir)).toEqual(expected.sort());
      if (existsSync(dir.join('pid'))) expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${winner.pid}\n`);
      if (existsSync(dir.join('socket'))) await expectServed({ path: dir.join('socket') }, winner);
      if (options.includes('--port=PORT')) await expectServed({ host: '127.0.0.1', port }, winner);
      winner.signal('SIGTERM');
      expect(await winner.ended()).toEqual({ code: 0, signal: null });
      expect(readdirSync(dir.path)).toEqual([]);
    }
  });

  itOurs('over the path of a killed one: one takes it over, the others fail in one line', async () => {
    for (let round = 0; round < rounds(10); round += 1) {
      using dir = tempDir();
      const path = dir.join('socket');
      await leaveStaleSocket(path);
      await using race = startAtOnce(6, () => startSuperdaemon([`--path=${path}`, '--', ...echoPerl]));
      await expectServed({ path }, await race.winner());
    }
  });
});

interface Race extends AsyncDisposable {
  /** The one that is left when all others have failed as they should. */
  readonly winner: () => Promise<Superdaemon>;
}

function startAtOnce(count: number, start: () => Superdaemon): Race {
  const runners = Array.from({ length: count }, start);
  const ended = new Set<Superdaemon>();
  for (const runner of runners) runner.exit.then(() => ended.add(runner));
  return {
    winner: async () => {
      const logs = () => runners.map(({ log }) => log()).join('\n');
      const waitForOthers = () => {
        if (ended.size !== count - 1) throw new Error(`${ended.size} of ${count} have ended\n${logs()}`);
      };
      await eventually(waitForOthers, { giveUp: () => logs().split('starting new worker').length > 2 });
      for (const loser of ended) await expectFailedInOneLine(loser);
      const [winner] = runners.filter((runner) => !ended.has(runner));
      if (winner === undefined) throw new Error(`none is left\n${logs()}`);
      await winner.waitForLine('starting new worker ');
      return winner;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(runners.map((runner) => runner[Symbol.asyncDispose]()));
    },
  };
}

async function expectFailedInOneLine(loser: Superdaemon): Promise<void> {
  expect((await loser.exit).code).toBeGreaterThan(0);
  expect(loser.processes()).toEqual([]);
  const lines = loser.log().trimEnd().split('\n');
  expect(lines.filter((line) => !/ starting now\.\.\.$|^removing existing socket/.test(line))).toEqual([
    expect.stringMatching(/^start-server: --(port|path|pid-file)=/),
  ]);
}

async function expectServed(address: Parameters<typeof ask>[0], { processes }: Superdaemon): Promise<void> {
  const { generation, pid } = await ask(address);
  expect(generation).toBe(1);
  expect(processes()).toContain(pid);
}
