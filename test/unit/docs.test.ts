import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { withReferenceTables } from '../../src/command-line/manual/reference-tables.ts';
import { anchorsOf, linksOf, type Page, pageAt, pages, root } from '../support/documents.ts';

describe.each(pages)('$path', (page) => {
  const links = linksOf(page.text).filter(({ target }) => !/^[a-z]+:/.test(target));

  it('links to places that exist', () => {
    expect(links.map(({ target }) => target).filter((target) => !exists(page, target))).toEqual([]);
  });

  it('says of each picture what it shows', () => {
    expect(links.filter(({ alternative }) => alternative === '')).toEqual([]);
  });
});

it('README.md is read in a few minutes', () => {
  expect(sizeOf('README.md')).toBeLessThanOrEqual(8_000);
});

it.each(pages.filter(({ path }) => path.startsWith('docs/')))('$path is no book', ({ path }) => {
  // The one has a row for each option.
  expect(sizeOf(path)).toBeLessThanOrEqual(path === 'docs/reference.md' ? 26_000 : 20_000);
});

it('docs/reference.md has the tables that `npm run docs` makes', () => {
  const { text } = pageAt('docs/reference.md');
  expect(text).toBe(withReferenceTables(text));
});

it.each(
  pages.filter(({ path }) => path.startsWith('docs/')),
)('$path says where to go on, and is found from another page', ({ path, text }) => {
  expect(text.trimEnd().split('\n').at(-1)).toMatch(/^(?:\*\*Next\*\*|Next): .*\]\(/);
  const referring = pages.filter((page) =>
    linksOf(page.text).some(({ target }) => leadsTo(page, target, path)),
  );
  expect(referring.filter((page) => page.path !== path)).not.toEqual([]);
});

it('docs/troubleshooting.md quotes what is said', () => {
  const headings = pageAt('docs/troubleshooting.md').text.matchAll(/^### .*$/gm);
  const quoted = [...headings].flatMap(([heading]) => heading.match(/(?<=`)[^`]+ [^`]+ [^`]+(?=`)/g) ?? []);
  expect(quoted.length).toBeGreaterThan(15);
  // The last are the words of the worker's own C library.
  const source = `${sourceText()} Bad file descriptor`;
  // What is not of ours (a reason of the system's) or varies (a pid, a number) is left out.
  const parts = (words: string) =>
    words.split(/ ?(?:[:=,…?]|\b\d+\b|\b[MNS]\b)/).filter((part) => part.length > 6);
  expect(quoted.filter((words) => !parts(words).some((part) => source.includes(part)))).toEqual([]);
});

function sourceText(): string {
  return readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[ct][jt]?s$/.test(name))
    .map((name) => readFileSync(`${root}src/${name}`, 'utf8'))
    .join('\n');
}

it('docs/events.md has every event of the log, and every field', () => {
  const source = readFileSync(`${root}src/superdaemon/log-event.ts`, 'utf8');
  const fields = namesOf(source.matchAll(/readonly (?<name>\w+)\??:/g));
  const { text } = pageAt('docs/events.md');
  expect(fields.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  const told = text.matchAll(/^\| `(?<name>[a-z-]+)` \| (?:error|warn|info|debug)\b/gm);
  const logged = source.matchAll(/readonly event: '(?<name>[a-z-]+)'/g);
  expect(namesOf(told)).toEqual(namesOf(logged));
});

function namesOf(matches: Iterable<RegExpExecArray>): string[] {
  return [...new Set([...matches].map(({ groups }) => groups?.name ?? ''))].sort();
}

function exists(page: Page, target: string): boolean {
  const [, anchor] = target.split('#');
  const path = pathOf(page, target);
  if (!existsSync(`${root}${path}`)) return false;
  return anchor === undefined || anchorsOf(pageAt(path).text).has(anchor);
}

function leadsTo(page: Page, target: string, path: string): boolean {
  return !/^[a-z]+:/.test(target) && pathOf(page, target) === path;
}

function pathOf(page: Page, target: string): string {
  const [path = ''] = target.split('#');
  return path === '' ? page.path : join(page.path, '..', path);
}

function sizeOf(path: string): number {
  return Buffer.byteLength(pageAt(path).text);
}
