// --as=node waits for a word that no other program says.

import type { StartOptions } from '../command-line/start-options.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

export interface Silence {
  onEvent(event: LogEvent): void;
  /** The preload is in a process of this worker, so that its silence has another reason. */
  preloaded(pid: number): void;
}

const OTHERWISE = '; --ready=interval does not wait for one';

/** Says so, once, when the first worker that is waited for says nothing until it has ended, or its time is over. */
export function whenSilent(
  { server, readiness, sockets }: StartOptions,
  warn: (message: string) => void,
): Silence {
  // It may listen elsewhere.
  const where = sockets.length === 0 ? '' : ` on ${sockets.map(({ name }) => name).join(', ')}`;
  let isWaiting = server === 'node' && readiness.kind === 'notify';
  let status: string | undefined;
  const reached = new Set<number>();
  const end = (message: string) => {
    isWaiting = false;
    warn(`--as=node: ${message}`);
  };
  const onEvent = (event: LogEvent) => {
    switch (event.event) {
      case 'worker-started':
        isWaiting = false;
        return;
      case 'worker-status':
        status = event.text;
        return;
      case 'worker-failed-to-start':
        if (reached.delete(event.pid)) return;
        return end(`worker ${event.pid} has ended, and ${unseen(event.pid)}`);
      case 'worker-late':
        if (!reached.has(event.pid)) return end(`${unseen(event.pid)}${OTHERWISE}`);
        if (status !== undefined) return end(`worker ${event.pid} is not ready: ${status}`);
        return end(`no Node program below worker ${event.pid} listens${where}${OTHERWISE}`);
    }
  };
  return {
    onEvent: (event) => {
      if (isWaiting) onEvent(event);
    },
    preloaded: (pid) => {
      if (isWaiting) reached.add(pid);
    },
  };
}

function unseen(pid: number): string {
  return `no Node program was seen below worker ${pid}: it is none, or NODE_OPTIONS does not reach it (sudo, env -i, a container)`;
}
