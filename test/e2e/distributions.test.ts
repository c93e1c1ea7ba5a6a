// The machines of others, as far as namespaces can show them: their /bin/sh, and their C library.

import { readFileSync, realpathSync } from 'node:fs';
import { expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { glibc, oldLibc } from '../support/old-libc.ts';
import { itOurs } from '../support/ours.ts';
import { fileOf } from '../support/peer.ts';
import { describeWhere } from '../support/permitted.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { type Transcript, transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

const ownMounts = ['unshare', '--mount'];
const asPidOne = [...ownMounts, '--pid', '--fork', '--kill-child'];
/** Binds each file over the other, in the order given, and becomes the rest of the words. */
const bind = ['sh', '-c', 'while [ "$1" != -- ]; do mount --bind "$1" "$2"; shift 2; done; shift; exec "$@"'];
const over = (pairs: readonly string[]) => [...bind, 'sh', ...pairs, '--'];
const sh = realpathSync('/bin/sh');

describeWhere(
  'as PID 1 of a container like Alpine’s',
  [...asPidOne, ...over([fileOf('busybox') ?? '', sh]), 'true'],
  () => {
    itOurs('deploys, replaces itself, and ends on STOPSIGNAL QUIT with its workers', async () => {
      using dir = tempDir();
      const notes = transcript(dir);
      const ownProc = ['sh', '-c', 'mount -t proc proc /proc && exec "$@"', 'sh'];
      await using superdaemon = startSuperdaemon(['--interval=0', '--status-file=status', '--', ...actor], {
        ...{ cwd: dir.path, env: notes.env },
        via: [...asPidOne, ...ownProc, ...over([fileOf('busybox') ?? '', sh])],
      });
      const first = () => Number(childrenOf(superdaemon.pid));
      await livesThrough(superdaemon, { notes, pid: first });
      await eventually(() => expect(superdaemon.processes()).toEqual([]));
    });
  },
);

const oldest = [...ownMounts, ...over([fileOf('bash') ?? '', sh]), 'test', '-n', glibc ?? ''];
describeWhere('where bash is /bin/sh and glibc is 2.28, as on RHEL 8', oldest, () => {
  itOurs('deploys with --dir, replaces itself, and ends on QUIT with its workers', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const { file, original } = oldLibc(dir);
    const words = ['--interval=0', '--status-file=status', `--dir=${dir.path}`, '--', ...actor];
    await using superdaemon = startSuperdaemon(words, {
      ...{ cwd: dir.path, env: notes.env },
      via: [...ownMounts, ...over([fileOf('bash') ?? '', sh, file, original])],
    });
    await livesThrough(superdaemon, { notes, pid: () => superdaemon.pid });
  });
});

/** A deploy, a self-replacement, and the end. */
async function livesThrough(
  superdaemon: Superdaemon,
  { notes, pid }: { notes: Transcript; pid: () => number },
): Promise<void> {
  await notes.waitFor('1 started');
  process.kill(pid(), 'SIGHUP');
  await notes.waitFor('2 started');
  await superdaemon.waitForLine(/^old worker \d+ died, status:0$/);
  process.kill(pid(), 'SIGUSR2');
  await superdaemon.waitForLine('replaced version');
  const [worker] = childrenOf(pid());
  // In the last digit are HUP, INT and QUIT.
  expect(readFileSync(`/proc/${worker}/status`, 'utf8')).toMatch(/^SigIgn:\t[0-9a-f]+0$/m);
  process.kill(pid(), 'SIGQUIT');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  expect(notes.lines().at(-1)).toBe('2 TERM');
}

function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
}
