// A successor that fails before it has taken over. There is no way back, but what the kernel refuses it, it may refuse for a moment only:
// so it executes itself once more, from the same state, rather than orphan the workers.

import { wantsJson } from '../command-line/options.ts';
import { writeLine } from '../posix/file/write-line.ts';
import { reason } from '../posix/libc/system-error.ts';
import { stillHoldsSignals } from '../posix/process/hold-signals.ts';
import { ownProgram } from '../posix/process/own-program.ts';
import { logLine } from '../superdaemon/log-line.ts';
import { execute } from './exec-successor.ts';
import { AGAIN, environmentForAnother } from './packed-state.ts';
import type { PredecessorState } from './upgrade-state.ts';

/** `note`: where the predecessor says that the state is. Throws what `act` throws when there is no second time. */
export async function orOnceMore(
  note: string,
  inherited: PredecessorState,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    // Once they come, the state is history.
    if (!note.endsWith(AGAIN) && stillHoldsSignals()) await executeAgain(inherited, reason(error));
    throw error;
  }
}

/** Returns when that fails, too. */
async function executeAgain(inherited: PredecessorState, why: string): Promise<void> {
  const [file = '', ...words] = ownProgram();
  try {
    await warn(inherited, `cannot take over, trying once more: ${why}`);
    execute([file, ...words], inherited, (packed) => environmentForAnother(packed, inherited.caller));
  } catch {
    // Then what it has failed of first is told.
  }
}

/** As the log would tell it. */
async function warn({ caller: { words, environment } }: PredecessorState, message: string): Promise<void> {
  const inJson = wantsJson({ words, posixlyCorrect: environment.has('POSIXLY_CORRECT') });
  const format = inJson ? (await import('../files/json-format.ts')).jsonFormat() : logLine;
  writeLine(2, format({ event: 'warning', message }, Date.now()) ?? message);
}
