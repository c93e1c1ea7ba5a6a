import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { itOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { actor, echoPerl } from '../support/workers.ts';

describe('a path of', () => {
  const pathOfBytes = (directory: string, bytes: number) => `${directory}/`.padEnd(bytes, 'x');

  it('107 bytes serves', async () => {
    using dir = tempDir();
    const path = pathOfBytes(dir.path, 107);
    await using superdaemon = startSuperdaemon([`--path=${path}`, '--', ...echoPerl]);
    await superdaemon.waitForLine('starting new worker ');
    expect(await ask({ path })).toMatchObject({ generation: 1 });
  });

  itOurs.each([108, 109, 300])('%i bytes is refused: the system has room for 107', async (bytes) => {
    using dir = tempDir();
    const path = pathOfBytes(dir.path, bytes);
    const result = await run([`--path=${path}`, '--', ...actor]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain(path);
    expect(result.leftBehind).toBe(0);
    expect(readdirSync(dir.path)).toEqual([]);
  });

  itOurs('54 letters of two bytes each is refused: bytes count', async () => {
    using dir = tempDir();
    const result = await run([`--path=${'ö'.repeat(54)}`, '--', ...actor], { cwd: dir.path });
    expect(result.code).toBeGreaterThan(0);
    expect(readdirSync(dir.path)).toEqual([]);
  });

  itOurs.each([';', '\n'])('a name with %j, which separates or ends, is refused', async (character) => {
    using dir = tempDir();
    const result = await run([`--path=a${character}b`, '--', ...actor], { cwd: dir.path });
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain('path');
    expect(readdirSync(dir.path)).toEqual([]);
  });
});
