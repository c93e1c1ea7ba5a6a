import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The text under a heading, up to the next one of its level. */
export function readmeSection(title: string): string {
  const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${title}\n`));
  if (section === undefined) throw new Error(`README.md has no section "${title}"`);
  return section;
}
