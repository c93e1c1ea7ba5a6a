// Getopt::Long's spellings, each of every option at once, and each option alone.

import type { Case } from '../case.ts';

type Spell = (name: string, value: string | undefined) => readonly string[];

/** Every option of a superdaemon, with a value that shows. */
const options: readonly (readonly [name: string, value?: string])[] = [
  ['port', '{port}=9'],
  ['path', '{dir}/socket'],
  ['interval', '0'],
  ['signal-on-hup', 'USR1'],
  ['signal-on-term', 'USR2'],
  ['pid-file', 'pid'],
  ['status-file', 'status'],
  ['log-file', 'log'],
  ['dir', 'inner'],
  ['envdir', 'env'],
  ['backlog', '33'],
  ['kill-old-delay', '0'],
  ['auto-restart-interval', '70'],
  ['enable-auto-restart'],
];

const shortest: Readonly<Record<string, string>> = {
  port: 'po',
  path: 'pa',
  interval: 'i',
  'signal-on-hup': 'signal-on-h',
  'signal-on-term': 'signal-on-t',
  'pid-file': 'pi',
  'status-file': 'sta',
  'log-file': 'l',
  dir: 'di',
  envdir: 'env',
  backlog: 'b',
  'kill-old-delay': 'k',
  'auto-restart-interval': 'a',
  'enable-auto-restart': 'ena',
};

const joined = (name: string, value: string | undefined) => [value === undefined ? name : `${name}=${value}`];
const apart = (name: string, value: string | undefined) => [name, ...(value === undefined ? [] : [value])];

const spellings: Readonly<Record<string, Spell>> = {
  '--name=value': (name, value) => joined(`--${name}`, value),
  '--name value': (name, value) => apart(`--${name}`, value),
  '-name=value': (name, value) => joined(`-${name}`, value),
  '-name value': (name, value) => apart(`-${name}`, value),
  '+name=value': (name, value) => joined(`+${name}`, value),
  '+name value': (name, value) => apart(`+${name}`, value),
  '--NAME=value': (name, value) => joined(`--${name.toUpperCase()}`, value),
  '-Name value': (name, value) => apart(`-${name.replace(/\b\w/g, (letter) => letter.toUpperCase())}`, value),
  'the shortest prefix, --n=value': (name, value) => joined(`--${shortest[name]}`, value),
  'the shortest prefix, -N value': (name, value) => apart(`-${shortest[name]?.toUpperCase()}`, value),
};

const spell = (how: Spell) => options.flatMap(([name, value]) => how(name, value));
const plain = spell((name, value) => joined(`--${name}`, value));
const files = { 'inner/': '', 'env/FROM_ENVDIR': 'yes\n' };
const steps = ['settled', 'HUP'] as const;

const everyOption: Case[] = [
  ...Object.entries(spellings).map(([name, how]) => ({
    name: `every option as ${name}`,
    words: [...spell(how), '--', '{worker}'],
  })),
  { name: 'every option behind the command', words: ['{worker}', ...plain] },
  {
    name: 'every option amid the command',
    words: ['{worker}', 'one', ...plain, 'two', '--', '--three', '--'],
  },
  { name: 'every option but no --', words: [...plain, '{worker}', 'word', '-'] },
].map((each) => ({ ...each, files, steps, differences: ['no line about chosen descriptors'] }));

const alone = (option: string, more: Omit<Case, 'name' | 'words'> = {}): Case => ({
  name: `${option} alone`,
  words: [...option.split(' '), '--', '{worker}'],
  ...more,
});

const posix = { POSIXLY_CORRECT: '1' };

