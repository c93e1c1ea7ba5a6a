// The options: all rows, and the commander program that is made of them. A value is parsed here, once.

import { Command, type Option } from 'commander';
import { StartupError } from '../startup-error.ts';
import { NamedOption } from './named-option.ts';
import { care } from './rows/care.ts';
import { control, other } from './rows/control.ts';
import { deploy } from './rows/deploy.ts';
import { files } from './rows/files.ts';
import { pool } from './rows/pool.ts';
import { privileges } from './rows/privileges.ts';
import type { OptionGroup, OptionRow } from './rows/row.ts';
import { sockets } from './rows/sockets.ts';
import { started, worker } from './rows/worker.ts';

/** As --help=all, the manual page and the reference show them. */
export const optionGroups: readonly OptionGroup[] = [
  sockets,
  worker,
  started,
  pool,
  deploy,
  care,
  privileges,
  files,
  control,
  other,
];

export const optionRows: readonly OptionRow[] = optionGroups.flatMap(({ rows }) => rows);

/** Names that the reference does not know. */
export const beyondReference: ReadonlySet<string> = new Set(
  optionRows.filter(({ ours }) => ours).map(({ name }) => name),
);

/** What is wrong with the values, a line each, so that all are reported at once. */
export interface Problems {
  /** Not even of the option's type. */
  readonly ofType: string[];
  /** Of no use to a superdaemon that is to start; --help, --stop and the like do not mind. */
  readonly ofMeaning: string[];
}

export const purpose =
  'Binds the sockets, starts the program with them inherited, and on SIGHUP starts a new generation of it ' +
  'before the old one is told to go: no connection is refused or lost.';

export function defineOptions(problems: Problems): Command {
  const program = new Command('start-server')
    .usage('[options] -- program [args...]')
    .description(purpose)
    .helpOption(false)
    .exitOverride()
    .configureHelp({ helpWidth: 100, showGlobalOptions: false });
  for (const { title, rows } of optionGroups) {
    program.optionsGroup(title);
    for (const row of rows) program.addOption(optionOf(row, problems));
  }
  return program;
}

function optionOf({ name, value, valueIsOptional, repeatable, help }: OptionRow, problems: Problems): Option {
  if (value === undefined) return new NamedOption(`--${name}`, help);
  const { parse = (text: string) => text, mistakes } = value;
  const noted = mistakes === 'of type' ? problems.ofType : problems.ofMeaning;
  const take = (text: string, previous: unknown): unknown => {
    try {
      const parsed = parse(text, `--${name}=${text}`);
      return repeatable ? appended(previous, parsed) : parsed;
    } catch (error) {
      if (!(error instanceof StartupError)) throw error;
      noted.push(error.message);
      return previous;
    }
  };
  const shown = valueIsOptional ? `[${value.name}]` : `<${value.name}>`;
  return new NamedOption(`--${name} ${shown}`, help).argParser(take);
}

function appended(previous: unknown, value: unknown): readonly unknown[] {
  const values: readonly unknown[] = Array.isArray(previous) ? previous : [];
  return value === undefined ? values : [...values, value];
}
