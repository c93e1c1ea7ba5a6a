// --completion: a script that tells a shell of our options, made of the same rows as --help.

import { signalNames } from '../../posix/process/signals.ts';
import { optionRows } from '../option-table.ts';
import type { OptionValue } from '../option-values.ts';
import type { Shell } from '../shells.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

/** What a shell is to offer for an option's value; undefined: it can offer nothing. */
export type Offer = readonly string[] | 'file' | 'directory' | 'command' | undefined;

export interface Completed {
  readonly name: string;
  readonly help: string;
  readonly repeatable: boolean;
  /** undefined: it is a flag. */
  readonly value: { readonly name: string; readonly offer: Offer } | undefined;
}

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const satisfies Record<
  Shell,
  (options: readonly Completed[]) => string
>;

export function completion(shell: Shell): string {
  const options = optionRows.map(({ name, value, repeatable = false, help }) => ({
    name,
    help,
    repeatable,
    value: value && { name: value.name, offer: offerOf(value) },
  }));
  return scripts[shell](options);
}

function offerOf({ choices }: OptionValue): Offer {
  return choices === 'signal' ? signalNames.map((name) => name.slice('SIG'.length)) : choices;
}
