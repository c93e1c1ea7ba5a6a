// An envdir: paragraphs, a file each, its name in the first line. Each file is a variable that execve(2) takes, or is skipped
// with a warning of one line.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readEnvdir } from '../../../src/files/envdir.ts';
import { toBytes } from '../../../src/posix/libc/bytes.ts';
import { parseEnvironment } from '../../../src/posix/process/caller.ts';
import { environmentBytes } from '../../../src/posix/process/environment-strings.ts';
import { tempDir } from '../../support/temp-dir.ts';

export const words = ['A\n', '\n\n', '=', '.a\n', 'PATH\n', '\0', '\t', ' ', 'ü', '\r\n'];

const LONGEST_NAME = 255;

export function fuzz(input: Buffer): void {
  const files = filesIn(input.toString('latin1'));
  using dir = tempDir();
  const envdir = dir.join('env');
  mkdirSync(envdir);
  for (const [name, content] of files)
    writeFileSync(Buffer.concat([Buffer.from(`${envdir}/`), Buffer.from(name, 'latin1')]), content, 'latin1');
  const warnings: string[] = [];
  const read = readEnvdir(envdir, (warning) => void warnings.push(warning));
  ok(
    warnings.every(
      (warning) => warning.startsWith(`envdir ${envdir}: skipping `) && !/\p{Cc}/u.test(warning),
    ),
  );
  const expected = [...files].filter(([name, content]) => isUsable(name, content));
  deepStrictEqual(
    new Map(
      Array.from(read, ([name, value]) => [
        toBytes(name).toString('latin1'),
        toBytes(value).toString('latin1'),
      ]),
    ),
    new Map(expected.map(([name, content]) => [name, firstLine(content)])),
  );
  deepStrictEqual(parseEnvironment(environmentBytes(read)), read);
}

/** In latin1, which stands for bytes. */
function filesIn(text: string): ReadonlyMap<string, string> {
  const files = text.split('\n\n').map((paragraph): [string, string] => {
    const end = paragraph.indexOf('\n');
    return end === -1 ? [paragraph, ''] : [paragraph.slice(0, end), paragraph.slice(end + 1)];
  });
  const isName = (name: string) => !/^\.{0,2}$|[/\0]/.test(name) && name.length <= LONGEST_NAME;
  return new Map(files.filter(([name]) => isName(name)).slice(0, 8));
}

/** As daemontools reads it. */
function firstLine(content: string): string {
  return content.split('\n')[0] ?? '';
}

function isUsable(name: string, content: string): boolean {
  return !name.startsWith('.') && !name.includes('=') && content !== '' && !firstLine(content).includes('\0');
}
