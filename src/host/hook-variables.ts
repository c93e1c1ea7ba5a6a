import type { Environment } from '../posix/process/caller.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

/** Whatever the event lacks is empty, so that nothing of the caller's is taken for it. */
export function hookVariables(entry: LogEvent): Environment {
  const { event, ...fields } = entry;
  const field = (...names: string[]) => {
    const found = names.map((name) => fields[name as keyof typeof fields]).find((each) => each !== undefined);
    // An environment ends a variable at a NUL.
    return String(found ?? '').replaceAll('\0', ' ');
  };
  return new Map([
    ['EVENT', event],
    ['GENERATION', field('generation')],
    ['WORKER', field('worker')],
    ['PID', field('pid')],
    ['STATUS', field('status')],
    ['REASON', field('reason', 'text', 'message', 'line', 'stack')],
  ]);
}
