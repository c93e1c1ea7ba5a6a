// What the commands that ask a running superdaemon take from the command line, and what of it they cannot mean.

import { StartupError } from '../startup-error.ts';
import type { Scaling } from '../superdaemon/host.ts';
import type { Spelling } from './getopt-long.ts';
import type { Given } from './given.ts';
import type { ClientOptions, Invocation } from './invocation.ts';
import { longName } from './long-name.ts';

/** Whether a command asks a running superdaemon: it has no log. */
export function asksRunning(options: readonly string[]): boolean {
  return options.some((each) => ASKING.includes(each.replace(/=.*/s, '')));
}

const ASKING = ['--status', '--events', '--restart', '--stop', '--scale', '--upgrade', '--metrics'];

/**
 * undefined: no command that asks a running superdaemon. `options`: as given, spelled out. Throws StartupError.
 */
export function clientInvocation(given: Given, { options, command }: Spelling): Invocation | undefined {
  const words = command.length > 0;
  if (given.status) return status(given, ignored('--status', given, words));
  if (given.events) return events(given.events, given, ignored('--events', given, words));
  if (given.metrics) return metrics(given, ignored('--metrics', given, words));
  if (given.restart) return restart(given, ignored('--restart', given, words));
  if (given.stop) return stop(given, ignored('--stop', given, words));
  if (given.scale) return scale(given.scale, given, ignored('--scale', given, words));
  if (given.upgrade) return upgrade(given, words ? [...startOf(options), '--', ...command] : undefined);
  return undefined;
}

/** With a command it is a whole command line, as for a start. */
function upgrade(given: Given, words: readonly string[] | undefined): Invocation {
  const { waitOld = true } = given;
  return {
    kind: 'upgrade',
    options: { ...common('--upgrade', given), waitOld, words },
    ignored: words === undefined ? ignored('--upgrade', given, false) : undefined,
  };
}

/** Without what the client alone is told. */
function startOf(options: readonly string[]): string[] {
  return options.filter((each) => !CLIENTS_OWN.includes(each.replace(/=.*/s, '')));
}

const CLIENTS_OWN = ['--upgrade', '--wait-timeout', '--no-wait-old', '--quiet'];

function restart(given: Given, ignored: string | undefined): Invocation {
  if (given.cancel) return { kind: 'cancel', options: common('--restart', given), ignored };
  const { statusFile, waitOld = true } = given;
  return { kind: 'restart', options: { ...common('--restart', given), statusFile, waitOld }, ignored };
}

function stop(given: Given, ignored: string | undefined): Invocation {
  return { kind: 'stop', options: { ...common('--stop', given), statusFile: given.statusFile }, ignored };
}

function scale(scaling: Scaling, given: Given, ignored: string | undefined): Invocation {
  return { kind: 'scale', options: { ...common('--scale', given), scaling }, ignored };
}

function status(given: Given, ignored: string | undefined): Invocation {
  const { pidFile, waitTimeoutMs } = common('--status', given);
  const { statusFile, json = false, watch } = given;
  const watchMs = watch === undefined ? undefined : (watch === true ? 1 : watch) * 1000;
  return { kind: 'status', options: { pidFile, statusFile, waitTimeoutMs, json, watchMs }, ignored };
}

function metrics(given: Given, ignored: string | undefined): Invocation {
  const { pidFile, waitTimeoutMs } = common('--metrics', given);
  return { kind: 'metrics', options: { pidFile, waitTimeoutMs, metricsFile: given.metricsFile }, ignored };
}

function events(asked: true | readonly string[], given: Given, ignored: string | undefined): Invocation {
  const names = asked === true ? undefined : asked;
  return { kind: 'events', options: { ...common('--events', given), names }, ignored };
}

function common(command: string, given: Given): ClientOptions {
  const { pidFile, waitTimeout, quiet = false } = given;
  if (pidFile === undefined) throw new StartupError(`${command}: needs --pid-file`);
  return { pidFile, waitTimeoutMs: (waitTimeout || Number.POSITIVE_INFINITY) * 1000, quiet };
}

/** What a client has a use for, or at least what scripts give all of them. */
const FOR_CLIENTS: readonly string[] = [
  'pidFile',
  'statusFile',
  'waitTimeout',
  'waitOld',
  'quiet',
  'json',
  'watch',
  'metricsFile',
  'cancel',
] satisfies (keyof Given)[];

/** The original ignores it without a word. */
function ignored(command: string, given: Given, hasWords: boolean): string | undefined {
  const options = Object.keys(given)
    .filter((key) => !FOR_CLIENTS.includes(key))
    .map(longName)
    .filter((name) => name !== command);
  const all = [...options, ...(hasWords ? ['the command'] : [])];
  return all.length === 0 || given.quiet ? undefined : `${command} ignores ${all.join(', ')}`;
}
