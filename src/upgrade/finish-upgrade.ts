// The last step of an upgrade, in the successor.

import packageJson from '../../package.json' with { type: 'json' };
import type { Log } from '../host/event-log.ts';
import type { PredecessorState } from './upgrade-state.ts';

/** It listens: the signals that came meanwhile may come. */
export async function finishUpgrade(
  { version, caller }: PredecessorState,
  { write }: Pick<Log, 'write'>,
): Promise<void> {
  const { releaseSignals } = await import('../posix/process/hold-signals.ts');
  releaseSignals();
  write({ event: 'upgraded', from: version, to: packageJson.version, program: caller.program });
}
