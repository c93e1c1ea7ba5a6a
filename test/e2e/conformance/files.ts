import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isNote } from '../../support/note-of-workers.ts';
import type { TempDir } from '../../support/temp-dir.ts';
import type { Case } from './case.ts';
import { keepLines, maskPids, type Names } from './mask.ts';

/** Empties the directory, then puts into it what the case starts with. */
export function furnish(dir: TempDir, { files = {}, prepare }: Case): void {
  rmSync(dir.path, { recursive: true, force: true });
  mkdirSync(dir.path);
  for (const [name, text] of Object.entries(files)) writeBytes(dir.join(name), text);
  if (prepare !== undefined) execFileSync('sh', ['-c', prepare], { cwd: dir.path, stdio: 'ignore' });
}

export function writeBytes(path: string, text: string): void {
  mkdirSync(path.endsWith('/') ? path : dirname(path), { recursive: true });
  if (!path.endsWith('/')) writeFileSync(path, Buffer.from(text, 'latin1'));
}

/** Every file with its kind, mode and bytes, by name. */
export function fileFacts(dir: TempDir, names: Names): [name: string, fact: string][] {
  return readdirSync(dir.path, { recursive: true, encoding: 'utf8' })
    .filter((name) => !isNote(name))
    .sort()
    .map((name) => [name, fileFact(dir.join(name), name, names)]);
}

function fileFact(path: string, name: string, names: Names): string {
  const stats = lstatSync(path);
  const what = `${kindOf(stats)} ${(stats.mode & 0o7777).toString(8)}`;
  if (!stats.isFile()) return what;
  const text = maskPids(readFileSync(path, 'latin1'), names);
  return `${what}\n${name === 'log' ? keepLines(text) : text}`;
}

function kindOf(stats: Stats): string {
  if (stats.isFile()) return 'file';
  if (stats.isSocket()) return 'socket';
  return stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'link' : 'special file';
}
