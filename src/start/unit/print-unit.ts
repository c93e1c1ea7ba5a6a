// --print-unit: a command line as systemd runs it.

import { statSync } from 'node:fs';
import type { Invocation } from '../../command-line/invocation.ts';
import { writeAnswer } from '../../files/write-answer.ts';
import { toPath } from '../../posix/libc/bytes.ts';
import { account } from '../../posix/process/accounts.ts';
import type { Caller } from '../../posix/process/caller.ts';
import { findProgram } from '../../posix/process/find-program.ts';
import { startedProgram } from '../../posix/process/own-program.ts';
import { resolve } from '../../sockets/resolve.ts';
import { locate } from './locate.ts';
import { serviceUnit } from './service-unit.ts';
import { socketUnit } from './socket-unit.ts';
import type { UnitRequest, UnitWorld } from './unit-request.ts';

/** Throws StartupError. */
export async function printUnit(
  { unit, options, words }: Extract<Invocation, { kind: 'print-unit' }>,
  caller: Caller,
): Promise<void> {
  const resolved = { ...options, sockets: await resolve(options.sockets) };
  writeAnswer(unitText({ kind: unit, options: resolved, words }, worldOf(caller)).trimEnd());
}

/** Each file behind a line with its path, as `systemctl cat` shows them. */
export function unitText(request: UnitRequest, world: UnitWorld): string {
  const located = locate(request, world);
  const headed = (type: string, text: string) => `# /etc/systemd/system/${located.name}.${type}\n${text}`;
  const service = headed('service', serviceUnit(located, world));
  return request.kind === 'socket' ? `${headed('socket', socketUnit(located, world))}\n${service}` : service;
}

function worldOf(caller: Caller): UnitWorld {
  const directory = process.cwd();
  return {
    program: startedProgram(caller),
    directory,
    environment: caller.environment,
    ownerOf: (path) => statSync(toPath(path), { throwIfNoEntry: false })?.uid,
    userName: (uid) => account(String(uid))?.name ?? String(uid),
    find: (program, path) => {
      const found = findProgram(program, { path, directory });
      return found.kind === 'found' ? found.file : undefined;
    },
  };
}
