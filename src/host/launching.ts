// How workers are started: by our command line, or, those of earlier deploys, by the one that these went by.

import type { Attempt, Policy } from '../superdaemon/host.ts';
import { spareSockets } from '../workers/spare-sockets.ts';
import { type AttemptSettings, attemptSettings, type SettingsOptions } from './attempt-settings.ts';
import type { EarlierConfiguration, EarlierConfigurations } from './earlier-configurations.ts';
import { openFilesOf } from './open-files-of.ts';
import { type AttemptSpawner, type AttemptWorld, attemptSpawner } from './spawn-attempt.ts';

export interface Launchings {
  readonly ours: Launching;
  /** For the workers of that deploy. */
  of(ordinal: number): Launching;
  /** See Host.policy. */
  policy(attempt?: Pick<Attempt, 'ordinal' | 'frozen'>): Policy;
}

/** By one command line. */
interface Launching extends AttemptSpawner {
  readonly settings: AttemptSettings;
}

type LaunchingWorld = AttemptWorld & Omit<SettingsOptions, 'spares'>;

export function launchingsOf(
  world: LaunchingWorld & { readonly earlier: EarlierConfigurations },
): Launchings {
  const ours = launching(world);
  /** Rarely asked for: somebody has died whom no deploy has replaced. */
  const theirs = new WeakMap<EarlierConfiguration, Launching>();
  const of = (ordinal: number): Launching => {
    const configuration = world.earlier.of(ordinal);
    if (configuration === undefined) return ours;
    const known = theirs.get(configuration) ?? launching(worldOf(configuration, world));
    theirs.set(configuration, known);
    return known;
  };
  const policy: Launchings['policy'] = (attempt) => {
    const its = attempt === undefined ? ours : of(attempt.ordinal);
    const read = its.settings.policy(attempt?.frozen);
    if (its === ours) return read;
    // How it says that it is ready is its own; all else is ours to say.
    const { intervalMs, readyTimeoutMs } = read;
    return { ...ours.settings.policy(), intervalMs, readyTimeoutMs };
  };
  return { ours, of, policy };
}

function launching(world: LaunchingWorld): Launching {
  const { options, caller, listeners, descriptors } = world;
  const spares = spareSockets(listeners, {
    ...{ server: options.server, others: [...descriptors, ...world.workerPorts.all()] },
    ...{ passedThrough: caller.descriptors, limit: openFilesOf(options, caller) },
  });
  const settings = attemptSettings({ ...world, spares });
  return { ...attemptSpawner({ ...world, descriptors: [...descriptors, ...spares] }, settings), settings };
}

function worldOf(its: EarlierConfiguration, world: LaunchingWorld): LaunchingWorld {
  const { options, environment, listeners, listening, workerPorts, readiness } = its;
  const { caller, watches, trees, note, log } = world;
  const { descriptors } = readiness;
  const theirs = { options, environment, listeners, listening, workerPorts, descriptors };
  return { ...theirs, caller, watches, trees, note, log };
}
