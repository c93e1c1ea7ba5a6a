import { parseMode, parseOwner } from '../../sockets/path-access.ts';
import { parsePath, parsePort } from '../../sockets/socket-spec.ts';
import { parseServer, serverNames } from '../../workers/server-adapter.ts';
import { count } from '../option-values.ts';
import type { OptionGroup } from './row.ts';

export const sockets: OptionGroup = {
  title: 'Sockets',
  rows: [
    {
      name: 'port',
      value: { name: 'spec', parse: parsePort },
      repeatable: true,
      brief: 'TCP: port, host:port, port=fd; u53 is UDP (repeatable)',
      help: 'TCP: port, host:port, port=fd or host:port=fd; u53 is UDP (repeatable)',
      manual:
        '`8080` is IPv4 on all addresses, `127.0.0.1:8080` one address, `localhost:8080` is resolved to IPv4 (once, at the start), `[::1]:8080` is IPv6 alone. A `u` before the port makes it UDP, which nobody shares. `=FD` behind it chooses the descriptor in the worker; 0, 1 and 2 will do, too.',
    },
    {
      name: 'path',
      value: { name: 'path', parse: parsePath, choices: 'file' },
      repeatable: true,
      brief: 'Unix stream socket (repeatable)',
      help: 'Unix stream socket (repeatable)',
      manual:
        'At most 107 bytes. A socket that nobody serves any more is replaced; that of workers whose superdaemon was killed is taken over. While workers are on their way out its file has a second name, `PATH.spare`.',
    },
    {
      name: 'path-mode',
      ours: true,
      value: { name: 'octal', parse: parseMode },
      help: 'mode of the Unix sockets (0777)',
    },
    {
      name: 'path-owner',
      ours: true,
      value: { name: 'user:group', parse: parseOwner },
      help: 'owner of the Unix sockets; either may be left out',
      manual:
        '`USER`, `:GROUP`, names or numbers. There is no moment in which the sockets are wider open than asked.',
    },
    {
      name: 'backlog',
      value: count('n', 'connections'),
      help: 'connections that the kernel may queue per socket; 0: SOMAXCONN',
    },
    {
      name: 'listen-fds',
      ours: true,
      help: 'hand the sockets over as systemd does, too, from descriptor 3 up',
      manual: 'Workers find `LISTEN_FDS`, `LISTEN_PID` and `LISTEN_FDNAMES`, beside `SERVER_STARTER_PORT`.',
    },
    {
      name: 'as',
      ours: true,
      value: { name: 'server', parse: parseServer, choices: serverNames },
      help: 'hand the sockets over as unicorn, puma, node … expects them, too',
      manual: `One of ${serverNames.join(', ')}: the variable in which that server looks for inherited sockets. It is set beside \`SERVER_STARTER_PORT\`. \`node\` is any server in Node, unmodified, also behind \`npm start\`: \`NODE_OPTIONS\` gets our preload, \`PORT\` is set unless it is there already, descriptors count from 100 up, and \`--ready=notify\` is the default.`,
    },
  ],
};
