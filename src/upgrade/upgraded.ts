// The first and the last thing that a program does which takes over from another one in its process.

import packageJson from '../../package.json' with { type: 'json' };
import type { Log } from '../host/telling.ts';
import type { Handover } from './holdings.ts';

/** It listens: the signals that came meanwhile may come. */
export async function upgraded({ version, caller }: Handover, { write }: Pick<Log, 'write'>): Promise<void> {
  const { releaseSignals } = await import('../posix/process/hold-signals.ts');
  releaseSignals();
  write({ event: 'upgraded', from: version, to: packageJson.version, program: caller.program });
}
