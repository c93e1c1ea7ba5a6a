// What dead workers have left behind, as a client is told of it: as long as one of them has our sockets, the old generation
// has not gone.

import type { LeftReport } from '../control/reports.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

export interface LeftView {
  take(event: LogEvent): void;
  /** Somebody is left, who may still go with its worker. */
  isUnsure(): boolean;
  /** Those that stay, in words; undefined: there are none. */
  describe(): string | undefined;
  pids(): readonly number[];
}

/** `begins`: those that are known to stay. */
export function leftView(begins: readonly LeftReport[] = []): LeftView {
  /** undefined: it has not been named yet. */
  const left = new Map<number, LeftReport | undefined>(begins.map((each) => [each.pid, each]));
  return {
    take: (event) => {
      if (event.event === 'worker-leaves') {
        for (const pid of event.left) if (!left.has(pid)) left.set(pid, undefined);
      } else if (event.event === 'worker-left-behind') left.set(event.pid, event);
      else if (event.event === 'left-process-ended') left.delete(event.pid);
    },
    isUnsure: () => [...left.values()].includes(undefined),
    describe: () => {
      const named = [...left.values()].filter((each) => each !== undefined);
      return named.length === 0 ? undefined : named.map(inWords).join('; ');
    },
    pids: () => [...left.keys()],
  };
}

function inWords({ generation, leftBy, pid, command }: LeftReport): string {
  return `process ${pid} (${command}), left behind by worker ${leftBy} of generation ${generation}, still has our sockets`;
}
