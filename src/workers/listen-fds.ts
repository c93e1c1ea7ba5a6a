// Socket activation for the workers, as sd_listen_fds(3) has it. LISTEN_PID has to be the worker's own pid, which only
// the new process knows: a shell there notes it, and becomes the worker.

import { toBytes } from '../posix/libc/bytes.ts';
import type { Environment } from '../posix/process/caller.ts';
import type { Program } from '../posix/process/spawn.ts';
import type { Listener } from '../sockets/listener.ts';

type Command = Pick<Program, 'file' | 'argv'>;

const LONGEST_NAME = 255;

/** Without a socket there is nothing to say. */
export function listenFdsVariables(listeners: readonly Pick<Listener, 'name' | 'fdName'>[]): Environment {
  if (listeners.length === 0) return new Map();
  const names = listeners.map(({ name, fdName }) => legalName(fdName ?? name));
  return new Map([
    ['LISTEN_FDS', String(listeners.length)],
    ['LISTEN_FDNAMES', names.join(':')],
  ]);
}

/** Printable ASCII without a colon. */
function legalName(name: string): string {
  return name.replace(/[^\x21-\x39\x3b-\x7e]/g, '-').slice(0, LONGEST_NAME) || 'unknown';
}

/** What is executed in place of a program, so that it finds LISTEN_PID. */
export function noteListenPid({ file, argv }: Command, environment: Environment): Command {
  // Along the same PATH the shell finds the same file, and the program its own name; it has a default path of its own.
  const words = environment.has('PATH') ? argv : [file, ...argv.slice(1)];
  // dash sets PWD, and exports it, whatever it finds; so what is to be there comes as $0.
  const pwd = environment.get('PWD');
  const script = pwd === undefined ? `unset PWD; ${EXECUTE}` : `PWD=$0 ${EXECUTE}`;
  return { file: SHELL, argv: [...['sh', '-c', script, pwd ?? 'sh'].map(toBytes), ...words] };
}

const SHELL = toBytes('/bin/sh');
const EXECUTE = 'LISTEN_PID=$$ exec "$@"';
