import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { codeIn } from '../support/code-in.ts';
import { freePort } from '../support/free-port.ts';
import { installLibrary } from '../support/install-library.ts';
import { itOurs } from '../support/ours.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp-dir.ts';

describe('the README’s demo', () => {
  itOurs('shows what it says, line by line', async () => {
    using dir = tempDir();
    installLibrary(dir);
    const demo = demoOn(await freePort());
    const stop = 'start-server --stop --quiet --pid-file=pid --wait-timeout=10 2>/dev/null';
    const PATH = `${dirname(program)}${delimiter}${process.env.PATH}`;
    const run = promisify(execFile)('bash', ['-e', '-c', `npm() { :; }\ntrap '${stop}' EXIT\n${demo}`], {
      cwd: dir.path,
      env: { ...process.env, PATH },
      timeout: 50_000,
    });
    const { stdout } = await run.catch((error) => error);
    expect(stdout.trim().split('\n')).toEqual(promised(demo));
    expect(existsSync(dir.join('pid'))).toBe(false);
  });

  it('fits on a screen', () => {
    expect(demoOn(1).split('\n').length).toBeLessThanOrEqual(24);
  });
});

/** What the comments behind the requests say, and the failed deploy. */
function promised(demo: string): string[] {
  const lines = [...demo.matchAll(/^curl .*# (?<answer>generation \d)|(?<failed>not deployed): /gm)];
  return lines.map(({ groups }) => groups?.answer ?? `${groups?.failed}: 1`);
}

function demoOn(port: number): string {
  return codeIn('README.md', 'See it', 'sh').replaceAll('8080', String(port));
}
