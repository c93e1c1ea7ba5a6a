// The options as they are spelled out → what is given. A value is parsed here, once. commander could do it, but to make its
// objects for all options would be a millisecond and a half of every start.

import { StartupError } from '../startup-error.ts';
import type { Given } from './given.ts';
import { fieldOf } from './long-name.ts';
import { optionRows } from './option-table.ts';
import type { OptionRow } from './rows/row.ts';

/** What is wrong with the values, a line each, so that all are reported at once. */
export interface Problems {
  /** Not even of the option's type. */
  readonly ofType: string[];
  /** Of no use to a superdaemon that is to start; --help, --stop and the like do not mind. */
  readonly ofMeaning: string[];
}

/**
 * `options`: `--name` or `--name=value` each, of names that exist. An empty word is as good as no option, as in the reference:
 * scripts write `--pid-file "$PIDFILE"`. But for --envdir the workers see it, and for --dir they would run elsewhere than was
 * meant.
 */
export function takeOptions(options: readonly string[], problems: Problems): Given {
  const given = new Map<string, unknown>();
  for (const word of options) {
    const [option = word, text] = word.split(/=(.*)/s, 2);
    const row = optionRows.find(({ name }) => option === `--${name}`);
    if (row === undefined) continue;
    const { field, flag } = fieldOf(row.name);
    const value = text === undefined ? flag : parsed(row, { text, previous: given.get(field) }, problems);
    given.set(field, value);
  }
  const meant = [...given].filter(
    ([field, value]) => value !== undefined && (value !== '' || /^(env)?dir$/.test(field)),
  );
  return Object.fromEntries(meant);
}

interface Word {
  readonly text: string;
  /** Of the same option. */
  readonly previous: unknown;
}

function parsed(
  { name, value, repeatable }: OptionRow,
  { text, previous }: Word,
  problems: Problems,
): unknown {
  const { parse = String, mistakes } = value ?? {};
  try {
    const found = parse(text, `--${name}=${text}`);
    return repeatable ? appended(previous, found) : found;
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    const noted = mistakes === 'of type' ? problems.ofType : problems.ofMeaning;
    noted.push(error.message);
    return previous;
  }
}

function appended(previous: unknown, value: unknown): readonly unknown[] {
  const values: readonly unknown[] = Array.isArray(previous) ? previous : [];
  return value === undefined ? values : [...values, value];
}
