import { expect, it } from 'vitest';
import { optionsOf } from '../../src/upgrade/options-of.ts';
import { relativeNames } from '../../src/upgrade/relative-names.ts';

const namesIn = (...words: string[]) => relativeNames(optionsOf([...words, '--', 'app'], new Map()));

it('names each option that means another file in another directory, and the command without --dir', () => {
  expect(namesIn('--pid-file=a', '--path=b', '--log-file=/c', '--status-file=./d', '--envdir=e')).toEqual([
    '--path=b',
    '--pid-file=a',
    '--status-file=./d',
    '--envdir=e',
    'the command, without --dir,',
  ]);
  expect(namesIn('--dir=x', '--metrics-file=m', '--log-file=| cat > f')).toEqual([
    '--metrics-file=m',
    '--dir=x',
  ]);
  expect(namesIn('--dir=/x', '--pid-file=/a', '--path=/b', '--port=80', '--log-file=/c')).toEqual([]);
});
