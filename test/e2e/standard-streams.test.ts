import { readFileSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { itLaunched, itOurs } from '../support/ours.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp-dir.ts';

const O_NONBLOCK = 0o4000;
/** Notes the flags of the standard streams, then has the superdaemon stop. */
const worker =
  'for fd in 0 1 2; do sed -n "s/^flags:\\s*//p" /proc/$$/fdinfo/$fd; done > "$0"; kill $PPID; exec sleep 1000';

/** `script`: what the worker does before. */
async function nonBlockingStreams(
  options: readonly string[],
  { script = '', env = {} }: { readonly script?: string; readonly env?: Record<string, string> } = {},
): Promise<boolean[]> {
  using dir = tempDir();
  const flags = dir.join('flags');
  const limits = { stdin: 'pipe', reject: false, timeout: 15_000, forceKillAfterDelay: 1000, env } as const;
  const words = [...options, '--interval=0', '--', 'sh', '-c', script + worker, flags];
  const { exitCode } = await execa(program, words, limits);
  expect(exitCode).toBe(0);
  return readFileSync(flags, 'utf8')
    .trim()
    .split('\n')
    .map((text) => (Number.parseInt(text, 8) & O_NONBLOCK) !== 0);
}

const blocking = [false, false, false];

it('the standard streams of a worker are blocking, although they are pipes that it shares with us', async () => {
  expect(await nonBlockingStreams([])).toEqual(blocking);
});

itOurs('… and so they are beside a log in JSON', async () => {
  expect(await nonBlockingStreams(['--log-format=json'])).toEqual(blocking);
});

itLaunched('… and so they stay when Node has something to warn of', async () => {
  using dir = tempDir();
  const warned = JSON.stringify(dir.join('warned'));
  const warn = `process.emitWarning('beware'); setImmediate(() => require('fs').writeFileSync(${warned}, ''))`;
  writeFileSync(dir.join('warn.cjs'), `if (process.argv.includes('--')) setTimeout(() => { ${warn} }, 200)`);
  const env = { START_SERVER_NODE_OPTIONS: `--require=${dir.join('warn.cjs')}` };
  const script = `until test -e ${warned}; do sleep 0.1; done; `;
  expect(await nonBlockingStreams([], { script, env })).toEqual(blocking);
});
