// Texts that once were understood too slowly, or wrongly. Each was found by chance, and is to be found no more.

import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseScaling } from '../../src/control/parse-request.ts';
import { readEnvdir } from '../../src/files/envdir.ts';
import { parsePlaces } from '../../src/library/inherit/places.ts';
import { parsePort } from '../../src/sockets/socket-spec.ts';
import { commandLine } from '../../src/start/unit/unit-words.ts';
import { readWords, type Words } from '../../src/workers/notify-words.ts';
import { heardOf, pieces } from '../support/heard.ts';
import { soon } from '../support/parsing.ts';
import { tempDir } from '../support/temp-dir.ts';

it.each([
  ['spaces', ' '.repeat(3000)],
  ['a colon among spaces', `${' '.repeat(3000)}:${' '.repeat(3000)}`],
  ['colons and spaces', ' :'.repeat(3000)],
])('a port of %s is refused at once', (_what, text) => {
  soon(() => expect(() => parsePort(text)).toThrow('--port='));
});

it.each(['\n', 'READY=1\n'])('a flood of %j is understood at once', (word) => {
  let times = 0;
  const read = () => {
    let words: Words = readWords(word.repeat(65_536));
    for (; words.verdict === 'ready' && words.rest !== ''; times++) words = readWords(words.rest);
  };
  soon(read);
  expect(times).toBe(65_535);
});

it('a status is what the worker said, wherever the pipe cuts it up', () => {
  const said = Buffer.from('STATUS=größer 3 €\n');
  const cuts = Array.from(said, () => 1);
  expect(heardOf(pieces(said, cuts)).statuses).toEqual(['größer 3 €']);
});

it('the warning of a file in an envdir whose name would control a terminal does not', () => {
  using dir = tempDir();
  writeFileSync(dir.join('A=\u007f\u009b2J'), '');
  const warnings: string[] = [];
  readEnvdir(dir.path, (warning) => void warnings.push(warning));
  expect(warnings).toEqual([
    `envdir ${dir.path}: skipping "A=\\u007f\\u009b2J": a variable cannot have = in its name`,
  ]);
});

it.each([
  '{"to":-1}',
  '{"to":1e300}',
  '{"by":-1e300}',
  '{"by":0.5}',
])('a request to scale that an upgrade could not hand on is none: %s', (scaling) => {
  expect(parseScaling(`{"protocol":1,"request":"scale","scaling":${scaling}}`)).toBeUndefined();
});

it('a spare of a socket that is no number is none', () => {
  const [place] = parsePlaces({
    SERVER_STARTER_PORT: '80=100',
    SERVER_STARTER_SPARES: '100:2@1,100:201,100:',
  });
  expect(place?.spares).toEqual([201]);
});

it('a word of a unit that ends in an equals sign stays a word of its own', () => {
  expect(commandLine('ExecStart', ['/bin/app', '--name=', 'value'])).toBe('ExecStart=/bin/app --name= value');
});

it('an address with a NUL in it is none', () => {
  expect(() => parsePort('[::1\0=5]:80')).toThrow(/^--port=.*is no IPv6 address$/s);
});
