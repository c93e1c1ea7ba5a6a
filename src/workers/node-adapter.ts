// --as=node: any Node server below the command, unmodified. What is preloaded there is made of src/library/inherit/.

import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { isSea } from '../posix/libc/embedded.cjs';
import { reason } from '../posix/libc/system-error.ts';
import type { Environment } from '../posix/process/caller.ts';
import { type SignalName, signalNames, signalNumber } from '../posix/process/signals.ts';
import { StartupError } from '../startup-error.ts';

/**
 * Node marks the descriptors that it inherits close-on-exec, up to the first gap above 15: lower ones would not survive npm
 * between us and the server. tsx and nodemon have their channel at 3.
 */
export const FIRST_NUMBER = 100;

export interface NodeSocket {
  readonly spec: { readonly kind: 'tcp' | 'udp' | 'unix'; readonly port?: number };
  /** The worker's descriptor. */
  readonly to: number;
}

export interface NodeWorld {
  /** What the worker's environment is without us. */
  readonly environment: Environment;
  /** That tell it to go. */
  readonly signals: readonly SignalName[];
  /** Of those that may end it by SIGKILL; 0: never. */
  readonly limitsMs: readonly number[];
  readonly preload: string;
}

export function nodeVariables(sockets: readonly NodeSocket[], world: NodeWorld): Environment {
  const { environment, signals, limitsMs, preload } = world;
  const limits = new Set(limitsMs.filter((limit) => limit > 0).map((limit) => limit / 1000));
  const udp = sockets.filter(({ spec }) => spec.kind === 'udp').map(({ to }) => to);
  const port = sockets.find(({ spec }) => spec.kind === 'tcp')?.spec.port;
  return new Map([
    ['NODE_OPTIONS', withPreload(environment.get('NODE_OPTIONS'), preload)],
    // A superdaemon of before would not understand what a newer preload said unasked.
    ['SERVER_STARTER_ASKS', 'preloaded'],
    ['SERVER_STARTER_SIGNALS', [...new Set(signals.map(plainName))].join(',')],
    ...variable(limits.size > 0, 'SERVER_STARTER_KILLED_AFTER', [...limits].join(',')),
    ...variable(udp.length > 0, 'SERVER_STARTER_UDP', udp.join(',')),
    ...variable(port !== undefined && !environment.has('PORT'), 'PORT', String(port)),
  ]);
}

/** What is to be said of a PORT that the user has set, and that leads the program to another one than ours. */
export function portTrouble(
  sockets: readonly Pick<NodeSocket, 'spec'>[],
  environment: Environment,
): string | undefined {
  const port = environment.get('PORT');
  const ours = sockets.flatMap(({ spec }) => (spec.kind === 'tcp' ? [spec.port] : []));
  if (!port || ours.length === 0 || ours.includes(Number(port))) return undefined;
  return `--as=node: PORT=${port} of the environment is none of --port: a program that listens there gets no socket of ours`;
}

function variable(when: boolean, name: string, value: string): [string, string][] {
  return when ? [[name, value]] : [];
}

/** Behind what the user has there; Node splits it at spaces, outside of double quotes, in which a backslash escapes. */
function withPreload(options: string | undefined, preload: string): string {
  const word = `--require=${/[ "]/.test(preload) ? `"${preload.replace(/[\\"]/g, '\\$&')}"` : preload}`;
  if (options === undefined || options.trim() === '') return word;
  return options.split(' ').includes(word) ? options : `${options} ${word}`;
}

/** Node listens to signals by their names. */
function plainName(signal: SignalName): string {
  if (signalNames.includes(signal)) return signal;
  return signalNames.find((name) => signalNumber(name as SignalName) === signalNumber(signal)) ?? signal;
}

/** Beside our program. Throws StartupError when it is not there. */
export function preloadFile(): string {
  const file = isSea()
    ? `${dirname(process.execPath)}/start-server.inherit.cjs`
    : `${dirname(__filename)}/library/inherit.cjs`;
  try {
    accessSync(file, constants.R_OK);
    return file;
  } catch (error) {
    const wish = isSea() ? 'the single file needs it beside itself' : 'install superdaemon anew';
    throw new StartupError(`--as=node: ${file}: ${reason(error)}: ${wish}`);
  }
}
