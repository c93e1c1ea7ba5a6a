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
      help: 'TCP: port, host:port, port=fd or host:port=fd; u53 is UDP (repeatable)',
      manual:
        '8080 is IPv4 on all addresses, 127.0.0.1:8080 one address, [::1]:8080 IPv6. =FD behind it chooses the ' +
        'descriptor in the worker.',
    },
    {
      name: 'path',
      value: { name: 'path', parse: parsePath, choices: 'file' },
      repeatable: true,
      help: 'Unix stream socket (repeatable)',
      manual:
        'At most 107 bytes. A socket that nobody serves any more is replaced. While workers are on their way out its file has a second name, PATH.spare.',
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
      manual: 'Names or numbers. There is no moment in which the sockets are wider open than asked.',
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
      manual: 'Workers find LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES.',
    },
    {
      name: 'as',
      ours: true,
      value: { name: 'server', parse: parseServer, choices: serverNames },
      help: 'and as unicorn, puma … expects them',
      manual: `One of ${serverNames.join(', ')}: the variable in which that server looks for inherited sockets.`,
    },
  ],
};
