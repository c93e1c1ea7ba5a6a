// What --dry-run prints: what would run, a fact a line.

import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { StartOptions } from '../command-line/start-options.ts';
import type { LogTarget } from '../files/output.ts';
import { toPath } from '../posix/libc/bytes.ts';
import type { Environment } from '../posix/process/caller.ts';
import { printable } from '../printable.ts';
import type { Listener } from '../sockets/listener.ts';
import type { InheritedPorts } from '../sockets/worker-ports.ts';
import type { LiveGeneration } from '../superdaemon/host.ts';
import type { Restarts } from '../superdaemon/policy.ts';
import type { Survivors } from '../superdaemon/state.ts';
import { TREE } from '../workers/tree-mark.ts';
import { lifeFacts } from './dry-run-life.ts';
import { privilegeFacts } from './dry-run-privileges.ts';
import { socketText } from './socket-text.ts';

export interface Rehearsed {
  readonly options: StartOptions;
  /** The program, as found. */
  readonly file: string;
  readonly listeners: readonly Listener[];
  /** What each worker has for itself. */
  readonly own: readonly InheritedPorts[];
  readonly environment: Environment;
  /** The environment that our caller gave us. */
  readonly callers: Environment;
  readonly restarts: Restarts;
  /** The workers of a superdaemon that was killed. */
  readonly survivors: Survivors;
}

export type Fact = readonly [label: string, value: string | undefined];

export function dryRunReport(rehearsed: Rehearsed): string {
  const { options, file, listeners } = rehearsed;
  const facts: Fact[] = [
    ['command', [file, ...options.command.slice(1)].map(quoted).join(' ')],
    ['directory', resolve(options.directory ?? '.')],
    ['frozen', options.freeze ? frozenText(options) : undefined],
    ['socket', listeners.length === 0 ? 'none is asked for (--port, --path)' : undefined],
    ...listeners.map((each): Fact => ['socket', socketText(each)]),
    ...rehearsed.own.flatMap(({ slot, listeners }) =>
      listeners.map((each): Fact => ['socket', `${socketText(each)}, worker ${slot} alone`]),
    ),
    ...rehearsed.survivors.workers.map(survivorFact),
    ...variableFacts(rehearsed),
    ...lifeFacts(rehearsed),
    ...privilegeFacts(options),
    ['pid file', options.pidFile],
    ['status file', options.statusFile],
    ['metrics file', options.metricsFile],
    ['envdir', rehearsed.environment.get('ENVDIR') || undefined],
    ['log', logText(options.log, options.logFormat)],
    ['fd store', options.fdStore ? 'the service manager keeps the sockets' : undefined],
    ['background', options.daemonize ? 'yes' : undefined],
  ];
  return facts.flatMap(([label, value]) => (value === undefined ? [] : [line(label, value)])).join('\n');
}

function line(label: string, value: string): string {
  return `${`${label}:`.padEnd(13)} ${printable(value)}`;
}

function frozenText({ directory, envdir }: StartOptions): string {
  const what = directory === undefined ? envdir : realpathSync(toPath(directory));
  return `${what}, for all workers of a deploy`;
}

function survivorFact({ generation, pid }: LiveGeneration): Fact {
  return ['takes over', `worker ${pid} of generation ${generation}`];
}

/** How the worker's environment differs from the caller's. */
function variableFacts(rehearsed: Rehearsed): Fact[] {
  const { environment, callers, options } = rehearsed;
  const differing = [...environment].filter(([name, value]) => callers.get(name) !== value);
  const set = new Map([...differing, ...eachTime(options, environment)]);
  const unset = [...callers.keys()].filter((name) => !environment.has(name) && !set.has(name));
  return [
    ...Array.from(set, ([name, value]): Fact => ['environment', `${name}=${value}`]),
    ...unset.map((name): Fact => ['environment', `${name} is unset`]),
  ];
}

/** What only a real start can tell. */
function eachTime(
  { readiness, watchdogMs, killTree }: StartOptions,
  environment: Environment,
): [string, string][] {
  const speaks = readiness.kind === 'notify' || watchdogMs !== undefined;
  return [
    ...named(environment.has('LISTEN_FDS'), 'LISTEN_PID', "(the worker's pid)"),
    ...named(environment.has('GUNICORN_PID'), 'GUNICORN_PID', "(the superdaemon's pid)"),
    ...named(speaks, 'NOTIFY_SOCKET', '(a socket for each worker)'),
    ...named(speaks, 'NOTIFY_FD', '(a pipe for each worker)'),
    ...named(killTree, TREE, '(a mark for each worker)'),
    ...named(watchdogMs !== undefined, 'WATCHDOG_USEC', String((watchdogMs ?? 0) * 1000)),
  ];
}

function named(when: boolean, name: string, value: string): [string, string][] {
  return when ? [[name, value]] : [];
}

function logText(log: LogTarget, format: string): string {
  switch (log.kind) {
    case 'standard-error':
      return `standard error, ${format}`;
    case 'file':
      return `${log.path}, ${format}`;
    case 'command':
      return `| ${log.command}, ${format}`;
  }
}

/** As a shell would read it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
