import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { inspect, inspectCommandLine } from '../support/inspect.ts';
import { itLaunched, itOurs } from '../support/ours.ts';
import { program } from '../support/program.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor, inspector, printer } from '../support/workers.ts';

describe("a worker's variables", () => {
  it('include an empty SERVER_STARTER_PORT when there is no socket', async () => {
    const { report } = await inspect([]);
    expect(report.environment.SERVER_STARTER_PORT).toBe('');
    expect(report.environment.SERVER_STARTER_GENERATION).toBe('1');
  });

  it('reach a worker in sh, and the next generation has the next number', async () => {
    const port = await freePort();
    await using superdaemon = startSuperdaemon(['--interval=0', `--port=${port}=9`, '--', ...printer]);
    const says = (generation: number) =>
      eventually(() =>
        expect(superdaemon.output()).toContain(`ports '${port}=9' generation '${generation}'\n`),
      );
    await says(1);
    superdaemon.signal('SIGHUP');
    await says(2);
  });

  itOurs('are not those of a superdaemon around it, whose sockets and slots they speak of', async () => {
    const outer = ['--interval=0', '--workers=1', `--worker-port=127.0.0.1:${await freePort()}`];
    const inner = [program, '--interval=0', '--', 'sh', '-c', 'env; exec sleep 1000'];
    await using superdaemon = startSuperdaemon([...outer, '--', ...inner]);
    await eventually(() => expect(superdaemon.output()).toMatch(/^SERVER_STARTER_PORT=$/m));
    expect(superdaemon.output()).not.toMatch(/^SERVER_STARTER_(OWN|WORKERS?)=/m);
  });

  it('are the caller’s, whatever their bytes', async () => {
    const { report } = await inspect([], {
      env: { PLAIN: 'a b=c', EMPTY: '', LINES: 'one\ntwo\n', UMLAUT: 'ö→' },
    });
    const { PLAIN, EMPTY, LINES, UMLAUT = '' } = report.environment;
    expect([PLAIN, EMPTY, LINES]).toEqual(['a b=c', '', 'one\ntwo\n']);
    expect(Buffer.from(UMLAUT, 'latin1').toString()).toBe('ö→');
  });

  it.each([
    74_000, 75_500, 100_000,
  ])('are the caller’s, and no other, where they have %i bytes', async (bytes) => {
    const long = { HALF: 'x'.repeat(bytes / 2), REST: 'y'.repeat(bytes / 2 - 300) };
    const { report } = await inspect([], { env: long });
    const names = [
      'SERVER_STARTER_GENERATION',
      'SERVER_STARTER_PORT',
      'START_SERVER_TEST_TREE',
      'REPORT_DIR',
    ];
    // What bash and busybox set, where they are sh.
    const found = Object.keys(report.environment).filter((name) => name !== 'SHLVL');
    expect(found.sort()).toEqual(['HALF', 'HOME', 'PATH', 'REST', ...names].sort());
    expect(report.environment).toMatchObject(long);
  });

  it('keep bytes that are not UTF-8', async () => {
    const via = ['sh', '-c', 'RAW="$(printf "\\377\\200x")" exec "$@"', 'sh'];
    const { report } = await inspect([], { via });
    expect(report.environment.RAW).toBe('\xff\x80x');
  });

  const forNode = { NODE_OPTIONS: '--no-such-option', NODE_EXTRA_CA_CERTS: '/no/such/file' };

  itLaunched('that speak to Node are the worker’s alone', async () => {
    // Node would not even start with them.
    const { report } = await inspect([], { env: forNode });
    expect(report.environment).toMatchObject(forNode);
  });

  it('of an outer start_server are replaced', async () => {
    const env = { SERVER_STARTER_PORT: '80=3', SERVER_STARTER_GENERATION: '41' };
    const { report } = await inspect([], { env });
    expect(report.environment).toMatchObject({ SERVER_STARTER_PORT: '', SERVER_STARTER_GENERATION: '1' });
  });

  it('tell the options that concern them', async () => {
    using dir = tempDir();
    const options = ['--enable-auto-restart', '--auto-restart-interval=70', '--kill-old-delay=7'];
    const { report } = await inspect([...options, `--envdir=${dir.path}`]);
    expect(report.environment).toMatchObject({
      ENVDIR: dir.path,
      ENABLE_AUTO_RESTART: '1',
      AUTO_RESTART_INTERVAL: '70',
      KILL_OLD_DELAY: '7',
    });
  });

  it('do not tell of options that were not given', async () => {
    const { report } = await inspect([]);
    const names = ['ENVDIR', 'ENABLE_AUTO_RESTART', 'AUTO_RESTART_INTERVAL', 'KILL_OLD_DELAY'];
    expect(Object.keys(report.environment).filter((name) => names.includes(name))).toEqual([]);
  });
});

describe("a worker's words", () => {
  it('arrive as they are, empty ones and strange ones too', async () => {
    const words = ['', ' ', 'a b', '--port=1', '--', '*', 'line\nline', '$HOME'];
    const { report } = await inspectCommandLine(['--', ...inspector, ...words]);
    expect(report.argv).toEqual(words);
  });

  it('keep bytes that are not UTF-8', async () => {
    const via = ['sh', '-c', 'exec "$@" "$(printf "\\377\\200x")"', 'sh'];
    const { report } = await inspect([], { via });
    expect(report.argv).toEqual(['\xff\x80x']);
  });

  it('begin with a program that is looked for along PATH', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('through'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
    const notes = transcript(dir);
    await using superdaemon = startSuperdaemon(['--', 'through', ...actor], {
      env: { ...notes.env, PATH: `${dir.path}:${process.env.PATH}` },
    });
    await notes.waitFor('1 started');
    expect(superdaemon.processes()).toHaveLength(2);
  });
});

describe("a worker's standard streams", () => {
  it('are those of the superdaemon', async () => {
    await using superdaemon = startSuperdaemon(['--', 'sh', '-c', 'echo out; echo err >&2; exec sleep 1000']);
    await superdaemon.waitForLine(/^err$/);
    expect(superdaemon.output()).toBe('out\n');
  });
});
