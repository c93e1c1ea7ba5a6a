import { expect, it } from 'vitest';
import { getoptLong } from '../../src/command-line/getopt-long.ts';
import { parseHook } from '../../src/command-line/hook.ts';
import { size, watchSeconds } from '../../src/command-line/option-values.ts';
import { parseWorkers } from '../../src/command-line/pool-size.ts';

it.each([
  ['1048576', 1_048_576],
  ['2K', 2048],
  ['1.5m', 1_572_864],
  ['2G', 2 * 2 ** 30],
])('a size of %s is %i bytes', (text, bytes) => {
  expect(size.parse?.(text, `--max-memory=${text}`)).toBe(bytes);
});

it('--watch looks ten times a second at most', () => {
  expect(watchSeconds.parse?.('0.1', '--watch=0.1')).toBe(0.1);
  expect(() => watchSeconds.parse?.('0.09', '--watch=0.09')).toThrow('--watch=0.09: at least 0.1 seconds');
});

it('a hook has a command', () => {
  for (const text of ['', ' ', 'deployed:', 'deployed: \n'])
    expect(() => parseHook(text, `--on-event=${text}`)).toThrow('no command');
  expect(parseHook('deployed: true ', '')).toEqual({ names: ['deployed'], command: 'true' });
});

it('a pool has 1024 workers at most', () => {
  expect(parseWorkers('1024', '--workers=1024')).toBe(1024);
  for (const text of ['0', '1025', '01', '-1'])
    expect(() => parseWorkers(text, `--workers=${text}`)).toThrow('not auto, nor a number from 1 to 1024');
});

it('a flag of ours is one of the reference’s options cut short where there is only one', () => {
  const flag = { name: 'status', takesValue: false, ofReference: false };
  const option = (name: string) => ({ name, takesValue: true, ofReference: true });
  const spelt = (...names: string[]) => getoptLong(['--status', 'x'], [flag, ...names.map(option)], false);
  expect(spelt('status-file')).toEqual({ options: ['--status-file=x'], command: [], errors: [] });
  expect(spelt('status-file', 'status-fd')).toEqual({ options: ['--status'], command: ['x'], errors: [] });
});
