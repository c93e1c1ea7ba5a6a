// Screens in the documentation: a command behind a dollar sign, and what it prints. Numbers, times and columns vary.

import { pageAt } from './documents.ts';

/** What a page shows of a command, masked: one screen for each time that it is typed there. */
export function screensOf(path: string, command: string): string[] {
  const blocks = pageAt(path).text.matchAll(/^```\n\$ ([^\n]+)\n(.*?)^```$/gms);
  return Array.from(blocks, ([, typed = '', shown = '']) => ({ typed, shown }))
    .filter(({ typed }) => typed === command)
    .map(({ shown }) => masked(shown));
}

/** `directory`: in the documentation it is /srv/app. */
export function masked(text: string, directory = '/srv/app'): string {
  return text
    .replaceAll(directory, '/srv/app')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME')
    .replace(/\d+(\.\d+)*(e[+-]\d+)?/g, 'N')
    .replace(/ +/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .trim();
}
