import { readdirSync } from 'node:fs';
import type { TempDir } from './temp-dir.ts';

/** What is in a directory, sorted, but for the note of the workers, which the reference has not. */
export function filesBesideTheNote({ path }: TempDir): string[] {
  return readdirSync(path)
    .filter((name) => !isNote(name))
    .sort();
}

export function isNote(name: string): boolean {
  return /^(pid|status)\.workers$/.test(name);
}
