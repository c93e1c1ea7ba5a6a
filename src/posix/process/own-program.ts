import { isSea } from '../libc/embedded.cjs';
import type { Caller } from './caller.ts';

/** The words that start this program once more, as it is; its own arguments go behind them. */
export function ownProgram(): readonly string[] {
  // A single executable is Node and the script in one.
  return isSea() ? [process.execPath] : [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
}

/** The same by the name that it was started by: behind that another version may lie by now. */
export function startedProgram({ program }: Pick<Caller, 'program'>): readonly string[] {
  return program === undefined ? ownProgram() : [program];
}
