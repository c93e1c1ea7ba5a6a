// What comes as text from outside, made of the pieces that its language has and of others: it is understood, or refused by
// the error that is promised, in time that grows with its length alone. PARSES=n tries n times as many; FUZZ_SEED=random
// others, and FUZZ_SEED=n the same again.

import { mkdirSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { optionRows } from '../../src/command-line/option-table.ts';
import { parseOptions } from '../../src/command-line/options.ts';
import { parseHello } from '../../src/control/parse-hello.ts';
import {
  asksAgain,
  parseNames,
  parseRequest,
  parseRevision,
  parseScaling,
} from '../../src/control/parse-request.ts';
import { parseEvent } from '../../src/control/protocol.ts';
import { readEnvdir } from '../../src/files/envdir.ts';
import { readStatusFile } from '../../src/files/status-file.ts';
import { serverPorts } from '../../src/library/server-ports.ts';
import { noteText, parseNote } from '../../src/recovery/note-text.ts';
import { takeActivation } from '../../src/sockets/activation.ts';
import { readMessage } from '../../src/workers/notify-words.ts';
import { bareCaller } from '../support/bare-caller.ts';
import { withVariable } from '../support/environment.ts';
import { heardOf, pieces } from '../support/heard.ts';
import { orRefused, soon } from '../support/parsing.ts';
import { tempDir } from '../support/temp-dir.ts';

const { PARSES = '1', FUZZ_SEED = '7919' } = process.env;
const seed = FUZZ_SEED === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(FUZZ_SEED);
const how = { seed, numRuns: 400 * Number(PARSES) };
const limited = { timeout: 60_000 * Number(PARSES) };

/** These pieces and some of any kind in a row; and of three of them one again and again, which slow patterns do not bear. */
function textOf(...own: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...own) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom('\0', '\n', '\ufeff', '\ud800', '-', '0', '9'.repeat(20)) },
  );
  const pumped = fc.constantFrom(' ', ' ', ':', '=', ';', '\n', '0', '1:', 'a', '/', ...own);
  const slow = fc.tuple(pumped, piece, piece).map(([again, first, second]) => {
    const many = again.repeat(1500);
    return [many, first, many, second].join('').slice(0, 20_000);
  });
  const mixed = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  return fc.oneof({ weight: 3, arbitrary: mixed }, { weight: 1, arbitrary: slow });
}

const check = <Values extends [unknown, ...unknown[]]>(property: fc.IPropertyWithHooks<Values>): void =>
  fc.assert(property, how);

describe('whatever it is given', limited, () => {
  const hosts = ['127.0.0.1', '[::1]', '::', 'localhost', '*', 'http://', ':', ': ', ' :', '[', ']'];
  const numbers = [
    '0',
    '1',
    '80',
    '65536',
    'u',
    'u80',
    '=',
    '=3',
    '1e3',
    '+',
    '-1',
    '1.5',
    '0x10',
    '50%',
    'auto',
  ];
  const words = [
    'TERM',
    'sigquit',
    'notify',
    'exec:',
    'json',
    'text',
    '|',
    ' cat',
    'hup,',
    'worker-died:',
    'canary',
  ];
  const values = textOf(...hosts, ...numbers, ...words, '/', '.', ',', ';', 'a', ' ', '\t');

  it.each(optionRows.map(({ name }) => name))('--%s is understood, or refused with its name', (name) => {
    const property = fc.property(values, (value) => {
      orRefused(`--${name}`, () =>
        parseOptions({ words: [`--${name}=${value}`, '--', 'app'], posixlyCorrect: false }),
      );
    });
    fc.assert(property, { ...how, numRuns: how.numRuns / 4 });
  });

  const descriptors = ['LISTEN_FDS', '0', '1', '3', '999999', 'web', ':', '::', 'a:b'];
  it('LISTEN_FDS is understood, or refused', () => {
    const property = fc.property(textOf(...descriptors), textOf(...descriptors), (fds, names) => {
      const environment = new Map([
        ['LISTEN_PID', String(process.pid)],
        ['LISTEN_FDS', fds],
        ['LISTEN_FDNAMES', names],
      ]);
      const taken = orRefused('LISTEN_FDS', () => takeActivation({ ...bareCaller, environment }));
      expect(taken?.caller.environment.size ?? 0).toBe(0);
    });
    check(property);
  });
});

describe('SERVER_STARTER_PORT', limited, () => {
  it('is a list of numbers by name, or refused with its name', () => {
    const text = textOf('80', '=', '=3', ';', '127.0.0.1:80', '[::1]:80', '/s', '/a=b', '80=3;');
    const property = fc.property(text, (ports) => {
      const given = ports.replaceAll('\0', '');
      try {
        const found = withVariable('SERVER_STARTER_PORT', given, () => soon(serverPorts));
        for (const [name, fd] of found) expect([name === '', Number.isInteger(fd)]).toEqual([false, true]);
      } catch (error) {
        expect(String(error)).toMatch(/^Error: SERVER_STARTER_PORT: /);
      }
    });
    check(property);
  });
});

