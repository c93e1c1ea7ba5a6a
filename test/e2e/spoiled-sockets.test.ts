import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { describeOurs, itOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { echoPerl, spoiler } from '../support/workers.ts';

describeOurs('a worker that shuts the shared sockets down as it goes', () => {
  itOurs('costs no more than that moment: they listen again, over TCP and at a path', async () => {
    using dir = tempDir();
    const port = await freePort();
    const path = dir.join('socket');
    const args = ['--interval=0', `--port=127.0.0.1:${port}`, `--path=${path}`, '--', ...spoiler];
    await using superdaemon = startSuperdaemon(args, { env: { SPOIL: 'shutdown' } });
    const first = await workerPid(superdaemon);
    await eventually(() => ask({ path }));
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(`old worker ${first} died, `);
    await eventually(async () => expect(await ask({ port })).toMatchObject({ generation: 2 }));
    expect(superdaemon.log()).toContain(`--port=127.0.0.1:${port}: a worker had shut the socket down`);
    await superdaemon.waitForLine(`warning: --path=${path}: the file was removed or the socket shut down`);
    // At the path no old socket helps: the next worker has a new one.
    process.kill(await workerPid(superdaemon, 2), 'SIGKILL');
    await eventually(async () => expect(await ask({ path })).toMatchObject({ generation: 3 }));
    expect(await ask({ port })).toMatchObject({ generation: 3 });
  });
});

describeOurs('a worker that removes the file of a socket as it goes', () => {
  itOurs('is noticed at each deploy: the file is there again, nothing beside it', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    const args = ['--interval=0', `--path=${path}`, '--', ...spoiler];
    await using superdaemon = startSuperdaemon(args, { env: { SPOIL: 'unlink' } });
    for (const generation of [1, 2]) {
      const old = await workerPid(superdaemon, generation);
      await eventually(() => ask({ path }));
      const after = superdaemon.log().length;
      superdaemon.signal('SIGHUP');
      await superdaemon.waitForLine(`old worker ${old} died, `);
      await superdaemon.waitForLine(`warning: --path=${path}: a worker had removed the file`, { after });
      expect(await ask({ path })).toMatchObject({ generation: generation + 1 });
      expect(readdirSync(dir.path)).toEqual(['socket']);
    }
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(readdirSync(dir.path)).toEqual([]);
  });

  itOurs('is noticed at once, however long it takes to go', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    const args = ['--interval=0', `--path=${path}`, '--', ...spoiler];
    await using superdaemon = startSuperdaemon(args, { env: { SPOIL: 'linger' } });
    const old = await workerPid(superdaemon);
    await eventually(() => ask({ path }));
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(`old worker ${old} died, status:0`);
    expect(await ask({ path })).toMatchObject({ generation: 2 });
  });

  itOurs('or at any other time costs the path no more than until the next deploy', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    const pidFile = `--pid-file=${dir.join('pid')}`;
    await using superdaemon = startSuperdaemon([
      '--interval=0',
      `--path=${path}`,
      pidFile,
      '--',
      ...echoPerl,
    ]);
    await workerPid(superdaemon);
    rmSync(path);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(`warning: --path=${path}: the file was removed or the socket shut down`);
    await eventually(async () => expect(await ask({ path })).toMatchObject({ generation: 2 }));
    expect(statSync(path).mode & 0o777).toBe(0o777);
    // What somebody else has put there stays; our socket is out of reach, which is said.
    rmSync(path);
    writeFileSync(path, 'theirs');
    superdaemon.signal('SIGHUP');
    const line = `warning: --path=${path}: a file that is no socket is in the way: nobody gets to our socket`;
    await superdaemon.waitForLine(line);
    expect(JSON.parse((await run(['--status', '--json', pidFile])).stdout)).toMatchObject({
      unreachable: [`--path=${path}`],
    });
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(readFileSync(path, 'utf8')).toBe('theirs');
  });
});

describeOurs('the file of a socket of a pool that somebody removes', () => {
  itOurs('is there again after a crash, and all workers are reached by it, not the one alone', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    const files = ['--pid-file=pid', '--status-file=status'];
    const args = ['--interval=0', '--workers=3', `--path=${path}`, ...files, '--', ...echoPerl];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const listed = () => readFileSync(dir.join('status'), 'utf8');
    await eventually(() => expect(listed()).toMatch(/^(1:\d+\n){3}$/));
    rmSync(path);
    process.kill(await workerPid(superdaemon), 'SIGKILL');
    await superdaemon.waitForLine(/^worker \d+ alone has the new socket: deploying it to the others, too$/);
    await eventually(() => expect(listed()).toMatch(/^(2:\d+\n){3}$/));
    const serving = [...listed().matchAll(/:(\d+)$/gm)].map(([, pid]) => Number(pid));
    const answered = new Set<number>();
    await eventually(async () => {
      const reply = await ask({ path });
      expect(reply.generation).toBe(2);
      expect([...answered.add(reply.pid)].sort()).toEqual(serving.sort());
    });
  });
});

describeOurs('the file of a socket that somebody moves away while nothing happens', () => {
  itOurs('is missed by --status, until it is back', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    const args = ['--interval=0', '--pid-file=pid', `--path=${path}`, '--', ...echoPerl];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await workerPid(superdaemon);
    const shown = async () => (await run(['--status', '--pid-file=pid'], { cwd: dir.path })).stdout;
    renameSync(path, dir.join('elsewhere'));
    expect(await shown()).toContain(`nobody can connect: --path=${path}`);
    renameSync(dir.join('elsewhere'), path);
    expect(await shown()).not.toContain('nobody can connect');
  });
});
