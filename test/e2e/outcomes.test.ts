import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { describePeer } from '../support/peer.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

// Most of the time all of them wait.
vi.setConfig({ maxConcurrency: 4 });

const pidFile = ['--pid-file=pid'];
const giveUp = ['--interval=1', '--max-start-attempts=2'];
/** Talks in vain for as long as the file `broken` is there. */
const release = ['--', 'sh', '-c', 'test ! -e broken || { cat broken >&2; exit 3; }; exec sleep 1000'];

async function serving(dir: TempDir, words: readonly string[]) {
  const superdaemon = startSuperdaemon([...pidFile, '--log-file=log', ...words, ...release], {
    cwd: dir.path,
  });
  const log = () => readFileSync(dir.join('log'), 'utf8');
  await eventually(async () => expect((await run(['--status', ...pidFile], { cwd: dir.path })).code).toBe(0));
  return {
    superdaemon,
    log,
    client: (...options: string[]) => run([...options, ...pidFile], { cwd: dir.path }),
  };
}

const last = (text: string) => text.trimEnd().split('\n').at(-1);

describeOurs('the last line of a client', () => {
  it.concurrent('says what a deploy, an upgrade and a stop have brought, and that on standard error alone', async () => {
    using dir = tempDir();
    const { superdaemon, client } = await serving(dir, ['--interval=0']);
    await using _ended = superdaemon;
    const deploy = await client('--restart');
    expect(deploy).toMatchObject({ code: 0, stdout: '' });
    expect(last(deploy.stderr)).toMatch(/^deployed: generation 2, pid \d+, \d+\.\d s$/);
    const hasty = await client('--restart', '--no-wait-old');
    expect(last(hasty.stderr)).toMatch(/^deployed: generation 3, pid \d+, \d+\.\d s$/);
    const upgrade = await client('--upgrade');
    expect(last(upgrade.stderr)).toMatch(
      new RegExp(`^upgraded: version \\S+ to version \\S+, pid ${superdaemon.pid}, \\d+\\.\\d s$`),
    );
    const stop = await client('--stop');
    expect(stop).toMatchObject({ code: 0, stdout: '' });
    expect(last(stop.stderr)).toMatch(/^stopped: superdaemon \d+ and 1 worker, \d+\.\d s$/);
  });

  it.concurrent('counts the workers of a pool', async () => {
    using dir = tempDir();
    const { superdaemon, client } = await serving(dir, ['--interval=0', '--workers=2']);
    await using _ended = superdaemon;
    expect(last((await client('--scale=+1')).stderr)).toMatch(/^scaled: 3 workers, \d+\.\d s$/);
    expect(last((await client('--restart')).stderr)).toMatch(
      /^deployed: generation 2, 3 workers, \d+\.\d s$/,
    );
    expect(last((await client('--stop')).stderr)).toMatch(/^stopped: superdaemon \d+ and 3 workers, /);
  });

  it.concurrent('says what --cancel has kept, and nothing is there with --quiet', async () => {
    using dir = tempDir();
    const { superdaemon, client, log } = await serving(dir, ['--interval=1']);
    await using _ended = superdaemon;
    writeFileSync(dir.join('broken'), '');
    const deploy = client('--restart');
    await eventually(() => expect(log()).toMatch(/^new worker \d+ seems to have failed/m));
    expect(last((await client('--restart', '--cancel')).stderr)).toMatch(
      /^called off: generation 1 keeps serving, \d+\.\d s$/,
    );
    expect(await deploy).toMatchObject({ code: 1 });
    rmSync(dir.join('broken'));
    expect(await client('--restart', '--quiet')).toMatchObject({ code: 0, stderr: '' });
    expect(await client('--stop', '--quiet')).toMatchObject({ code: 0, stderr: '' });
  });
});

