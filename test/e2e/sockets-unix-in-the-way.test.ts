import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { asOrdinaryUser, giveToOrdinaryUser, ordinaryUserCanRun } from '../support/ordinary-user.ts';
import { itOurs, skipsFixes } from '../support/ours.ts';
import { isReference } from '../support/program.ts';
import { run } from '../support/run.ts';
import { leaveStaleSocket } from '../support/stale-socket.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { actor, echoPerl } from '../support/workers.ts';

describe('what is already at the path:', () => {
  it('a socket that nobody serves is replaced, with a warning', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    await leaveStaleSocket(path);
    await using superdaemon = startSuperdaemon([`--path=${path}`, '--', ...echoPerl]);
    await superdaemon.waitForLine(`removing existing socket file:${path}`);
    await superdaemon.waitForLine('starting new worker ');
    expect(await ask({ path })).toMatchObject({ generation: 1 });
  });

  it.skipIf(skipsFixes || process.geteuid?.() !== 0 || !ordinaryUserCanRun())(
    'the socket of a superdaemon of another user, whom nobody but root may signal, stays its own',
    async () => {
      using dir = tempDir();
      const path = dir.join('socket');
      await using superdaemon = startSuperdaemon([`--path=${path}`, '--', ...echoPerl]);
      const worker = await eventually(() => ask({ path }));
      giveToOrdinaryUser(dir);
      const { ino } = lstatSync(path);
      const second = await run([`--path=${path}`, '--', ...echoPerl], { via: asOrdinaryUser });
      expect(second).toMatchObject({ code: 1, leftBehind: 0 });
      expect(second.stderr).toContain(`--path=${path}: in use by process ${superdaemon.pid}\n`);
      expect(lstatSync(path).ino).toBe(ino);
      expect(await ask({ path })).toEqual(worker);
    },
  );

  it('the socket of a superdaemon that was killed is taken over, although its worker lives on', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    await using killed = startSuperdaemon([`--path=${path}`, '--', ...echoPerl]);
    await killed.waitForLine('starting new worker ');
    const orphan = await ask({ path });
    killed.signal('SIGKILL');
    await killed.ended();
    expect(await ask({ path })).toEqual(orphan);

    await using superdaemon = startSuperdaemon([`--path=${path}`, '--', ...echoPerl]);
    await superdaemon.waitForLine(
      isReference ? `removing existing socket file:${path}` : `taking over worker ${orphan.pid} `,
    );
    await superdaemon.waitForLine('starting new worker ');
    await eventually(async () => expect((await ask({ path })).pid).not.toBe(orphan.pid));
  });

  itOurs('the socket of a live superdaemon is left to it, and its pid is named', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    await using first = startSuperdaemon([`--path=${path}`, '--', ...echoPerl]);
    await first.waitForLine('starting new worker ');
    const worker = await ask({ path });

    const second = await run([`--path=${path}`, '--', ...echoPerl]);
    expect(second.code).toBeGreaterThan(0);
    expect(second.stderr).toContain(path);
    expect(second.stderr).toContain(String(first.pid));
    expect(second.leftBehind).toBe(0);
    expect(await ask({ path })).toEqual(worker);
  });

  itOurs('a regular file is left alone, and the start refused', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('precious'), 'precious');
    const result = await run([`--path=${dir.join('precious')}`, '--', ...actor]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain(dir.join('precious'));
    expect(result.leftBehind).toBe(0);
    expect(readFileSync(dir.join('precious'), 'utf8')).toBe('precious');
  });

  it('a directory is left alone, and the start refused', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('directory'));
    const result = await run([`--path=${dir.join('directory')}`, '--', ...actor]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain(dir.join('directory'));
    expect(result.leftBehind).toBe(0);
    expect(readdirSync(dir.path)).toEqual(['directory']);
  });

  it('of a link to a socket, the link goes and the socket stays', async () => {
    using dir = tempDir();
    await leaveStaleSocket(dir.join('target'));
    symlinkSync(dir.join('target'), dir.join('link'));
    await using superdaemon = startSuperdaemon([`--path=${dir.join('link')}`, '--', ...echoPerl]);
    await superdaemon.waitForLine(`removing existing socket file:${dir.join('link')}`);
    await superdaemon.waitForLine('starting new worker ');
    expect(lstatSync(dir.join('target')).isSocket()).toBe(true);
    expect(lstatSync(dir.join('link')).isSocket()).toBe(true);
  });

  it('a path in a directory that is not there ends the start with an error', async () => {
    using dir = tempDir();
    const path = dir.join('missing/socket');
    const result = await run([`--path=${path}`, '--', ...actor]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain(path);
    expect(result.leftBehind).toBe(0);
  });
});
