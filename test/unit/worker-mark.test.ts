import { describe, expect, it } from 'vitest';
import { servesOneOf, workerMark } from '../../src/recovery/worker-mark.ts';
import { parsePath, parsePort } from '../../src/sockets/socket-spec.ts';

const mark = (sockets: string, generation: string) =>
  workerMark(
    new Map([
      ['SERVER_STARTER_PORT', sockets],
      ['SERVER_STARTER_GENERATION', generation],
    ]),
  );

describe('the mark of a worker', () => {
  it.each([
    ['8080=3', ['8080']],
    ['[::1]:8080=3;/tmp/a=b=4', ['[::1]:8080', '/tmp/a=b']],
    ['', []],
  ])('%j names its sockets', (sockets, names) => {
    expect(mark(sockets, '7')).toEqual({ generation: 7, names });
  });

  it.each(['', '0', '-1', '1x', '9999999999', '1\n'])('is none with the generation %j', (generation) => {
    expect(mark('8080=3', generation)).toBeUndefined();
  });

  it('is none without SERVER_STARTER_PORT', () => {
    expect(workerMark(new Map([['SERVER_STARTER_GENERATION', '1']]))).toBeUndefined();
  });

  it.each([
    ['8080=3', '8080', true],
    ['8080=3', '0.0.0.0:8080=9', true],
    ['8080=3', 'u8080', true],
    ['[::1]:8080=3', '::1:8080', true],
    ['localhost:8080=3', 'localhost:8080', true],
    ['127.0.0.1:8080=3', '8080', false],
    ['8080=3', '8081', false],
    ['/tmp/8080=3', '8080', false],
    ['', '8080', false],
  ])('%j serves --port=%s: %s', (sockets, port, serves) => {
    expect(servesOneOf({ ...emptyMark, ...mark(sockets, '1') }, [parsePort(port)])).toBe(serves);
  });

  it.each([
    ['/run/../run/socket=3', '/run/socket', true],
    ['8080=3;/run/socket=4', '/run/socket', true],
    ['/run/socket2=4', '/run/socket', false],
  ])('%j serves --path=%s: %s', (sockets, path, serves) => {
    expect(servesOneOf({ ...emptyMark, ...mark(sockets, '1') }, [parsePath(path)])).toBe(serves);
  });

  it('of one without sockets serves a command without sockets', () => {
    expect(servesOneOf({ ...emptyMark, ...mark('', '1') }, [])).toBe(true);
    expect(servesOneOf({ ...emptyMark, ...mark('8080=3', '1') }, [])).toBe(false);
  });
});

const emptyMark = { generation: 0, names: ['no mark'] };
