import { readFileSync } from 'node:fs';

/** The first block of code in that language under a heading of a page. */
export function codeIn(page: string, heading: string, language: string): string {
  const code = new RegExp(`^\`\`\`${language}\\n(?<code>.*?)^\`\`\``, 'ms').exec(section(page, heading));
  if (code?.groups?.code === undefined) throw new Error(`${page}, "${heading}" has no ${language}`);
  return code.groups.code;
}

/** The text under a heading, up to the next one. */
function section(page: string, heading: string): string {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  const found = text.split(/^##? /m).find((each) => each.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`${page} has no section "${heading}"`);
  return found;
}
