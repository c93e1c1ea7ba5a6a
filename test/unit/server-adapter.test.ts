import { describe, expect, it } from 'vitest';
import { adaptedVariables, parseServer, wantsBlocking } from '../../src/workers/server-adapter.ts';

const tcp = { spec: { kind: 'tcp' }, name: '8080', to: 3 } as const;
const ipv6 = { spec: { kind: 'tcp' }, name: '[::1]:81', to: 5 } as const;
const udp = { spec: { kind: 'udp' }, name: '53', to: 6 } as const;
const unix = { spec: { kind: 'unix' }, name: '/run/app.sock', to: 4 } as const;
const all = [tcp, ipv6, udp, unix];

const variables = (server: string, sockets: Parameters<typeof adaptedVariables>[0], listenFds = false) =>
  Object.fromEntries(adaptedVariables(sockets, { server: parseServer(server), ourPid: 77, listenFds }));

describe('the variables of a server', () => {
  it.each([
    ['unicorn', { UNICORN_FD: '3,5,4' }],
    ['gunicorn', { GUNICORN_PID: '77', GUNICORN_FD: '3,5,4' }],
    [
      'puma',
      {
        PUMA_INHERIT_0: '3:tcp://0.0.0.0:8080',
        PUMA_INHERIT_1: '5:tcp://[::1]:81',
        PUMA_INHERIT_2: '4:unix:///run/app.sock',
      },
    ],
    ['nginx', { NGINX: '3;5;6;4;' }],
  ])('of %s', (server, expected) => {
    expect(variables(server, all)).toEqual(expected);
  });

  it('of uvicorn name its only socket, and more than one are refused', () => {
    expect(variables('uvicorn', [unix])).toEqual({ UVICORN_FD: '4' });
    expect(variables('uvicorn', [unix, udp])).toEqual({ UVICORN_FD: '4' });
    expect(() => variables('uvicorn', [unix, tcp])).toThrow(
      '--as=uvicorn: it takes one socket, but there are 2',
    );
  });

  it('are none where no socket is for it', () => {
    for (const server of ['unicorn', 'gunicorn', 'puma', 'uvicorn'])
      expect(variables(server, [udp])).toEqual({});
    expect(variables('nginx', [])).toEqual({});
  });

  it('are none beside LISTEN_FDS for a server that knows it: it would take each socket twice', () => {
    for (const server of ['unicorn', 'gunicorn', 'puma']) expect(variables(server, all, true)).toEqual({});
    expect(variables('nginx', [tcp], true)).toEqual({ NGINX: '3;' });
    expect(variables('uvicorn', [tcp], true)).toEqual({ UVICORN_FD: '3' });
  });
});

describe('the name of a server', () => {
  it.each(['apache', '', 'toString', 'Nginx'])('%j is unknown, and the known ones are listed', (name) => {
    expect(() => parseServer(name)).toThrow(
      `--as=${name}: not one of unicorn, gunicorn, puma, uvicorn, nginx, node`,
    );
  });

  it('says whether its sockets are to block', () => {
    expect(
      [undefined, 'puma', 'nginx'].map((name) =>
        wantsBlocking(name === undefined ? name : parseServer(name)),
      ),
    ).toEqual([true, true, false]);
  });
});
