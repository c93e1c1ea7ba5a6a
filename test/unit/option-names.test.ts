import { describe, expect, it } from 'vitest';
import { completion } from '../../src/command-line/completion/completion.ts';
import { manualPage } from '../../src/command-line/manual/manual-page.ts';
import { optionRows } from '../../src/command-line/option-table.ts';
import { parseOptions } from '../../src/command-line/options.ts';

const names = optionRows.map(({ name }) => name).sort();

describe('the options are the same', () => {
  it('in --help', () => {
    const help = parseOptions({ words: ['--help'], posixlyCorrect: false });
    const text = help.kind === 'print' ? help.text : '';
    expect(named(text.matchAll(/^ {2}--(?<name>[a-z-]+)/gm))).toEqual(names);
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

function named(matches: Iterable<RegExpExecArray>): string[] {
  const found = [...matches].map(({ groups }) => groups?.name?.replaceAll('\\', '') ?? '');
  return [...new Set(found)].sort();
}
