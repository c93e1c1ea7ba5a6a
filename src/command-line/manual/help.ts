// --help, and --help=all, which commander lays out.

import { Command } from 'commander';
import { optionGroups, purpose } from '../option-table.ts';
import type { OptionRow } from '../rows/row.ts';
import { briefHelp } from './brief-help.ts';
import { helpEpilogue } from './help-epilogue.ts';

export function help(all: boolean): string {
  return all ? `${layOut()}\n${helpEpilogue}` : briefHelp();
}

function layOut(): string {
  const program = new Command('start-server')
    .usage('[options] -- program [args...]')
    .description(purpose)
    .helpOption(false)
    .configureHelp({ helpWidth: 100, showGlobalOptions: false });
  for (const { title, rows } of optionGroups) {
    program.optionsGroup(title);
    for (const row of rows) program.option(flagsOf(row), row.help);
  }
  return program.helpInformation();
}

function flagsOf({ name, value, valueIsOptional }: OptionRow): string {
  if (value === undefined) return `--${name}`;
  return valueIsOptional ? `--${name} [${value.name}]` : `--${name} <${value.name}>`;
}
