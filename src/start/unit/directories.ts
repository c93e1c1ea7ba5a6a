// Where the service may write: in directories that systemd makes for it, or that are there; and so, whose it is.

import { dirname } from 'node:path';
import { StartupError } from '../../startup-error.ts';
import type { Located, UnitWorld } from './unit-request.ts';
import { quotedWord } from './unit-words.ts';

export interface Directories {
  readonly lines: readonly string[];
  /** uid of the owner of those that are there. */
  readonly owner: number | undefined;
}

/** Throws StartupError. */
export function directories(
  { made, options }: Located,
  { ownerOf }: Pick<UnitWorld, 'ownerOf'>,
): Directories {
  const kept = new Map<string, Set<string>>();
  const owners: number[] = [];
  for (const { option, path } of made) {
    const directory = dirname(path);
    const owner = ownerOf(directory);
    const [setting, value] = managed(directory, owner) ?? ['ReadWritePaths', quotedWord(directory)];
    if (setting === 'ReadWritePaths') {
      if (owner === undefined) throw new StartupError(`${option}: no such directory as ${directory}`);
      owners.push(owner);
      if (owner !== owners[0] && options.privileges?.user === undefined)
        throw new StartupError(
          `${option}: ${directory} belongs to another user than the directory before it`,
        );
    }
    kept.set(setting, (kept.get(setting) ?? new Set()).add(value));
  }
  const lines = Array.from(kept, ([setting, values]) => `${setting}=${[...values].join(' ')}`);
  return { lines, owner: owners[0] };
}

const MANAGED = [
  ['RuntimeDirectory', /^(?:\/var)?\/run\/(?!(?:lock|user|systemd|shm)(?:\/|$))(?<name>.+)$/],
  ['StateDirectory', /^\/var\/lib\/(?<name>.+)$/],
  ['CacheDirectory', /^\/var\/cache\/(?<name>.+)$/],
  ['LogsDirectory', /^\/var\/log\/(?<name>.+)$/],
] as const;

/** One that is there already systemd would give to the service: that may not be meant. /run is empty after a boot. */
function managed(directory: string, owner: number | undefined): [setting: string, name: string] | undefined {
  for (const [setting, pattern] of MANAGED) {
    const name = pattern.exec(directory)?.groups?.name;
    if (name === undefined || !/^[\w.-]+(?:\/[\w.-]+)*$/.test(name)) continue;
    if (setting === 'RuntimeDirectory' || owner === undefined) return [setting, name];
  }
  return undefined;
}
