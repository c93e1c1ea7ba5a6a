import { describe, expect, it } from 'vitest';
import { awaitedPlaces, findPlace, parsePlaces, type Wanted } from '../../src/library/inherit/places.ts';
import { nodeVariables, portTrouble } from '../../src/workers/node-adapter.ts';
import { spareSockets, spareVariables } from '../../src/workers/spare-sockets.ts';

const tcp = { spec: { kind: 'tcp', port: 3000 }, to: 100 } as const;
const udp = { spec: { kind: 'udp', port: 53 }, to: 101 } as const;

function variables(environment: Record<string, string>, preload = '/lib/inherit.cjs', limitsMs = [0, 0]) {
  const sockets = [udp, tcp];
  const world = { environment: new Map(Object.entries(environment)), preload, limitsMs };
  return Object.fromEntries(nodeVariables(sockets, { ...world, signals: ['SIGQUIT', 'SIG15', 'SIGTERM'] }));
}

describe('the variables for Node', () => {
  it('name the first TCP port, the signals, each once, and what is for datagrams', () => {
    expect(variables({})).toEqual({
      NODE_OPTIONS: '--require=/lib/inherit.cjs',
      PORT: '3000',
      SERVER_STARTER_ASKS: 'preloaded',
      SERVER_STARTER_SIGNALS: 'SIGQUIT,SIGTERM',
      SERVER_STARTER_UDP: '101',
    });
  });

  it('leave a PORT alone, be it empty', () => {
    expect(variables({ PORT: '' })).not.toHaveProperty('PORT');
  });

  it('name the limits after which it is killed', () => {
    expect(variables({}, '', [0, 2500])).toMatchObject({ SERVER_STARTER_KILLED_AFTER: '2.5' });
    expect(variables({}, '', [2000, 2500])).toMatchObject({ SERVER_STARTER_KILLED_AFTER: '2,2.5' });
    expect(variables({}, '', [2000, 2000])).toMatchObject({ SERVER_STARTER_KILLED_AFTER: '2' });
  });

  it.each([
    ['', '--require=/lib/inherit.cjs'],
    ['--no-warnings', '--no-warnings --require=/lib/inherit.cjs'],
    ['--require="/a b/apm.cjs"', '--require="/a b/apm.cjs" --require=/lib/inherit.cjs'],
    ['--require=/lib/inherit.cjs --no-warnings', '--require=/lib/inherit.cjs --no-warnings'],
  ])('come behind NODE_OPTIONS=%s', (NODE_OPTIONS, expected) => {
    expect(variables({ NODE_OPTIONS }).NODE_OPTIONS).toBe(expected);
  });

  it.each([
    ['/a b/i.cjs', '--require="/a b/i.cjs"'],
    ['/a"b\\c/i.cjs', '--require="/a\\"b\\\\c/i.cjs"'],
    ['/a\\b/i.cjs', '--require=/a\\b/i.cjs'],
  ])('quote the path %s as Node reads it', (path, expected) => {
    expect(variables({}, path).NODE_OPTIONS).toBe(expected);
  });
});

describe('a PORT that is set', () => {
  it.each([
    [{}, [tcp]],
    [{ PORT: '' }, [tcp]],
    [{ PORT: '3000' }, [udp, tcp]],
    [{ PORT: '3333' }, [udp]],
  ])('%j is no trouble', (environment, sockets) => {
    expect(portTrouble(sockets, new Map(Object.entries(environment)))).toBeUndefined();
  });

  it.each(['3333', '53', 'app.sock'])('is said to be none of ours: %s', (port) => {
    expect(portTrouble([udp, tcp], new Map([['PORT', port]]))).toBe(
      `--as=node: PORT=${port} of the environment is none of --port: a program that listens there gets no socket of ours`,
    );
  });
});

describe('spare sockets', () => {
  const world = {
    server: 'node',
    others: [{ from: 30, to: 101 }],
    passedThrough: [201],
    limit: 1024,
  } as const;
  const sockets = [
    { from: 100, to: 100 },
    { from: 202, to: 7 },
  ];

  it('have numbers that nothing else has', () => {
    expect(spareVariables(spareSockets(sockets, world))).toEqual([
      ['SERVER_STARTER_SPARES', '100:200,7:203'],
    ]);
  });

  it('are none for other servers, nor where they would be beyond the limit', () => {
    expect(spareSockets(sockets, { ...world, server: undefined })).toEqual([]);
    expect(spareSockets(sockets, { ...world, limit: 203 })).toEqual([]);
  });
});

describe('the place that a program asks for', () => {
  const places = parsePlaces({
    SERVER_STARTER_PORT: '3000=100;127.0.0.1:80=101;[::1]:80=102;localhost:81=103;app.sock=104;53=105;53=106',
    SERVER_STARTER_SIGNALS: 'SIGTERM',
    SERVER_STARTER_UDP: '106',
  });
  const port = (number: number, host?: string): Wanted => ({ kind: 'port', port: number, host });

  it.each([
    [port(3000), 100],
    [port(3000, '10.0.0.1'), 100],
    [port(3001), undefined],
    [port(80), 101],
    [port(80, '::1'), 102],
    [port(80, '[::1]'), 102],
    [port(80, 'localhost'), 101],
    [port(80, '10.0.0.1'), undefined],
    [port(81, '127.0.0.1'), 103],
    [port(53), 105],
    [{ kind: 'path', path: `${process.cwd()}/app.sock` }, 104],
    [{ kind: 'path', path: 'other.sock' }, undefined],
    [{ kind: 'descriptor', fd: 102 }, 102],
  ] as const)('%j is %s', (wanted, fd) => {
    expect(findPlace(places, wanted, 'stream')?.fd).toBe(fd);
  });

  it('is another one for datagrams', () => {
    expect(findPlace(places, port(53), 'datagram')?.fd).toBe(106);
    expect(findPlace(places, port(3000), 'datagram')).toBeUndefined();
  });

  it('is waited for, but for a port of the worker alone beside those of all', () => {
    const own = { SERVER_STARTER_PORT: '3000=100;127.0.0.1:9102=101', SERVER_STARTER_OWN: '101' };
    expect(awaitedPlaces(parsePlaces(own)).map(({ name }) => name)).toEqual(['3000']);
    const alone = { SERVER_STARTER_PORT: '127.0.0.1:9102=101', SERVER_STARTER_OWN: '101' };
    expect(awaitedPlaces(parsePlaces(alone)).map(({ name }) => name)).toEqual(['127.0.0.1:9102']);
    expect(awaitedPlaces(places)).toEqual(places);
  });

  it('is none where the variable makes no sense', () => {
    expect(parsePlaces({ SERVER_STARTER_PORT: 'x;=;80' })).toEqual([]);
  });
});
