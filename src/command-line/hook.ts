// --on-event=[NAME,NAME:]COMMAND.

import { StartupError } from '../startup-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { eventNames, logLevel } from '../superdaemon/log-level.ts';
import { nearestName } from './nearest-name.ts';

export interface Hook {
  /** Of events; undefined: every one that matters to more than who seeks a fault. */
  readonly names: readonly string[] | undefined;
  /** For a shell. */
  readonly command: string;
}

/** Of what hooks do no hook hears, or one that fails would call itself for ever. */
const OWN: readonly string[] = ['hook-failed', 'hooks-dropped', 'events-lost'];

export const hookEvents: readonly string[] = eventNames.filter((name) => !OWN.includes(name));

export function parseHook(text: string, option: string): Hook {
  const { list, command = '' } =
    /^(?:(?<list>[\w-]+(?:,[\w-]+)*):)?(?<command>.*)$/s.exec(text)?.groups ?? {};
  const names = list?.split(',');
  for (const name of names ?? []) if (!hookEvents.includes(name)) throw noEvent(option, name);
  if (command.trim() === '') throw new StartupError(`${option}: no command`);
  return { names, command: command.trim() };
}

function noEvent(option: string, name: string): StartupError {
  if (OWN.includes(name)) return new StartupError(`${option}: hooks do not hear of ${name}`);
  const nearest = nearestName(name, hookEvents);
  return new StartupError(`${option}: no event ${name}${nearest === undefined ? '' : `, ${nearest} is one`}`);
}

export function hears({ names }: Hook, entry: LogEvent): boolean {
  if (OWN.includes(entry.event)) return false;
  return names === undefined ? logLevel(entry) !== 'debug' : names.includes(entry.event);
}
