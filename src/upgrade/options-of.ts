import { parseOptions } from '../command-line/options.ts';
import type { StartOptions } from '../command-line/start-options.ts';
import type { Environment } from '../posix/process/caller.ts';
import { StartupError } from '../startup-error.ts';
import type { UpgradeState } from './upgrade-state.ts';

/** Throws StartupError where the words start nothing. */
export function optionsOf(words: readonly string[], environment: Environment): StartOptions {
  const invocation = parseOptions({ words, posixlyCorrect: environment.has('POSIXLY_CORRECT') });
  if (invocation.kind === 'start') return invocation.options;
  throw new StartupError(`${words.join(' ')} starts nothing`);
}

/** Those of the predecessor, where no deploy has gone by ours yet. */
export function optionsBefore({ caller, table, earlier }: UpgradeState): StartOptions | undefined {
  const before = earlier.at(-1);
  if (before === undefined || (table.configurations.at(-1)?.since ?? 0) <= table.begun) return undefined;
  return optionsOf(before.words, caller.environment);
}
