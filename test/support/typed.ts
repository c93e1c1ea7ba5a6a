import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { eventually } from './eventually.ts';
import type { TempDir } from './temp-dir.ts';

export interface InteractiveShell {
  /** Starts it; `rc` is the file that it is to read first. */
  readonly command: (rc: string) => string;
  /** The lines of that file, where the completion lies in the file `completion`. */
  readonly rc: string;
}

/**
 * Types a line into a real shell on a terminal, tabs included; returns the words that the command `start-server` was then
 * given. In the rc file $OUT is where it writes them.
 */
export async function typed(line: string, shell: InteractiveShell, dir: TempDir): Promise<string[]> {
  const [rc, out] = [dir.join('rc'), dir.join('out')];
  writeFileSync(rc, shell.rc);
  writeFileSync(out, '');
  const terminal = spawn('script', ['-qec', shell.command(rc), '/dev/null'], {
    cwd: dir.path,
    env: { ...process.env, OUT: out, HOME: dir.path, TERM: 'xterm', PS1: '$ ' },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = new Promise((resolve) => terminal.once('exit', resolve));
  try {
    await eventually(() => has(out, 'reads'), { withinMs: 10_000 });
    terminal.stdin.write(`${line}\r`);
    await eventually(() => has(out, 'end'), { withinMs: 10_000 });
    const words = readFileSync(out, 'utf8').split('\n');
    return words.slice(words.indexOf('reads') + 1, words.indexOf('end'));
  } finally {
    terminal.stdin.end();
    terminal.kill('SIGHUP');
    await ended;
  }
}

function has(file: string, line: string): void {
  if (!readFileSync(file, 'utf8').split('\n').includes(line)) throw new Error(`no line ${line} yet`);
}
