import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { execaSync } from 'execa';
import { expect, it } from 'vitest';
import { inspect } from '../support/inspect.ts';
import { describeOurs } from '../support/ours.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

describeOurs('an envdir smuggles in no second variable', () => {
  it.each([
    ['behind a newline in a value', 'NAME', 'value\nEVIL=1\n', { NAME: 'value' }],
    ['behind a newline and CR in a value', 'NAME', 'value\r\nEVIL=1', { NAME: 'value\r' }],
    ['behind a NUL in a value', 'NAME', 'value\0EVIL=1\n', {}],
    ['with a NUL at the start of a value', 'NAME', '\0EVIL=1\n', {}],
    ['by = in a name', 'EVIL=1', 'value\n', {}],
    ['by = at the start of a name', '=EVIL', '1\n', {}],
    ['by = in a value', 'NAME', 'a=b EVIL=1\n', { NAME: 'a=b EVIL=1' }],
    ['by a newline in a name', 'NAME\nEVIL', '1\n', { 'NAME\nEVIL': '1' }],
    ['by a dot file', '.EVIL', '1\n', {}],
  ])('%s', async (_how, name, content, expected) => {
    using dir = envdir();
    writeFileSync(dir.join(`env/${name}`), content);
    expect(await variables(dir)).toEqual(expected);
  });

  it('by a value that is too long to hand on: the rest of the envdir counts all the same', async () => {
    using dir = envdir();
    writeFileSync(dir.join('env/EVIL'), 'x'.repeat(200_000));
    writeFileSync(dir.join('env/NAME'), 'value\n');
    expect(await variables(dir)).toEqual({ NAME: 'value' });
  });

  it('and tells what it has skipped', async () => {
    using dir = envdir();
    for (const name of ['A=B', 'NUL']) writeFileSync(dir.join(`env/${name}`), 'x\0y\n');
    mkdirSync(dir.join('env/DIRECTORY'));
    execaSync('mkfifo', [dir.join('env/PIPE')]);
    const args = [`--envdir=${dir.join('env')}`, '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args);
    await superdaemon.waitForLine('starting new worker');
    const skipped = [...superdaemon.log().matchAll(/skipping "(.*?)"/g)].map(([, name]) => name);
    expect(skipped.sort()).toEqual(['A=B', 'DIRECTORY', 'NUL', 'PIPE']);
  });

  it('that steers the superdaemon beyond the three that it may', async () => {
    using dir = envdir();
    writeFileSync(dir.join('env/SERVER_STARTER_PORT'), '80=7\n');
    writeFileSync(dir.join('env/SERVER_STARTER_GENERATION'), '41\n');
    const { report } = await inspect([`--envdir=${dir.join('env')}`]);
    expect(report.environment).toMatchObject({ SERVER_STARTER_PORT: '', SERVER_STARTER_GENERATION: '1' });
  });
});

function envdir(): TempDir {
  const dir = tempDir();
  mkdirSync(dir.join('env'));
  chmodSync(dir.path, 0o755);
  return dir;
}

/** What a worker's environment has because of the envdir's files. */
async function variables(dir: TempDir): Promise<Record<string, string>> {
  const { report } = await inspect([`--envdir=${dir.join('env')}`]);
  const names = Object.keys(report.environment).filter((name) => /NAME|EVIL|NUL/.test(name));
  return Object.fromEntries(names.map((name) => [name, report.environment[name] ?? '']));
}
