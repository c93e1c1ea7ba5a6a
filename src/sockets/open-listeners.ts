import { makeRoom } from '../posix/file/descriptor.ts';
import { chooseNumbers, type WorkerDescriptors, warnAboutLost } from './fd-table.ts';
import { disposing, type Listener, type Listeners } from './listener.ts';
import { matchActivated } from './match-activated.ts';
import { type BindOptions, openListener } from './open-listener.ts';
import type { SocketSpec } from './socket-spec.ts';

export interface OpenListeners extends Listeners {
  /** The workers' descriptors for what each has for itself. */
  readonly ownNumbers: readonly number[];
}

/** All of them, in order, or none: throws a StartupError that names the option. `own`: what each worker has for itself. */
export async function openListeners(
  specs: readonly SocketSpec[],
  own: readonly SocketSpec[],
  options: BindOptions & WorkerDescriptors,
): Promise<OpenListeners> {
  const placed = matchActivated(specs, options.activated);
  const all = placed.map(({ spec }) => spec);
  const chosen = chooseNumbers([...all, ...own], options);
  const [numbers, ownNumbers] = [chosen.slice(0, all.length), chosen.slice(all.length)];
  const targets = new Set(chosen);
  if (options.consecutive) warnAboutLost(targets, options);
  if (chosen.length > 0) makeRoom(Math.max(...chosen));
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
  return { ...opened, ownNumbers };
}
