import { makeRoom } from '../posix/file/descriptor.ts';
import { chooseNumbers, type WorkerDescriptors, warnAboutLost } from './fd-table.ts';
import { disposing, type Listener, type Listeners } from './listener.ts';
import { matchActivated } from './match-activated.ts';
import { type BindOptions, openListener } from './open-listener.ts';
import type { SocketSpec } from './socket-spec.ts';

/** All of them, in order, or none: throws a StartupError that names the option. */
export async function openListeners(
  specs: readonly SocketSpec[],
  options: BindOptions & WorkerDescriptors,
): Promise<Listeners> {
  const placed = matchActivated(specs, options.activated);
  const all = placed.map(({ spec }) => spec);
  const numbers = chooseNumbers(all, options);
  const targets = new Set(numbers);
  if (options.consecutive) warnAboutLost(targets, options);
  if (numbers.length > 0) makeRoom(Math.max(...numbers));
  const listeners: Listener[] = [];
  const opened = disposing(listeners);
  try {
    for (const [index, to] of numbers.entries()) {
      const socket = placed[index];
      if (socket !== undefined) listeners.push(await openListener(socket, { ...options, to, targets }));
    }
  } catch (error) {
    opened[Symbol.dispose]();
    throw error;
  }
  return opened;
}
