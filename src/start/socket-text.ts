import { boundAddress } from '../posix/socket/sockaddr.ts';
import type { InheritedListener } from '../sockets/listener.ts';

/** What a worker is going to find at which descriptor, for people. */
export function socketText({ to, name, spec, from }: InheritedListener): string {
  const start = `descriptor ${to} is ${name},`;
  if (spec.kind === 'unix') return `${start} Unix ${spec.path}`;
  const bound = boundAddress(from);
  const host =
    bound?.family === 'ipv6' ? `[${bound.host}]` : bound?.family === 'ipv4' ? bound.host : spec.host;
  return `${start} ${spec.kind.toUpperCase()} ${host}:${spec.port === 0 ? '(any free port)' : spec.port}`;
}
