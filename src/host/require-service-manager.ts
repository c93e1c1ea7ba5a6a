import type { StartOptions } from '../command-line/start-options.ts';
import type { Environment } from '../posix/process/caller.ts';
import { StartupError } from '../startup-error.ts';

/** Throws StartupError. */
export function requireServiceManager({ fdStore: asked }: StartOptions, environment: Environment): void {
  if (!asked || environment.has('NOTIFY_SOCKET')) return;
  throw new StartupError(
    '--fd-store: no service manager is there (NOTIFY_SOCKET is not set): it is for a unit of systemd with FileDescriptorStoreMax=',
  );
}