describe('what a worker says', limited, () => {
  const spoken = textOf(
    'READY=1',
    'STATUS=',
    'loading',
    'MAINPID=',
    '7',
    'WATCHDOG=1',
    'X_PRELOADED=1',
    '\n',
    '\n\n',
    'READY=1\n',
  );

  it('means the same however the pipe cuts it up', () => {
    const property = fc.property(spoken, fc.array(fc.nat(200), { maxLength: 20 }), (text, cuts) => {
      // What is sent without a newline is understood as soon as it is there.
      fc.pre(!/READY=1[^\n]/.test(text) && text.length < 3000);
      const said = Buffer.from(text);
      expect(heardOf(pieces(said, cuts))).toEqual(heardOf([said]));
    });
    check(property);
  });

  it('is heard in no more time than it takes to read it', () => {
    check(fc.property(spoken, (text) => void soon(() => heardOf([Buffer.from(text)]))));
  });

  it('as a datagram is heard, and its status controls no terminal', () => {
    const property = fc.property(spoken, (text) => {
      const { statuses, mains } = soon(() => readMessage(text));
      expect(statuses.join('')).not.toMatch(/\p{Cc}/u);
      expect(mains.every((main) => Number.isSafeInteger(main) && main > 0)).toBe(true);
    });
    check(property);
  });
});

describe('what a client says', limited, () => {
  const request = fc.record(
    {
      protocol: fc.constantFrom(1, 2, '1', null),
      request: fc.constantFrom('watch', 'events', 'deploy', 'scale', 'status', 'toString', '__proto__', 1),
      scaling: fc.oneof(
        fc.jsonValue(),
        fc.record({ to: fc.oneof(fc.double(), fc.integer()) }),
        fc.record({ by: fc.double() }),
      ),
      names: fc.oneof(fc.jsonValue(), fc.array(fc.constantFrom('hup', 1, null))),
      revision: fc.jsonValue(),
      again: fc.constantFrom(true, 1, 'true'),
      event: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const lines = fc.oneof(
    { weight: 4, arbitrary: request.map((each) => JSON.stringify(each)) },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: textOf('{', '}', '[', ']', '"protocol":1', '"request":"deploy"', ',', ':', '1') },
  );

  it('is understood as a whole, or not at all', () => {
    const property = fc.property(lines, (line) => {
      const asked = soon(() => ({
        request: parseRequest(line),
        scaling: parseScaling(line),
        names: parseNames(line) ?? [],
        revision: parseRevision(line) ?? '',
        again: asksAgain(line),
      }));
      if (asked.scaling !== undefined)
        expect(Object.values(asked.scaling).every(Number.isInteger)).toBe(true);
      expect(asked.names.every((name) => typeof name === 'string')).toBe(true);
      expect([typeof asked.revision, typeof asked.again]).toEqual(['string', 'boolean']);
      orRefused('an answer that cannot be understood', () => [parseHello(line), parseEvent(line)]);
    });
    check(property);
  });
});

describe('what lies in files', limited, () => {
  it('of a status file is read to the last line, or it is none', () => {
    using dir = tempDir();
    const text = textOf('1:2', '1:2\n', ':', '\n', '3:4194304\n', '3:4194305\n', '0:1\n', '1', '01:1\n');
    const property = fc.property(text, (content) => {
      writeFileSync(dir.join('status'), content);
      for (const { generation, pid } of orRefused('--status-file=', () =>
        readStatusFile(dir.join('status')),
      ) ?? []) {
        expect(Number.isSafeInteger(generation) && generation > 0).toBe(true);
        expect(Number.isSafeInteger(pid) && pid > 0 && pid <= 2 ** 22).toBe(true);
      }
    });
    check(property);
  });

  it('of a note of the workers says what was written, or nothing', () => {
    const text = textOf(
      'start-server 1\n',
      'boot x\n',
      'superdaemon 1 2\n',
      'worker 1 2 3\n',
      'worker ',
      '1 ',
      '2\n',
      'port tcp 80 81\n',
      'main 2 3 4\n',
    );
    const property = fc.property(text, (content) => {
      const note = soon(() => parseNote(content));
      if (note !== undefined) expect(parseNote(noteText(note))).toEqual(note);
    });
    check(property);
  });

  it('of an envdir is a value without NUL and newline, or skipped with a warning', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each)),
      textOf('value', '\n', '\0', 'x').map((each) => Buffer.from(each)),
    );
    const names = fc.string({
      unit: fc.constantFrom('A', 'b', '=', '.', ' ', 'ü', '\n'),
      minLength: 1,
      maxLength: 5,
    });
    const property = fc.property(
      fc.dictionary(names, bytes, { maxKeys: 5, noNullPrototype: true }),
      (files) => {
        using dir = tempDir();
        mkdirSync(dir.join('env'));
        const entries = Object.entries(files).filter(([name]) => name !== '.' && name !== '..');
        for (const [name, content] of entries) writeFileSync(`${dir.join('env')}/${name}`, content);
        const warnings: string[] = [];
        const read = soon(() => readEnvdir(dir.join('env'), (warning) => void warnings.push(warning)));
        for (const name of read.keys()) expect(name).not.toMatch(/^\.|[=\0]/);
        for (const value of read.values()) expect(value).not.toMatch(/[\n\0]/);
        expect(warnings.every((warning) => !warning.includes('\n'))).toBe(true);
      },
    );
    fc.assert(property, { ...how, numRuns: how.numRuns / 4 });
  });
});
