import { readEnvdir } from '../files/envdir.ts';
import type { StartOptions } from '../options.ts';
import type { Caller, Environment } from '../posix/caller.ts';
import { reason } from '../posix/system-error.ts';
import { StartupError } from '../startup-error.ts';

/** The environment for the next attempt: what the caller gave, what the options export, what the envdir says now. */
export type EnvironmentSource = (warn: (message: string) => void) => Environment;

/** Throws StartupError when the envdir cannot be read; later on, its last good contents stand in for it. */
export function environmentSource({ envdir, exported }: StartOptions, caller: Caller): EnvironmentSource {
  const base: Environment = new Map([...caller.environment, ...exported]);
  if (envdir === undefined) return () => base;
  let last = firstRead(envdir);
  return (warn) => {
    try {
      last = readEnvdir(envdir, warn);
    } catch (error) {
      warn(`envdir ${envdir}: keeping what it held: ${reason(error)}`);
    }
    return new Map([...base, ...last]);
  };
}

function firstRead(envdir: string): Environment {
  try {
    return readEnvdir(envdir, () => {});
  } catch (error) {
    throw new StartupError(`--envdir=${envdir}: ${reason(error)}`, { cause: error });
  }
}