describeOurs('a deploy that fails shows', () => {
  for (const format of ['text', 'json']) {
    it.concurrent(`what its last worker wrote into the ${format} log, and nothing from before`, async () => {
      using dir = tempDir();
      const { superdaemon, client } = await serving(dir, [...giveUp, `--log-format=${format}`]);
      await using _ended = superdaemon;
      writeFileSync(dir.join('broken'), 'of an earlier deploy\n');
      await client('--restart', '--quiet');
      writeFileSync(
        dir.join('broken'),
        `${'x\n'.repeat(20)}Error: no module 'express'\n  at \u001b[31mmain\n`,
      );
      const { code, stderr } = await client('--restart', '--quiet');
      expect(code).toBe(1);
      const lines = stderr.trimEnd().split('\n');
      expect(lines[0]).toMatch(/^the last lines in \/\S+\/log before worker \d+ failed:$/);
      expect(lines.slice(1, -1)).toEqual([
        ...Array.from({ length: 8 }, () => '  x'),
        "  Error: no module 'express'",
        '    at ?[31mmain',
      ]);
      expect(lines.at(-1)).toMatch(
        /^start-server: deploy failed: gave up after 2 attempts, generation 1 keeps serving: worker \d+ ended with exit status 3$/,
      );
    });
  }

  it.concurrent('them when the time is up, too, and from a log that has been renamed', async () => {
    using dir = tempDir();
    const { superdaemon, client } = await serving(dir, ['--interval=1']);
    await using _ended = superdaemon;
    writeFileSync(dir.join('broken'), 'no config\n');
    renameSync(dir.join('log'), dir.join('log.1'));
    const { code, stderr } = await client('--restart', '--wait-timeout=3');
    expect(code).toBe(2);
    expect(stderr).toMatch(/\n {2}no config\nstart-server: --wait-timeout=3: timed out: [^\n]*\n$/);
  });

  it.concurrent('that it wrote nothing, or where it wrote to', async () => {
    using dir = tempDir();
    const { superdaemon, client } = await serving(dir, giveUp);
    await using _ended = superdaemon;
    writeFileSync(dir.join('broken'), '');
    expect((await client('--restart', '--quiet')).stderr).toMatch(
      /^worker \d+ wrote nothing into \/\S+\/log\nstart-server: deploy failed: [^\n]*\n$/,
    );
    await client('--stop');
    rmSync(dir.join('broken'));
    const args = [...pidFile, '--log-file=| cat >>other', ...giveUp, ...release];
    await using piped = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => expect(readFileSync(dir.join('other'), 'utf8')).toMatch(/^starting new worker/));
    await eventually(async () => expect((await client('--status')).code).toBe(0));
    writeFileSync(dir.join('broken'), 'no config\n');
    expect((await client('--restart', '--quiet')).stderr).toMatch(
      /^what worker \d+ wrote is in the hands of 'cat >>other'\nstart-server: deploy failed: [^\n]*\n$/,
    );
    expect(piped.processes().length).toBeGreaterThan(0);
  });

  it.concurrent('them for a worker that scaling cannot start', async () => {
    using dir = tempDir();
    const { superdaemon, client } = await serving(dir, [...giveUp, '--workers=1']);
    await using _ended = superdaemon;
    writeFileSync(dir.join('broken'), 'no config\n');
    const { code, stderr } = await client('--scale=2', '--quiet');
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        / failed:\n {2}no config\nstart-server: scaling failed: worker 1 has failed/,
      ),
    });
  });
});

describePeer('--restart of a superdaemon of the original’s', ['start_server'], () => {
  it('needs its status file, and is as silent as its own client', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const files = '--pid-file=pid --status-file=status --log-file=log';
    const theirs = `exec /usr/bin/start_server ${files} --interval=1 -- sleep 1000`;
    await using _superdaemon = startSuperdaemon([], { cwd, via: ['sh', '-c', theirs] });
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:\d+\n$/));
    const { code, stderr } = await run(['--restart', ...pidFile], { cwd });
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^start-server: --pid-file=pid: superdaemon \d+ has no control socket .*: --restart needs --status-file, too\n$/,
      ),
    });
    const restart = await run(['--restart', ...pidFile, '--status-file=status'], { cwd, withinMs: 30_000 });
    expect(restart).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});