export const spellingCases: readonly Case[] = [
  ...everyOption,
  { name: 'no option', words: '-- {worker}' },
  { name: 'no option and no --', words: '{worker}' },
  alone('--port={port}'),
  alone('--path=socket'),
  alone('--interval=2'),
  alone('--signal-on-hup=USR1'),
  alone('--signal-on-term=USR2'),
  alone('--pid-file=pid'),
  alone('--status-file=status', { steps: ['settled'] }),
  ...['--status=status', '--status status', '-STATUS status', '+stat=status'].map((option) =>
    alone(option, { steps: ['settled'] }),
  ),
  alone('--log=log'),
  alone('--log-file=log'),
  alone('--dir=inner', { files: { 'inner/': '' } }),
  alone('--envdir=env', { files: { 'env/NAME': 'value\n' } }),
  alone('--backlog=7'),
  alone('--kill-old-delay=3'),
  alone('--enable-auto-restart'),
  alone('--auto-restart-interval=77'),

  // Where options end.
  {
    name: 'words after -- are the worker’s, options or not',
    words: '--interval=0 -- {worker} --port=1 --help -x --',
  },
  { name: 'the first -- goes, later ones stay', words: '{worker} a -- b -- c' },
  { name: 'a single dash is a word', words: '{worker} - --interval=0' },
  { name: 'an empty word', words: ['--interval=0', '--', '{worker}', '', ' '] },
  { name: 'an option that the worker knows, after its name', ends: true, words: '{worker} --foo' },
  {
    name: 'POSIXLY_CORRECT: options end at the first word',
    words: '--interval=0 {worker} --port=1 --foo',
    environment: posix,
  },
  {
    name: 'POSIXLY_CORRECT: -- after the command stays',
    words: '--interval=0 {worker} a -- b',
    environment: posix,
  },
  {
    name: 'POSIXLY_CORRECT: -- before the command goes',
    words: '--interval=0 -- {worker} -- b',
    environment: posix,
  },
  {
    name: 'POSIXLY_CORRECT: no plus',
    words: '+interval=0 -- {worker}',
    first: /seems to have failed/,
    differences: ['a program that cannot be run'],
    environment: posix,
  },
  { name: 'POSIXLY_CORRECT, empty', words: '{worker} --foo', environment: { POSIXLY_CORRECT: '' } },

  // Values.
  {
    name: 'a string option takes the word --',
    words: '--interval=0 --dir -- -- {worker}',
    files: { '--/': '' },
  },
  { name: 'a string option takes the next option', words: '--pid-file --interval=0 {worker}' },
  { name: 'a string option takes a single dash', words: '--pid-file - --interval=0 {worker}' },
  { name: 'a value with = in it', words: '--interval=0 --pid-file=a=b {worker}' },
  { name: 'a value with blanks and newlines', words: ['--interval=0', '--pid-file=a b\nc', '{worker}'] },
  {
    name: 'the last of several values counts',
    words: '--pid-file=one --pid-file=two --interval=5 --interval=0 {worker}',
  },
  { name: 'an integer with a plus', words: '--kill-old-delay=+7 {worker}' },
  { name: 'an integer with an underscore', words: '--auto-restart-interval=1_0 {worker}' },
  { name: 'an integer with leading zeros', words: '--kill-old-delay=007 {worker}' },
  { name: 'an integer as a word of its own, with a plus', words: '--kill-old-delay +0 {worker}' },
  {
    name: 'an exact name that is also a prefix',
    words: '--dir=inner --interval=0 {worker}',
    files: { 'inner/': '' },
  },
  { name: 'a flag twice', words: '--enable-auto-restart --enable-auto-restart {worker}' },
  { name: 'a signal in small letters with sig', words: '--interval=0 --signal-on-term=sigusr1 {worker}' },
  {
    name: 'a signal in mixed letters',
    words: '--interval=0 --signal-on-hup=uSr1 {worker}',
    steps: ['settled', 'HUP'],
  },
  { name: 'a signal by number', words: '--interval=0 --signal-on-term=12 {worker}' },
  ...[
    '--pid-file',
    '--status-file',
    '--log-file',

    '--envdir',
    '--signal-on-hup',
    '--signal-on-term',
  ].map((option) => ({
    name: `${option} and an empty word`,
    words: ['--interval=0', option, '', '--', '{worker}'],
    first: /seems to have failed/,
  })),
  { name: 'an integer that begins with an underscore', words: '--kill-old-delay=_1 {worker}' },
  // Documented differences.
  ...[
    { name: 'a negative delay', words: '--interval=0 --kill-old-delay=-1 {worker}' },
    { name: 'a negative interval', words: '--interval=-1 {worker}' },
    { name: 'a negative backlog', words: '--port={port} --backlog=-1 {worker}' },
  ].map((each) => ({ ...each, differences: ['a negative number'] })),
  {
    name: 'an empty path',
    words: ['--interval=0', '--path', '', '--', '{worker}'],
    differences: ['an empty path'],
  },
];
