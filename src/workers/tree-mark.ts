// With --kill-tree each worker finds a mark in its environment, which all that it starts inherits: so a process is told from
// those of other workers when its line of parents is gone. A mark alone proves nothing: anybody can write one.

import type { Environment } from '../posix/process/caller.ts';
import { environmentOf, startTimeOf } from '../posix/process/process-facts.ts';

export const TREE = 'START_SERVER_TREE';

/** Of the worker of this attempt of ours; an upgrade goes on with the same ones. */
export function treeMark(attempt: number): string {
  return `${superdaemonMark(process.pid, startTimeOf(process.pid))}.${attempt}`;
}

/** What the marks of all workers of a superdaemon begin with. */
export function superdaemonMark(pid: number, startTime: number | undefined): string {
  return `${pid}.${startTime}`;
}

/** undefined: it bears none, or we may not look, or its title is written over it. */
export function markOf(pid: number): string | undefined {
  return environmentOf(pid).get(TREE);
}

export function withMark(variables: Environment, attempt: number): Environment {
  return new Map([...variables, [TREE, treeMark(attempt)]]);
}
