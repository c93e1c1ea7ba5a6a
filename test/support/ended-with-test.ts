import { kill } from './process-tree.ts';

/** Ends a process by SIGKILL when it is disposed of: one that has written over its environment no process tree finds. */
export function endedWithTest(pid: number): Disposable {
  return { [Symbol.dispose]: () => kill(pid) };
}
