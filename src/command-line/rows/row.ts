// An option as data: commander, --help, the manual page, docs/reference.md and the shells' completions are all made
// from these rows.

import type { OptionValue } from '../option-values.ts';

export interface OptionRow {
  /** Long, without dashes. */
  readonly name: string;
  /** Without one it is a flag. */
  readonly value?: OptionValue;
  /** The value may be left out; where it is given it stands behind an equals sign. */
  readonly valueIsOptional?: true;
  readonly repeatable?: true;
  /** The reference does not know it: it must not make a prefix of the reference's names ambiguous. */
  readonly ours?: true;
  /** One of the ten that matter: its line in --help, at most 54 characters. */
  readonly brief?: string;
  /** A line for --help=all. */
  readonly help: string;
  /** What the manual page and the reference say beside that line: sentences, with `code` as in Markdown. */
  readonly manual?: string;
}

export interface OptionGroup {
  readonly title: string;
  readonly rows: readonly OptionRow[];
}
