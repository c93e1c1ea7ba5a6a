import type { Case } from '../case.ts';

const ports: readonly string[] = [
  '{port}',
  '0{port}',
  ' {port} ',
  '0',
  'u{port}',
  ' u{port}',
  '127.0.0.1:{port}',
  ' 127.0.0.1: {port} ',
  '127.0.0.1:u{port}',
  '127.1:{port}',
  '0.0.0.0:{port}',
  'localhost:{port}',
  '[localhost]:{port}',
  '[127.0.0.1]:{port}',
  '[::1]:{port}',
  '[ ::1]:{port}',
  '::1:{port}',
  '[::]:{port}',
  '[0:0:0:0:0:0:0:1]:{port}',
  '[::1]:u{port}',
  '{port}=9',
  '{port} =9 ',
  '{port}=09',
  'u{port}=9',
  '127.0.0.1:{port}=9',
  '127.0.0.1:u{port}=9',
  '[::1]:{port}=9',
  '{port}=0',
  '{port}=63',
];

const one = (port: string): Case => ({
  name: `--port="${port}"`,
  words: ['--interval=0', `--port=${port}`, '--', '{worker}'],
  ...(port.includes('=') ? { differences: ['no line about chosen descriptors'] } : {}),
});

const several = (words: string, more: Partial<Case> = {}): Case => ({
  name: words,
  words: `--interval=0 ${words} -- {worker}`,
  ...more,
});

export const socketCases: readonly Case[] = [
  ...ports.map(one),
  several('--port={port} --port={port2} --port={port3}'),
  several('--port={port} --port=u{port}'),
  several('--port=127.0.0.1:{port} --port=127.0.0.2:{port} --port=[::1]:{port}'),
  several('--port=0.0.0.0:{port} --port=[::]:{port}'),
  several('--path=b --path=a --port={port}'),
  several('--path={dir}/socket'),
  several('--path=./socket'),
  several('--path=inner/../socket', { files: { 'inner/': '' } }),
  several('--path=socket --dir=inner', { files: { 'inner/': '' } }),
  several('--port={port} --backlog=0'),
  several('--port={port} --backlog=1'),
  several('--port={port} --path=socket --backlog=50'),
  { name: 'a path with blanks', words: ['--interval=0', '--path= a b ', '--', '{worker}'] },
  { name: 'a path that is not UTF-8', words: ['--interval=0', '--path=\xff\x80', '--', '{worker}'] },
  { name: 'a path with =', words: ['--interval=0', '--path=a=7', '--', '{worker}'] },
  { name: 'a path of 107 bytes', words: ['--interval=0', `--path=${'p'.repeat(107)}`, '--', '{worker}'] },
  several('--path=socket', {
    name: 'a socket that nobody serves is replaced',
    prepare: `perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Listen => 1, Local => "socket")'`,
    differences: ['no source position in warnings'],
  }),
  several('--path=link', {
    name: 'a symbolic link to a socket is replaced',
    prepare: `perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Listen => 1, Local => "socket")'; ln -s socket link`,
    differences: ['no source position in warnings'],
  }),
  several('--path=link', {
    name: 'a symbolic link to nowhere is replaced',
    prepare: 'ln -s nowhere link',
    differences: ['a link to nowhere is removed with a warning'],
  }),

  // Documented differences.
  ...(
    [
      [' 127.0.0.1 : {port} ', '127.0.0.1:{port}'],
      ['[ ::1 ]:{port}', '[::1]:{port}'],
      ['{port} = 9', '{port}=9'],
    ] as const
  ).map(
    ([port, instead]): Case => ({
      name: `--port="${port}"`,
      words: ['--interval=0', `--port=${port}`, '--', '{worker}'],
      instead: ['--interval=0', `--port=${instead}`, '--', '{worker}'],
      differences: [
        'blanks around every part of a port',
        ...(port.includes('=') ? ['no line about chosen descriptors'] : []),
      ],
    }),
  ),
  {
    ...several('--port={port}=2'),
    instead: '--interval=0 --port={port} -- {worker}',
    differences: ['a socket at descriptor 2'],
  },
  {
    ...several('--port={port} --port={port2}=5 --port={port3}=4'),
    instead: '--interval=0 --port={port} --port={port2}=25 --port={port3}=24 -- {worker}',
    differences: ['chosen descriptors never collide', 'no line about chosen descriptors'],
  },
  several('--port=65536', { differences: ['a port above 65535'] }),
  several('--port=127.0.0.1:99999', { differences: ['a port above 65535'] }),
  several('--port={port}=9 --port={port2}=9', { differences: ['one descriptor for two sockets'] }),
  {
    name: 'a path of 108 bytes',
    words: ['--interval=0', `--path=${'p'.repeat(108)}`, '--', '{worker}'],
    differences: ['a path that is too long'],
  },
  several('--path=a;b', { differences: ['a path with a semicolon or a newline'] }),
  {
    name: 'a path with a newline',
    words: ['--interval=0', '--path=a\nb', '--', '{worker}'],
    differences: ['a path with a semicolon or a newline'],
  },
  several('--path=file', {
    name: 'a file in the way of a socket',
    files: { file: 'precious\n' },
    differences: ['a file in the way of a socket'],
  }),
  several('--path=socket', {
    name: 'the socket of a superdaemon at work',
    steps: ['settled', { another: '--interval=0 --path=socket -- true' }],
    differences: ['the socket of a superdaemon at work'],
  }),
];
