import { execFile } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from './documents.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { installLibrary } from './install-library.ts';
import { processTree } from './process-tree.ts';
import { program } from './program.ts';
import { tempDir } from './temp-dir.ts';

/** What is told to go may take a moment. */
const brief = { withinMs: 3_000 };

const marked = /^<!-- run -->\n```(?:sh|bash|console)\n(?<code>.*?)^```$/gms;

export function isRunnable({ text }: Page): boolean {
  return text.includes('<!-- run -->');
}

/** What the comments behind its requests say that will be answered. */
export function promisedAnswers({ text }: Page): string[] {
  const blocks = [...text.matchAll(marked)].map(({ groups }) => groups?.code ?? '').join('');
  return [...blocks.matchAll(/^curl .* # (?<answer>[^,:\n]+)/gm)].map(({ groups }) => groups?.answer ?? '');
}

/**
 * Runs the blocks that are marked, as a reader does: one behind the other, in one shell and a new directory, in which the
 * library is installed. Throws when a command fails, or when a process is left.
 */
export async function runPage(page: Page): Promise<string> {
  using dir = tempDir();
  installLibrary(dir);
  const tree = processTree();
  try {
    const { stdout } = await promisify(execFile)('bash', ['-e', '-c', await scriptOf(page)], {
      cwd: dir.path,
      env: { ...process.env, ...tree.env, PATH: `${dirname(program)}${delimiter}${process.env.PATH}` },
      timeout: 45_000,
    });
    await eventually(() => {
      if (tree.pids().length > 0) throw new Error(`${page.path} leaves processes running`);
    }, brief);
    return stdout;
  } finally {
    await tree.end();
  }
}

/** npm is not called: what it would install is there. */
async function scriptOf({ path, text }: Page): Promise<string> {
  const blocks = [...text.matchAll(marked)].map(({ index, groups }) => {
    const line = text.slice(0, index).split('\n').length;
    return `echo "${path}:${line}" >&2\n${groups?.code ?? ''}`;
  });
  if (blocks.length !== text.split('<!-- run -->').length - 1)
    throw new Error(`${path}: a mark without a block of shell behind it`);
  return `npm() { :; }\n${await withFreePorts(blocks.join('\n'))}`;
}

async function withFreePorts(script: string): Promise<string> {
  const port = /\b(?:3000|8\d{3}|9\d{3})\b/g;
  const ports = new Map<string, number>();
  for (const [typed] of script.matchAll(port)) ports.set(typed, ports.get(typed) ?? (await freePort()));
  return script.replaceAll(port, (typed) => String(ports.get(typed)));
}
