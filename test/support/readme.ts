import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The text under a heading, up to the next one of its level. */
export function readmeSection(title: string): string {
  const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${title}\n`));
  if (section === undefined) throw new Error(`README.md has no section "${title}"`);
  return section;
}

/** The first block of code under a heading, in that language. */
export function readmeCode(title: string, language: string): string {
  const code = new RegExp(`^\`\`\`${language}\\n(?<code>.*?)^\`\`\``, 'ms').exec(readmeSection(title));
  if (code?.groups?.code === undefined) throw new Error(`README.md, "${title}" has no ${language}`);
  return code.groups.code;
}
