// What can be told before anything is acquired: that it cannot have been meant, or will not work.

import { checkEnvdir } from '../files/envdir.ts';
import { refusePrivileges } from '../host/refuse-privileges.ts';
import { takeInOrphans } from '../workers/kill-tree.ts';
import type { Acquiring } from './acquire.ts';
import { refuseMistakenCommand } from './mistaken-command.ts';

const STDERR = 2;
const NO_SOCKET =
  'no socket is asked for (--port, --path): connections made while no worker runs are refused';

const NO_SOCKET_FOR_NODE =
  'warning: --as=node without a socket: the program listens by itself, and a deploy finds its port in use: add --port=PORT or --path=PATH';

/** Throws StartupError. */
export async function lookFirst(acquiring: Acquiring): Promise<void> {
  const { options, caller, activated, inherited, say, rehearsal } = acquiring;
  if (inherited !== undefined) return;
  refuseMistakenCommand(options, caller.environment);
  refusePrivileges(options);
  if (options.envdir) checkEnvdir(options.envdir);
  if (options.killTree) takeInOrphans();
  // To a person alone: the reference says nothing, and scripts compare. A rehearsal reports it.
  const none = options.sockets.length + activated.length === 0;
  if (none && options.server === 'node') return say(NO_SOCKET_FOR_NODE);
  if (!none || rehearsal !== undefined) return;
  // Here, for loading it takes nine milliseconds of a start.
  const { isatty } = await import('node:tty');
  if (isatty(STDERR)) say(NO_SOCKET);
}
