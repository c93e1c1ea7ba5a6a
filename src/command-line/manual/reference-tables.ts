// The tables of docs/reference.md and docs/interface.md, each between its marks: all that the command line and the manual page
// know, too.

import { optionGroups } from '../option-table.ts';
import type { OptionGroup, OptionRow } from '../rows/row.ts';
import { type Entry, otherSignals, signals } from './facts.ts';
import { exitStatus, files, ownEnvironment, workerEnvironment } from './interface-facts.ts';
import { sentence } from './sentence.ts';

const tables: Readonly<Record<string, string>> = {
  options: optionGroups.map(optionTable).join('\n\n'),
  signals: table(['signal', 'what it does'], [...signals, ...otherSignals].map(entryRow)),
  'exit statuses': table(['status', 'meaning'], exitStatus.map(entryRow)),
  'environment of a worker': table(['variable', 'meaning'], workerEnvironment.map(entryRow)),
  'environment of the superdaemon': table(['variable', 'meaning'], ownEnvironment.map(entryRow)),
  files: table(['file', 'what it is'], files.map(entryRow)),
};

/** The pages that they stand on, each once. */
export const referencePages = ['docs/reference.md', 'docs/interface.md'] as const;

export const tableNames: readonly string[] = Object.keys(tables);

/** The page with its tables made anew; throws for a mark that no table has. */
export function withReferenceTables(page: string): string {
  return page.replaceAll(/(<!-- generated: ([a-z ]+) -->\n).*?(<!-- end -->)/gs, (_, begin, name, end) => {
    const lines = tables[name];
    if (lines === undefined) throw new Error(`no such table: ${name}`);
    return `${begin}\n${lines}\n\n${end}`;
  });
}

function optionTable({ title, rows }: OptionGroup): string {
  return `### ${title}\n\n${table(['option', 'meaning'], rows.map(optionRow))}`;
}

function optionRow({ name, value, valueIsOptional, repeatable, help, manual }: OptionRow): string[] {
  const shown = valueIsOptional ? `[${valueShown(value)}]` : valueShown(value);
  const sentences = [sentence(codeMarked(help)), ...(manual === undefined ? [] : [manual])];
  return [`\`--${name}${shown}\`${repeatable ? ' …' : ''}`, sentences.join(' ')];
}

/** A name stands for something; a word that is typed as it stands is no name. */
function valueShown(value: OptionRow['value']): string {
  if (value === undefined) return '';
  const { name, choices } = value;
  return `=${Array.isArray(choices) && choices.includes(name) ? name : name.toUpperCase()}`;
}

function entryRow([term, words, more]: Entry): string[] {
  const terms = /^[a-z ]+$/.test(term) ? term : term.split(', ').map(code).join(', ');
  return [terms, [sentence(codeMarked(words)), ...(more === undefined ? [] : [more])].join(' ')];
}

/** A line for --help has no marks of its own: options and variables are code. */
function codeMarked(words: string): string {
  return words.includes('`')
    ? words
    : words.replaceAll(/(?<!\S)(?:--[a-z-]+(?:=[a-z]+)?(?: --[a-z-]+)*|\$[A-Z_]+)/g, code);
}

function code(words: string): string {
  return `\`${words}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  return [`| ${head.join(' | ')} |`, '|---|---|', ...lines].join('\n');
}
