import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseNumbers, serverStarterPort } from '../../src/sockets/fd-table.ts';
import { parsePort } from '../../src/sockets/socket-spec.ts';

const worker = { passedThrough: [], limit: 1024, consecutive: false, first: 3 };
const ports = (...specs: string[]) => specs.map(parsePort);

describe('a socket’s number in the worker', () => {
  it('is the lowest from 3 up, in order', () => {
    expect(chooseNumbers(ports('1', '2', '3'), worker)).toEqual([3, 4, 5]);
  });

  it('is the one asked for, 0 and 2 too, and nobody else’s', () => {
    expect(chooseNumbers(ports('1', '2=3', '3', '4=0', '5=2', '6=5', '7'), worker)).toEqual([
      4, 3, 6, 0, 2, 5, 7,
    ]);
  });

  it('is none that the caller passes through', () => {
    expect(chooseNumbers(ports('1', '2'), { ...worker, passedThrough: [3, 5] })).toEqual([4, 6]);
  });

  it('cannot be asked for twice', () => {
    expect(() => chooseNumbers(ports('1=7', '2=7'), worker)).toThrow(
      '--port=2=7: descriptor 7 is asked for twice',
    );
  });

  it('lies below the limit of open files', () => {
    expect(chooseNumbers(ports('1=1023'), worker)).toEqual([1023]);
    expect(() => chooseNumbers(ports('1=1024'), worker)).toThrow(
      '--port=1=1024: descriptor 1024 is beyond the limit',
    );
  });

  it('is missed by a socket for which the limit leaves none, with --listen-fds, too', () => {
    const narrow = { ...worker, limit: 6 };
    expect(chooseNumbers(ports('1', '2'), narrow)).toEqual([3, 4]);
    for (const consecutive of [false, true]) {
      expect(() => chooseNumbers(ports('1', '2', '3'), { ...narrow, consecutive })).toThrow(
        '--port=3: no descriptor is left for it below the limit of open files, 6',
      );
    }
  });

  it('is its place in the sequence for --listen-fds, whatever the caller has there', () => {
    const strict = { ...worker, passedThrough: [3], consecutive: true };
    expect(chooseNumbers(ports('1', '2=4', '3'), strict)).toEqual([3, 4, 5]);
    expect(() => chooseNumbers(ports('1=4', '2=3'), strict)).toThrow(
      '--port=1=4: --listen-fds numbers the sockets 3, 4, 5 … in order, this one 3',
    );
  });

  it('is never shared, whatever is asked for and passed through', () => {
    const fds = fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined });
    const unique = fc.uniqueArray(fds, { selector: (fd) => fd ?? Symbol('any'), maxLength: 30 });
    fc.assert(
      fc.property(unique, fc.array(fc.integer({ min: 3, max: 30 })), (wanted, passedThrough) => {
        const specs = wanted.map((fd, index) => parsePort(fd === undefined ? `${index}` : `${index}=${fd}`));
        const numbers = chooseNumbers(specs, { ...worker, passedThrough });
        expect(new Set(numbers).size).toBe(wanted.length);
        for (const [index, number] of numbers.entries()) {
          const asked = wanted[index];
          if (asked !== undefined) expect(number).toBe(asked);
          else expect(number > 2 && !passedThrough.includes(number)).toBe(true);
        }
      }),
    );
  });
});

describe('SERVER_STARTER_PORT', () => {
  it('names each socket with its number', () => {
    const entries = [
      { name: '8080', from: 20, to: 3 },
      { name: '[::1]:80', from: 21, to: 0 },
      { name: '/a b.sock', from: 22, to: 12 },
    ];
    expect(serverStarterPort(entries)).toBe('8080=3;[::1]:80=0;/a b.sock=12');
  });

  it('is empty without any socket', () => {
    expect(serverStarterPort([])).toBe('');
  });
});
