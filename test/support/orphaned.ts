import { readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';
import { workerPid } from './pids.ts';
import { type Superdaemon, type SuperdaemonOptions, startSuperdaemon } from './superdaemon.ts';

/** A superdaemon that was killed once its worker had started: the worker lives on. */
export async function orphaned(
  args: readonly string[],
  options: SuperdaemonOptions = {},
): Promise<Superdaemon> {
  const superdaemon = startSuperdaemon(['--interval=0', ...args], options);
  const pid = await workerPid(superdaemon);
  if (args.includes('--status-file=status')) {
    await eventually(() => {
      if (readFileSync(`${options.cwd}/status`, 'utf8') !== `1:${pid}\n`) throw new Error('not published');
    });
  }
  superdaemon.signal('SIGKILL');
  await superdaemon.ended();
  return superdaemon;
}
