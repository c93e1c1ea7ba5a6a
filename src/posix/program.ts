import type { Caller } from './caller.ts';

/** What starts this program again: Node and its script, which know nothing of the launcher's note. */
export function runningProgram(): readonly string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
}

/** What started it, and may be another version by now. */
export function startedProgram({ program }: Pick<Caller, 'program'>): readonly string[] {
  return program === undefined ? runningProgram() : [program];
}
