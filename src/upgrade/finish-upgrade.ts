// The last step of an upgrade, in the successor.

import packageJson from '../../package.json' with { type: 'json' };
import type { StartOptions } from '../command-line/start-options.ts';
import type { Log } from '../host/event-log.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Listener } from '../sockets/listener.ts';
import { setAccess } from '../sockets/path-access.ts';
import { dropOldFiles } from './drop-old-files.ts';
import { optionsBefore } from './options-of.ts';
import type { PredecessorState } from './upgrade-state.ts';

/** It listens: the signals that came meanwhile may come. */
export async function finishUpgrade(inherited: PredecessorState, ours: Ours): Promise<void> {
  const { version, caller } = inherited;
  const { write } = ours.log;
  const { releaseSignals } = await import('../posix/process/hold-signals.ts');
  releaseSignals();
  write({ event: 'upgraded', from: version, to: packageJson.version, program: caller.program });
  const before = optionsBefore(inherited);
  if (before === undefined) return;
  write({ event: 'reconfigured', words: caller.words });
  dropOldFiles(before, ours.options, inherited.table);
  openPaths(ours);
}

export interface Ours {
  readonly options: StartOptions;
  readonly listeners: readonly Listener[];
  readonly log: Pick<Log, 'write'>;
}

/** Those of the sockets that were there already: only now is there no way back. */
function openPaths({ options: { pathAccess }, listeners, log }: Ours): void {
  for (const { spec, file } of listeners) {
    if (spec.kind !== 'unix' || file === undefined) continue;
    try {
      setAccess(spec.path, pathAccess, file);
    } catch (error) {
      const message = `${spec.option}: --path-mode and --path-owner have no effect on it: ${reason(error)}`;
      log.write({ event: 'warning', message });
    }
  }
}
