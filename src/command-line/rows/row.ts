// An option as data: commander, the manual page and the shells' completions are all made from these rows.

import type { OptionValue } from '../option-values.ts';

export interface OptionRow {
  /** Long, without dashes. */
  readonly name: string;
  /** Without one it is a flag. */
  readonly value?: OptionValue;
  readonly repeatable?: true;
  /** The reference does not know it: it must not make a prefix of the reference's names ambiguous. */
  readonly ours?: true;
  /** A line for --help. */
  readonly help: string;
  /** What the manual page says beside that line; paragraphs are set apart by an empty line. */
  readonly manual?: string;
}

export interface OptionGroup {
  readonly title: string;
  readonly rows: readonly OptionRow[];
}
