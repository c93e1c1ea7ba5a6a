import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { completion } from '../../src/command-line/completion/completion.ts';
import type { Shell } from '../../src/command-line/shells.ts';
import { describePeer } from '../support/peer.ts';
import { program } from '../support/program.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { type InteractiveShell, typed } from '../support/typed.ts';

const says = '{ printf \'%s\\n\' "$@" end >>$OUT; }';
const bash: InteractiveShell = {
  command: (rc) => `bash --noprofile --rcfile ${rc} -i`,
  rc: `. ./completion\nstart-server() ${says}\nPROMPT_COMMAND='echo reads >>$OUT; PROMPT_COMMAND='\n`,
};
/** It reads .zshrc of the home directory. */
const zsh: InteractiveShell = {
  command: (rc) => `ln -s ${rc} .zshrc && zsh -d -i`,
  rc: `autoload -U compinit && compinit -D -u\n. ./completion\nstart-server() ${says}\nprecmd() { echo reads >>$OUT; unfunction precmd; }\n`,
};

it('is printed by --completion', () => {
  const printed = execFileSync(program, ['--completion=bash'], { encoding: 'utf8' });
  expect(printed).toBe(completion('bash'));
});

describePeer('completion in bash', ['bash', 'script'], () => {
  it.each([
    ['an option, without a blank behind what wants a value', '--pid\tpid', ['--pid-file=pid']],
    ['a flag, with a blank', '--lis\t--qui\t', ['--listen-fds', '--quiet']],
    ['a fixed value', '--as=un\t', ['--as=unicorn']],
    ['a fixed value behind a blank', '--ready no\t', ['--ready', 'notify']],
    ['a value that wants more', '--ready=ex\ttrue', ['--ready=exec:true']],
    ['a signal', '--signal-on-hup=QU\t', ['--signal-on-hup=QUIT']],
    ['a file, with a blank in its name', '--pid-file=a\\ \t', ['--pid-file=a file']],
    ['a directory, not a file', '--dir=a\t', ['--dir=a-directory/']],
    ['a command behind the dashes, then files', '-- printen\ta\\ \t', ['--', 'printenv', 'a file']],
  ])('completes %s', async (_what, line, words) => {
    using dir = withCompletion('bash');
    expect(await typed(`start-server ${line}`, bash, dir)).toEqual(words);
  });
});

describePeer('completion in zsh', ['zsh', 'script'], () => {
  it.each([
    ['an option', '--pid-\tpid', ['--pid-file=pid']],
    ['a fixed value', '--as=un\t', ['--as=unicorn']],
    ['a value that wants more', '--ready=ex\ttrue', ['--ready=exec:true']],
    ['a signal', '--signal-on-hup=QU\t', ['--signal-on-hup=QUIT']],
    ['a directory, not a file', '--dir=a\t', ['--dir=a-directory']],
  ])('completes %s', async (_what, line, words) => {
    using dir = withCompletion('zsh');
    expect(await typed(`start-server ${line}`, zsh, dir)).toEqual(words);
  });
});

describePeer('completion in fish', ['fish'], () => {
  it.each([
    ['an option', '--pid', ['--pid-file']],
    ['a fixed value', '--as=un', ['--as=unicorn']],
    ['a signal', '--signal-on-hup=QU', ['--signal-on-hup=QUIT']],
    ['a directory, not a file', '--dir=a', ['--dir=a-directory/']],
    ['a command behind the dashes', '-- printen', ['printenv']],
  ])('completes %s', (_what, line, offers) => {
    using dir = withCompletion('fish');
    const script = `source completion; complete --do-complete 'start-server ${line}'`;
    const env = { ...process.env, HOME: dir.path };
    const options = { cwd: dir.path, env, encoding: 'utf8', timeout: 10_000 } as const;
    const printed = execFileSync('fish', ['--no-config', '-c', script], options).trimEnd();
    expect(printed.split('\n').map((each) => each.split('\t')[0])).toEqual(offers);
  });
});

/** A place with the completion, a file and a directory. */
function withCompletion(shell: Shell): TempDir {
  const dir = tempDir();
  writeFileSync(dir.join('completion'), completion(shell));
  writeFileSync(dir.join('a file'), '');
  mkdirSync(dir.join('a-directory'));
  return dir;
}
