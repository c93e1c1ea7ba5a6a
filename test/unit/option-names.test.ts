import { describe, expect, it } from 'vitest';
import { completion } from '../../src/command-line/completion/completion.ts';
import { manualPage } from '../../src/command-line/manual/manual-page.ts';
import { optionRows } from '../../src/command-line/option-table.ts';
import { parseOptions } from '../../src/command-line/options.ts';
import { pageAt } from '../support/documents.ts';

const names = optionRows.map(({ name }) => name).sort();

describe('the options are the same', () => {
  it('in --help=all', () => {
    expect(named(help('--help=all').matchAll(/^ {2}--(?<name>[a-z-]+)/gm))).toEqual(names);
  });

  it('in docs/reference.md', () => {
    const terms = pageAt('docs/reference.md').text.matchAll(/^\| `--(?<name>[a-z-]+)/gm);
    expect(named(terms)).toEqual(names);
  });

  it('in the manual page', () => {
    const options =
      manualPage()
        .split(/^\.SH /m)
        .find((section) => section.startsWith('OPTIONS')) ?? '';
    const terms = options.matchAll(/^\.TP\n\\fB\\-\\-(?<name>[a-z\\-]+)\\fR/gm);
    expect(named(terms)).toEqual(names);
  });

  it.each([
    ['bash', /(?<=[ '])--(?<name>[a-z-]+)(?=[= '])/g],
    ['zsh', /^ +'\*?--(?<name>[a-z-]+)/gm],
    ['fish', /^complete -c start-server -l (?<name>[a-z-]+) /gm],
  ] as const)('in the completion of %s', (shell, pattern) => {
    expect(named(completion(shell).matchAll(pattern))).toEqual(names);
  });
});

describe('--help', () => {
  const lines = help('--help').split('\n');

  it('fits one screen of 24 lines and 80 columns', () => {
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(help('--help')).not.toMatch(/[^ -~\n]/);
  });

  it('shows ten options, and where the others are', () => {
    expect(lines.filter((line) => line.startsWith('  --'))).toHaveLength(10);
    expect(lines.at(-1)).toContain('--help=all');
  });

  it.each(['--he', '-h', '+HELP'])('is what %s means, too', (word) => {
    expect(help(word)).toBe(help('--help'));
    expect(help(`${word}=all`)).toBe(help('--help=all'));
  });
});

describe('the manual page', () => {
  it('is ASCII, in which no text is taken for a request', () => {
    const lines = manualPage().split('\n');
    expect(lines.filter((line) => /[^ -~]/.test(line))).toEqual([]);
    const requests = lines.filter((line) => /^[.']/.test(line)).map((line) => line.split(' ')[0]);
    expect([...new Set(requests)].sort()).toEqual([
      '.B',
      '.PP',
      '.SH',
      '.SS',
      '.TH',
      '.TP',
      '.br',
      '.fi',
      '.nf',
    ]);
  });
});

function help(word: string): string {
  const invocation = parseOptions({ words: [word], posixlyCorrect: false });
  return invocation.kind === 'print' ? invocation.text : '';
}

function named(matches: Iterable<RegExpExecArray>): string[] {
  const found = [...matches].map(({ groups }) => groups?.name?.replaceAll('\\', '') ?? '');
  return [...new Set(found)].sort();
}
