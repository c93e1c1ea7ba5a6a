// Parts of the lines of the text log.

import type { LogEvent } from './log-event.ts';

export function deathLine(death: Extract<LogEvent, { event: 'worker-died' }>): string {
  const status = `status:${death.status ?? 'unknown'}`;
  switch (death.role) {
    case 'current':
      return `worker ${death.pid} died unexpectedly with ${status}, restarting`;
    case 'canary':
      return `canary ${death.pid} died, ${status}`;
    case 'new':
      return `new worker ${death.pid} died, ${status}`;
    case 'old':
      return `old worker ${death.pid} died, ${status}`;
    case 'stopping':
      return `worker ${death.pid} died, ${status}`;
  }
}

export function allStartedLine({
  workers,
  generation,
  mixed,
}: Extract<LogEvent, { event: 'all-started' }>): string {
  const which = mixed ? '' : ` of generation ${generation}`;
  return workers === 1
    ? `the only worker${which} has started`
    : `all ${workers} workers${which} have started`;
}

export function frozenLine({
  generation,
  directory,
  variables,
}: Extract<LogEvent, { event: 'frozen' }>): string {
  const where = directory === undefined ? '' : `directory ${directory}, `;
  return `generation ${generation} is frozen: ${where}${variables} variables of the envdir`;
}

/** Who serves on after a deploy that was given up. */
export function keptWords({ keeps, rolled }: Extract<LogEvent, { event: 'given-up' }>): string {
  if (rolled === undefined) return `generation ${keeps} keeps serving`;
  const { workers, of, generation } = rolled;
  if (workers === of) return `all ${of} workers are of generation ${generation}`;
  return `${workers} of ${of} workers are of generation ${generation}, generation ${keeps} keeps the rest`;
}

export function attempts({
  attempts,
  worker,
}: {
  readonly attempts: number;
  readonly worker?: number;
}): string {
  return `${attempts} attempt${attempts === 1 ? '' : 's'}${worker === undefined ? '' : ` of worker ${worker}`}`;
}

export function recycleReason({
  reason,
  ageMs,
  memoryBytes = 0,
}: Extract<LogEvent, { event: 'recycling' }>): string {
  switch (reason) {
    case 'age':
      return `it has served for ${ageMs / 1000} secs`;
    case 'memory':
      return `it holds ${(memoryBytes / 2 ** 20).toFixed(1)} MiB of memory`;
    case 'asked':
      return 'it has asked for it';
  }
}
