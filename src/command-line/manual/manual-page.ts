// start-server(1) in roff, for man(7) macros.

import packageJson from '../../../package.json' with { type: 'json' };
import { optionGroups, purpose } from '../option-table.ts';
import type { OptionRow } from '../rows/row.ts';
import { description, type Entry, examples, otherSignals, signals } from './facts.ts';
import { exitStatus, files, ownEnvironment, workerEnvironment } from './interface-facts.ts';
import { sentence } from './sentence.ts';

export function manualPage(): string {
  const lines = [
    `.TH START\\-SERVER 1 "" "start\\-server ${packageJson.version}" "User Commands"`,
    ...section('NAME', [
      text('start-server, start_server').concat(' \\- ', text('a superdaemon for hot deploys')),
    ]),
    ...section('SYNOPSIS', synopsis()),
    ...section('DESCRIPTION', [text(purpose), ...description.flatMap(paragraph)]),
    ...section('OPTIONS', optionGroups.flatMap(optionGroup)),
    ...section('SIGNALS', [...signals, ...otherSignals].flatMap(entry)),
    ...section('FILES', files.flatMap(entry)),
    ...section('EXIT STATUS', exitStatus.flatMap(entry)),
    ...section('ENVIRONMENT', [
      ...subsection('Of the workers', workerEnvironment.flatMap(entry)),
      ...subsection('Of the superdaemon', ownEnvironment.flatMap(entry)),
    ]),
    ...section('EXAMPLES', ['.nf', ...examples.map(text), '.fi']),
    ...section('SEE ALSO', [text('sd_notify(3), systemd.socket(5), signal(7), unix(7)')]),
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): string[] {
  return [`.SH ${title}`, ...lines];
}

function subsection(title: string, lines: readonly string[]): string[] {
  return [`.SS "${text(title)}"`, ...lines];
}

function paragraph(words: string): string[] {
  return ['.PP', text(words)];
}

function synopsis(): string[] {
  const usages = [
    ['[options] -- program [args...]'],
    ['--restart --pid-file=file [options]'],
    ['--stop | --scale=n | --upgrade | --status --pid-file=file [options]'],
  ];
  return usages.flatMap((words, index) => [
    ...(index === 0 ? [] : ['.br']),
    '.B start\\-server',
    ...words.map(text),
  ]);
}

function optionGroup({
  title,
  rows,
}: {
  readonly title: string;
  readonly rows: readonly OptionRow[];
}): string[] {
  return subsection(title, rows.flatMap(option));
}

function option({ name, value, valueIsOptional, repeatable, help, manual }: OptionRow): string[] {
  const required = value === undefined ? '' : `=\\fI${text(value.name)}\\fR`;
  const shown = valueIsOptional ? `[${required}]` : required;
  const sentences = [sentence(help), ...(manual === undefined ? [] : [manual])];
  // The line for --help says by itself what may be repeated.
  return ['.TP', `\\fB${text(`--${name}`)}\\fR${shown}${repeatable ? ' ...' : ''}`, ...sentences.map(text)];
}

function entry([term, words, more]: Entry): string[] {
  return ['.TP', `.B ${text(term)}`, text(sentence(words)), ...(more === undefined ? [] : [text(more)])];
}

/** No character of a text is a request or an escape; a hyphen that is typed stays one; `code` is bold. */
function text(words: string): string {
  const escaped = words.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('…', '...');
  const bold = escaped.replaceAll(/`([^`]+)`/g, '\\fB$1\\fR');
  return /^[.']/.test(bold) ? `\\&${bold}` : bold;
}
