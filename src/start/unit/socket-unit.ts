// The .socket: what systemd binds in our place, so that its names are those of --port and --path.

import { OPEN_TO_ALL } from '../../sockets/path-access.ts';
import type { SocketSpec } from '../../sockets/socket-spec.ts';
import { StartupError } from '../../startup-error.ts';
import { within } from './locate.ts';
import type { Located, UnitWorld } from './unit-request.ts';
import { plainPath } from './unit-words.ts';

/** Throws StartupError. */
export function socketUnit({ name, options }: Located, { directory }: UnitWorld): string {
  const { sockets, backlog, pathAccess } = options;
  if (sockets.length === 0) throw new StartupError('--print-unit=socket: needs --port or --path');
  const unnumbered = sockets.find((each) => each.kind !== 'unix' && each.port === 0);
  if (unnumbered !== undefined)
    throw new StartupError(`--print-unit=socket: ${unnumbered.option}: systemd needs the number of the port`);
  const isUnix = sockets.some(({ kind }) => kind === 'unix');
  const isIpv6 = sockets.some((each) => each.kind !== 'unix' && each.family === 'ipv6');
  const { mode, owner } = pathAccess;
  const lines = [
    ...sockets.map((each) => listenLine(each, directory)),
    ...(isIpv6 ? ['BindIPv6Only=ipv6-only'] : []),
    ...(isUnix && mode !== OPEN_TO_ALL ? [`SocketMode=0${mode.toString(8)}`] : []),
    ...(isUnix && owner !== undefined && owner.uid >= 0 ? [`SocketUser=${owner.uid}`] : []),
    ...(isUnix && owner !== undefined && owner.gid >= 0 ? [`SocketGroup=${owner.gid}`] : []),
    `Backlog=${backlog}`,
  ];
  return `[Unit]
Description=the sockets of ${name}, open also while no superdaemon runs

[Socket]
${lines.join('\n')}

[Install]
WantedBy=sockets.target
`;
}

function listenLine(spec: SocketSpec, directory: string): string {
  if (spec.kind === 'unix') return `ListenStream=${plainPath(within(directory, spec.path))}`;
  const host = spec.family === 'ipv6' ? `[${spec.host}]` : spec.host;
  return `Listen${spec.kind === 'udp' ? 'Datagram' : 'Stream'}=${host}:${spec.port}`;
}
