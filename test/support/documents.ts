// The documentation as its readers see it: pages, the links in them, and the places that links lead to.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Page {
  /** Its path from the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export interface Link {
  readonly target: string;
  /** Of a picture: its alternative text. */
  readonly alternative: string | undefined;
}

export const pages: readonly Page[] = [
  ...markdownIn('.', false),
  ...markdownIn('docs', true),
  ...markdownIn('examples', true),
].map((path) => ({ path, text: readFileSync(`${root}${path}`, 'utf8') }));

function markdownIn(directory: string, recursive: boolean): string[] {
  const entries = readdirSync(`${root}${directory}`, { withFileTypes: true });
  const pathOf = (name: string) => (directory === '.' ? name : `${directory}/${name}`);
  const below = entries.filter((entry) => recursive && entry.isDirectory() && entry.name !== 'node_modules');
  return [
    ...entries.filter(({ name }) => name.endsWith('.md')).map(({ name }) => pathOf(name)),
    ...below.flatMap(({ name }) => markdownIn(pathOf(name), true)),
  ].sort();
}

export function pageAt(path: string): Page {
  const page = pages.find((candidate) => candidate.path === path);
  if (page === undefined) throw new Error(`no page ${path}`);
  return page;
}

export function linksOf(text: string): Link[] {
  const prose = withoutCode(text);
  const markdown = [...prose.matchAll(/(?<picture>!)?\[(?<label>[^\]]*)\]\((?<target>[^)\s]+)\)/g)];
  const html = [
    ...prose.matchAll(/<(?<tag>img|source|a)\b[^>]*?(?:src|srcset|href)="(?<target>[^"]+)"[^>]*>/g),
  ];
  return [
    ...markdown.map(({ groups = {} }) => ({
      target: groups.target ?? '',
      alternative: groups.picture && groups.label,
    })),
    ...html.map(([tag, , target = '']) => ({
      target,
      alternative: tag.startsWith('<img') ? (/ alt="([^"]*)"/.exec(tag)?.[1] ?? '') : undefined,
    })),
  ];
}

/** As GitHub makes them of headings. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.replaceAll(fence, '').matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = words.replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  for (const [, id = ''] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

const fence = /^( *)(`{3,})[^\n]*\n.*?^\1\2 *$/gms;

function withoutCode(text: string): string {
  return text.replaceAll(fence, '').replaceAll(/`[^`\n]+`/g, '');
}
