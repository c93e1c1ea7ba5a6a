import { closedOnFailure, closeQuietly, duplicate } from '../posix/file/descriptor.ts';
import { park } from './fd-table.ts';
import type { Listener } from './listener.ts';
import type { ListenerRequest } from './open-listener.ts';
import type { SocketSpec } from './socket-spec.ts';

/** A socket that we have, for another command line. Its file is not its own to remove: we may go on with it. */
export function copyOf(
  ours: Listener,
  spec: SocketSpec,
  { to, targets, backlog }: ListenerRequest,
): Listener {
  const copy = duplicate(ours.from, 3);
  const from = closedOnFailure(copy, () => park(copy, to, targets));
  const { fdName, file } = ours;
  return {
    ...{ spec, name: spec.name, fdName, file, from, to },
    backlog: isCallers(ours) ? undefined : backlog,
    [Symbol.dispose]: () => closeQuietly(from),
  };
}

/** Our caller has bound it. */
export function isCallers({ backlog }: Listener): boolean {
  return backlog === undefined;
}
