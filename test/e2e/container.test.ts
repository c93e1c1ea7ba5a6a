// No container engine builds the image here: its instructions are checked against the repository, and what it runs is
// run as PID 1 of a pid namespace.

import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { execForm, instructions, lastOf } from '../support/containerfile.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startLoad } from '../support/load.ts';
import { expectNothingLost } from '../support/nothing-lost.ts';
import { itOurs } from '../support/ours.ts';
import { asPidOne, describeWhere } from '../support/permitted.ts';
import { attemptRequest } from '../support/request.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const example = `${repository}examples/container`;
const image = instructions(`${example}/Containerfile`);
const [entryPoint = '', ...options] = execForm(lastOf(image, 'ENTRYPOINT'));
const command = execForm(lastOf(image, 'CMD'));
const stopSignal = lastOf(image, 'STOPSIGNAL') as NodeJS.Signals;

describe('the Containerfile (not built: no container engine runs here)', () => {
  it('copies all that packing the program takes, by the scripts of package.json', async () => {
    using dir = tempDir();
    for (const name of copied('package')) cpSync(repository + name, dir.join(name), { recursive: true });
    symlinkSync(`${repository}node_modules`, dir.join('node_modules')); // instead of npm ci
    const { stdout } = await execa('npm', ['pack', '--json', '--dry-run'], { cwd: dir.path });
    expect(stdout).toContain('"bin/start-server"');
    expect(stdout).toContain('"dist/start-server.cjs"');
    expect(existsSync(dir.join('dist/start-server.cjs'))).toBe(true);
  });

  it('runs a program of the package with files that it has copied', () => {
    expect(Object.keys(packageJson.bin)).toContain(entryPoint);
    const health = execForm(lastOf(image, 'HEALTHCHECK'));
    expect(copied('app')).toEqual([command, health].map(([, file]) => `examples/container/${file}`));
    expect(copied('app').filter((name) => !existsSync(repository + name))).toEqual([]);
    expect(Object.keys(constants.signals)).toContain(stopSignal);
  });

  it('runs as an ordinary user, and serves the port that it exposes', () => {
    expect(lastOf(image, 'USER')).toBe('node');
    expect(options).toContain(`--port=${lastOf(image, 'EXPOSE')}`);
  });
});

describeWhere('its ENTRYPOINT and CMD as PID 1', [...asPidOne, 'true'], () => {
  itOurs('serve, pass the health check, deploy on HUP under load, and stop on STOPSIGNAL', async () => {
    using dir = tempDir();
    const port = await freePort();
    const args = moved([...options, ...command], port, dir.path);
    await using superdaemon = startSuperdaemon(args, { cwd: example, via: asPidOne, recorded: true });
    const generation = () => attemptRequest({ port }, 10_000);
    await eventually(async () => expect(await generation()).toMatchObject({ outcome: 'ok', generation: 1 }));
    await eventually(() => expect(existsSync(dir.join('app.status'))).toBe(true));
    expect((await healthCheck(port)).exitCode).toBe(0);

    await using load = startLoad({ target: { port }, pauseMs: 2 });
    const [pid = 0] = await pidOne(superdaemon.pid);
    process.kill(pid, 'SIGHUP');
    await superdaemon.waitForLine(/^old worker \d+ died, status:0$/);
    await eventually(() => expect([...load.generations().keys()]).toEqual([1, 2]));
    expectNothingLost(await load.stop(), 2);

    process.kill(pid, stopSignal);
    expect(await superdaemon.ended(gracePeriodMs())).toEqual({ code: 0, signal: null });
    expect((await healthCheck(port)).exitCode).not.toBe(0);
    expectRightAnswers(superdaemon, [load]);
  });
});

itOurs('the words of the README deploy in a pod', async () => {
  const readme = readFileSync(`${example}/README.md`, 'utf8');
  const [, words = ''] = /`kubectl exec deploy\/app -- start-server (.*?)`/.exec(readme) ?? [];
  using dir = tempDir();
  const { code, stderr } = await run(moved(words.split(' '), 0, dir.path));
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('no superdaemon is running') });
});

/** What the stage of that name, or the last one, takes from the repository. */
function copied(stage: 'package' | 'app'): string[] {
  const last = image.findLastIndex(({ name }) => name === 'FROM');
  const part = stage === 'app' ? image.slice(last) : image.slice(0, last);
  return part
    .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from='))
    .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
}

/** The words with loopback's port and a directory of the test's own. */
function moved(words: readonly string[], port: number, directory: string): string[] {
  return words.map((word) =>
    word.replace('--port=8080', `--port=127.0.0.1:${port}`).replace('/run/app', directory),
  );
}

function healthCheck(port: number) {
  const [program = '', ...words] = execForm(lastOf(image, 'HEALTHCHECK'));
  return execa(program, words, { cwd: example, env: { PORT: String(port) }, reject: false });
}

/** The child of unshare. */
function pidOne(launcher: number): Promise<number[]> {
  const path = `/proc/${launcher}/task/${launcher}/children`;
  return eventually(() => [Number(readFileSync(path, 'utf8').trim().split(' ')[0])]);
}

function gracePeriodMs(): number {
  const yaml = readFileSync(`${example}/deployment.yaml`, 'utf8');
  return Number(/terminationGracePeriodSeconds: (\d+)/.exec(yaml)?.[1]) * 1000;
}
