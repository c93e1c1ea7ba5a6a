/** Ends a process by SIGKILL when it is disposed of: one that has written over its environment process-tree.ts cannot find. */
export function endedWithTest(pid: number): Disposable {
  return {
    [Symbol.dispose]: () => {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    },
  };
}
