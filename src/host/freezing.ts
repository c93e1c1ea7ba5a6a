// --freeze: what a deploy looks up once for all of its workers, where --dir leads and what the envdir holds.

import { realpathSync } from 'node:fs';
import type { StartOptions } from '../command-line/start-options.ts';
import { fromBytes, toBytes } from '../posix/libc/bytes.ts';
import type { Frozen } from '../superdaemon/frozen.ts';
import type { EnvironmentSource } from './environment-source.ts';

/** Returns what looks it up; undefined without --freeze, and while the directory cannot be found. */
export function freezing(
  { freeze, directory }: StartOptions,
  environment: EnvironmentSource,
  warn: (message: string) => void,
): () => Frozen | undefined {
  if (!freeze) return () => undefined;
  return () => {
    environment.read(warn);
    const envdir = environment.last();
    if (directory === undefined) return { directory, envdir };
    const resolved = resolve(directory);
    return resolved === undefined ? undefined : { directory: resolved, envdir };
  };
}

/** The spawn says what is wrong with one that cannot be resolved. */
function resolve(directory: string): string | undefined {
  try {
    return fromBytes(realpathSync(toBytes(directory), { encoding: 'buffer' }));
  } catch {
    return undefined;
  }
}
