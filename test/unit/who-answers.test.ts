// Who listens at the control sockets of a pid file: a name there anybody on the machine can take.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { expect, it } from 'vitest';
import { whoAnswers } from '../../src/client/who-answers.ts';
import { controlPrefix } from '../../src/control/protocol.ts';
import { fileIdentity } from '../../src/posix/file/own-file.ts';
import { tempDir } from '../support/temp-dir.ts';

interface Listening extends AsyncDisposable {
  readonly pid: number | undefined;
}

async function listening(name: string, user?: number): Promise<Listening> {
  const code =
    'use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); bind($s, pack_sockaddr_un("\\0$ARGV[0]")) or die $!; listen($s, 8); syswrite STDOUT, "up\\n"; sleep 1000';
  const ids = user === undefined ? {} : { uid: user, gid: user };
  const child: ChildProcess = spawn('perl', ['-e', code, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...ids,
  });
  await once(child.stdout ?? child, 'data');
  return {
    pid: child.pid,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

it.skipIf(process.platform !== 'linux' || process.geteuid?.() !== 0)(
  'of another user is nobody, of our own the process is told',
  async () => {
    using dir = tempDir();
    const fd = openSync(dir.join('pid'), 'w');
    try {
      const prefix = controlPrefix(fileIdentity(fd));
      await using own = await listening(`${prefix}own`);
      await using _forged = await listening(`${prefix}forged`, 54_321);
      expect(whoAnswers(fd)).toEqual([own.pid]);
    } finally {
      closeSync(fd);
    }
  },
);
