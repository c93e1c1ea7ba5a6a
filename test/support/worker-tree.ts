import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';
import type { Superdaemon } from './superdaemon.ts';

// Processes are told by their session, which is the superdaemon's own: a server that writes its name over its
// environment, as plackup does, cannot be told by that.

/** The workers that live, oldest first. */
export function liveWorkers({ pid, log }: Superdaemon): number[] {
  const children = sessionProcesses(pid).filter((each) => parentOf(each) === pid);
  const started = [...log().matchAll(/^starting new worker (\d+)$/gm)].map(([, worker]) => Number(worker));
  return started.filter((worker) => children.includes(worker));
}

/** The pids of all that live in the session of this leader, zombies left out. */
export function sessionProcesses(leader: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isIn(leader, statOf(pid)));
}

/** Ends the whole session by SIGKILL when disposed of. */
export function sessionEnd(leader: number): AsyncDisposable {
  const end = () =>
    eventually(() => {
      const left = sessionProcesses(leader);
      for (const pid of left) signal(pid, 'SIGKILL');
      if (left.length > 0) throw new Error(`processes that would not end: ${left}`);
    });
  return { [Symbol.asyncDispose]: end };
}

/** Ends a worker by SIGKILL, and its own children with it; false when it had gone before. */
export async function killWorker(superdaemon: Superdaemon, pid: number): Promise<boolean> {
  // Stopped, it starts no more children.
  const tree = await stopWorker(superdaemon, pid);
  return tree.map((each) => signal(each, 'SIGKILL')).some((sent) => sent);
}

/** Stops a worker and its children; their pids, to be continued with `continueAll`. */
export async function stopWorker(superdaemon: Superdaemon, pid: number): Promise<number[]> {
  if (!signal(pid, 'SIGSTOP')) return [];
  await eventually(() => {
    const state = statOf(pid)?.[0];
    if (state !== undefined && !'TZX'.includes(state)) throw new Error(`${pid} is not stopped`);
  });
  const children = sessionProcesses(superdaemon.pid).filter((each) => parentOf(each) === pid);
  for (const child of children) signal(child, 'SIGSTOP');
  return [pid, ...children];
}

export function continueAll(pids: readonly number[]): void {
  for (const pid of pids) signal(pid, 'SIGCONT');
}

function isIn(leader: number, [state, , , session]: readonly string[] = []): boolean {
  return session === String(leader) && state !== 'Z' && state !== 'X';
}

function parentOf(pid: number): number {
  return Number(statOf(pid)?.[1]);
}

/** What stands behind the name in /proc/PID/stat: state, parent, group, session…; undefined once it has gone. */
function statOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
  } catch {
    return undefined;
  }
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
