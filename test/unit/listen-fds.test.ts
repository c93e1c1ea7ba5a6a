import { describe, expect, it } from 'vitest';
import { listenFdsVariables, noteListenPid } from '../../src/workers/listen-fds.ts';

const name = (text: string, fdName?: string) =>
  listenFdsVariables([{ name: text, fdName }]).get('LISTEN_FDNAMES');

describe('LISTEN_FDNAMES', () => {
  it('says each name, or its address without colons', () => {
    const listeners = [
      { name: '8080', fdName: undefined },
      { name: '[::1]:80', fdName: undefined },
      { name: '/run/a.sock', fdName: 'web' },
    ];
    expect([...listenFdsVariables(listeners)]).toEqual([
      ['LISTEN_FDS', '3'],
      ['LISTEN_FDNAMES', '8080:[--1]-80:web'],
    ]);
  });

  it('is printable ASCII, and no longer than 255', () => {
    expect(name('/tmp/a b\xff')).toBe('/tmp/a-b-');
    expect(name('1', 'x:y')).toBe('x-y');
    expect(name('a'.repeat(300))).toBe('a'.repeat(255));
  });

  it('is not there without a socket', () => {
    expect([...listenFdsVariables([])]).toEqual([]);
  });
});

describe('a command that notes LISTEN_PID', () => {
  const words = (environment: [string, string][]) => {
    const argv = ['app', '-v'].map((word) => Buffer.from(word));
    return noteListenPid({ file: Buffer.from('bin/app'), argv }, new Map(environment))
      .argv.map(String)
      .slice(3);
  };

  it('finds the program by its name, or where we found it when there is no PATH', () => {
    expect(words([['PATH', '/bin']])).toEqual(['sh', 'app', '-v']);
    expect(words([])).toEqual(['sh', 'bin/app', '-v']);
  });

  it('hands PWD on as it is', () => {
    expect(words([['PWD', '/a b']])).toEqual(['/a b', 'bin/app', '-v']);
  });
});
